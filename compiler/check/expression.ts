import type { Expr } from '../model/ir.js';

export function childrenOf(expr: Expr): readonly Expr[] {
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
}

/** Whether any node of these expressions, each shared one visited once, is as asked. */
export function someNode(expr: Expr, wanted: (node: Expr) => boolean): boolean {
  const seen = new Set<Expr>();
  const visit = (node: Expr): boolean => {
    if (seen.has(node)) return false;
    seen.add(node);
    return wanted(node) || childrenOf(node).some(visit);
  };
  return visit(expr);
}
