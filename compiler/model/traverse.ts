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

/** Every node that `roots` are made of, each once, arguments before their users. */
export function nodesOf<Node extends object>(
  roots: readonly Node[],
  childrenOf: (node: Node) => readonly Node[],
): readonly Node[] {
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    for (const child of childrenOf(node)) visit(child);
    seen.add(node);
  };
  roots.forEach(visit);
  return [...seen];
}
