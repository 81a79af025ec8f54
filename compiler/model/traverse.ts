import type { BoundExpr, Expr, UpdateExpr } from './ir.js';

export const expressionChildren = (expr: Expr): readonly Expr[] => {
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

export const boundChildren = (expr: BoundExpr): readonly BoundExpr[] => {
  switch (expr.kind) {
    case 'scalar':
      return expr.args;
    case 'reduce':
    case 'rank':
    case 'stop':
      return [expr.arg];
    default:
      return [];
  }
};

export const updateChildren = (expr: UpdateExpr): readonly UpdateExpr[] =>
  expr.kind === 'scalar' ? expr.args : [];

/** Every node that `roots` are made of, each once, arguments before their users. Does not recurse: chains can be long. */
export function nodesOf<Node extends object>(
  roots: readonly Node[],
  childrenOf: (node: Node) => readonly Node[],
): readonly Node[] {
  const done = new Set<Node>();
  const pending = [...roots].reverse();
  for (let node = pending.at(-1); node !== undefined; node = pending.at(-1)) {
    const waiting = done.has(node) ? [] : childrenOf(node).filter(child => !done.has(child));
    if (waiting.length > 0) pending.push(...waiting.reverse());
    else done.add(pending.pop()!);
  }
  return [...done];
}
