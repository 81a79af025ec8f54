import type { Expr } from '../model/ir.js';
import { expressionChildren, nodesOf } from '../model/traverse.js';

/** Whether any node of this expression is as asked. */
export const someNode = (expr: Expr, wanted: (node: Expr) => boolean): boolean =>
  nodesOf([expr], expressionChildren).some(wanted);
