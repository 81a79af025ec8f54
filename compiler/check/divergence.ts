import type { BoundExpr, Expr, Objective } from '../model/ir.js';
import { boundChildren, nodesOf } from '../model/traverse.js';
import type { Span } from '../support/source.js';
import { tensorExpr } from './arithmetic.js';
import { divergenceOf, hasDivergence } from './distribution.js';
import { someNode } from './expression.js';
import type { DrawnFactor } from './network.js';
import { noAmbient, report, type Scope, type Session } from './scope.js';
import { isScalar, sameShape } from './value.js';

interface Networks {
  readonly recognition: readonly DrawnFactor[];
  readonly generative: readonly DrawnFactor[];
}

type Divergence = Extract<BoundExpr, { kind: 'quantity' }>;
const isDivergence = (node: BoundExpr): node is Divergence => node.kind === 'quantity' && node.name === 'kl';

/** KL(q ‖ p) in closed form, elementwise, for each latent that has one; where the objective asks for one that is not there, why is reported. */
export function elaborateDivergences(
  session: Session,
  objective: Objective,
  networks: Networks,
  span: Span,
): ReadonlyMap<string, Expr> {
  const scope: Scope = { session, names: new Map(), ambient: noAmbient, site: null, axes: null, frame: null };
  const clauses = [objective.value, objective.generative, objective.recognition];
  const asked = nodesOf<BoundExpr>(clauses, boundChildren).filter(isDivergence);
  const found = new Map<string, Expr>();
  if (asked.length > 0 && clauses.some(clause => isNonlinear(clause)))
    report(scope, 'kl-not-linear', span, {});
  const all = asked.some(({ layer }) => layer === null);
  for (const [position, drawn] of networks.recognition.entries()) {
    const isAsked = all || asked.some(({ layer }) => layer === drawn.name);
    const before = new Set(networks.recognition.slice(0, position).map(({ name }) => name));
    const expr = divergenceOfLayer(scope, drawn, networks, before, isAsked);
    if (expr !== null) found.set(drawn.name, expr);
  }
  return found;
}

function divergenceOfLayer(
  scope: Scope,
  q: DrawnFactor,
  networks: Networks,
  before: ReadonlySet<string>,
  isAsked: boolean,
): Expr | null {
  const p = networks.generative.find(({ name }) => name === q.name);
  // What is missing is reported already.
  if (!q.distribution || !q.factor || !p?.distribution || !p.factor) return null;
  if (!sameShape(q.factor.shape, p.factor.shape)) return null;
  const { name } = q;
  const facts = { name, recognition: q.factor.distribution, generative: p.factor.distribution };
  const labels = [{ span: p.span, text: `p of \`${name}\`` }];
  const { logProb } = p.factor;
  const later = networks.recognition.find(
    other => other !== q && !before.has(other.name) && reads(logProb, other.name),
  );
  if (later !== undefined) {
    if (isAsked) report(scope, 'no-analytic-kl', q.span, { ...facts, later: later.name }, labels);
    return null;
  }
  if (
    q.distribution.declaration !== p.distribution.declaration ||
    !hasDivergence(q.distribution.declaration)
  ) {
    if (isAsked) report(scope, 'no-analytic-kl', q.span, { ...facts, later: null }, labels);
    return null;
  }
  const value = divergenceOf(scope, q.distribution, p.distribution);
  return isScalar(value) ? tensorExpr(scope.session.maker, value) : null;
}

const reads = (expr: Expr, name: string): boolean =>
  someNode(expr, node => node.kind === 'variable' && node.name === name);

const hasQuantity = (expr: BoundExpr): boolean =>
  nodesOf<BoundExpr>([expr], boundChildren).some(({ kind }) => kind === 'quantity');

/**
 * Whether some `kl` stands where the samples do not enter linearly. It is an expectation already: only under sums, and
 * multiplied by what depends on no sample, does it stand for the mean of log q − log p.
 */
function isNonlinear(root: BoundExpr): boolean {
  const holdsDivergence = (expr: BoundExpr) => nodesOf<BoundExpr>([expr], boundChildren).some(isDivergence);
  switch (root.kind) {
    case 'scalar':
      return root.args.some((arg, index) => {
        if (!holdsDivergence(arg)) return false;
        const others = root.args.filter((_, other) => other !== index);
        return !isLinear(root.op, index, others) || isNonlinear(arg);
      });
    case 'reduce':
      return root.op === 'sum' ? isNonlinear(root.arg) : holdsDivergence(root.arg);
    case 'rank':
      return holdsDivergence(root.arg);
    case 'stop':
      return isNonlinear(root.arg);
    default:
      return false;
  }
}

/** Whether `op` is linear in its argument at `index`, given what the others are. */
function isLinear(
  op: Extract<BoundExpr, { kind: 'scalar' }>['op'],
  index: number,
  others: readonly BoundExpr[],
) {
  if (op === 'add' || op === 'subtract' || op === 'negate') return true;
  if (op === 'multiply' || (op === 'divide' && index === 0)) return !others.some(hasQuantity);
  return false;
}
