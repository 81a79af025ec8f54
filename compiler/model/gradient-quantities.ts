import { numberAlgebra } from '../scalar/algebra.js';
import { type ScalarOp, scalars } from '../scalar/registry.js';
import type { BoundExpr, QuantityName } from './ir.js';
import { boundChildren, nodesOf } from './traverse.js';

/** The quantities of a formula, each once. */
export const quantitiesOf = (root: BoundExpr): readonly QuantityName[] => collect(root, boundChildren);

/** Those that a gradient reaches. */
export const gradientQuantities = (root: BoundExpr): readonly QuantityName[] =>
  collect(root, differentiableChildren);

/** Whether the gradient of a formula passes through the draw of the latents: in `log_q_score` the draw stands still. */
export const isPathwise = (root: BoundExpr): boolean =>
  gradientQuantities(root).some(name => name !== 'log_q_score');

const collect = (
  root: BoundExpr,
  children: (expr: BoundExpr) => readonly BoundExpr[],
): readonly QuantityName[] => [
  ...new Set(
    nodesOf<BoundExpr>([root], children).flatMap(node => (node.kind === 'quantity' ? node.name : [])),
  ),
];

/** What a gradient flows into: not what is stopped or ranked, nor the argument of a step function. */
function differentiableChildren(expr: BoundExpr): readonly BoundExpr[] {
  if (expr.kind === 'stop' || expr.kind === 'rank') return [];
  if (expr.kind !== 'scalar') return boundChildren(expr);
  return expr.args.filter((_, index) => hasSlope(expr.op, index));
}

/** Which arguments have a derivative is the same at every point. */
function hasSlope(op: ScalarOp, index: number): boolean {
  const row = scalars[op];
  const ones = Array.from({ length: row.arity }, () => 1);
  return row.derivative(numberAlgebra, ones, row.evaluate(...ones))[index] !== null;
}
