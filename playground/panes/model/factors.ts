import type { Factor, TypedModel } from 'iwaec';

type Expr = Factor['logProb'];

const argumentsOf = (expr: Expr): readonly Expr[] => {
  switch (expr.kind) {
    case 'scalar':
      return expr.args;
    case 'matmul':
      return [expr.vector, expr.matrix];
    case 'sum':
    case 'stop':
      return [expr.arg];
    default:
      return [];
  }
};

/** Everything below some expressions, each node once: they share nodes. */
function reachable(roots: readonly Expr[]): readonly Expr[] {
  const seen = new Set<Expr>();
  const waiting = [...roots];
  for (let expr = waiting.pop(); expr !== undefined; expr = waiting.pop()) {
    if (seen.has(expr)) continue;
    seen.add(expr);
    waiting.push(...argumentsOf(expr));
  }
  return [...seen];
}

/** A factor with what it is conditioned on. */
export interface FactorFacts {
  readonly factor: Factor;
  readonly parents: readonly string[];
  /** Count of the parameters that it depends on; several factors may share some. */
  readonly parameters: number;
}

export function factsOf(model: TypedModel, factor: Factor): FactorFacts {
  const nodes = reachable([factor.logProb, factor.sample]);
  const names = (kind: 'variable' | 'parameter') =>
    new Set(nodes.flatMap(node => (node.kind === kind && 'name' in node ? [node.name] : [])));
  const used = names('parameter');
  const sizes = model.parameters
    .filter(({ name }) => used.has(name))
    .map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  return {
    factor,
    parents: [...names('variable')].filter(name => name !== factor.variable),
    parameters: sizes.reduce((sum, size) => sum + size, 0),
  };
}

/** `q(h | x)`. */
export const factorText = ({ factor, parents }: FactorFacts): string => {
  const given = parents.length === 0 ? '' : ` | ${parents.join(', ')}`;
  return `${factor.role === 'recognition' ? 'q' : 'p'}(${factor.variable}${given})`;
};
