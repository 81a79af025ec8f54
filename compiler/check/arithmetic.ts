import type { BoundExpr, Expr, UpdateExpr } from '../model/ir.js';
import { type ScalarOp, scalars } from '../scalar/registry.js';
import { invariant } from '../support/bug.js';
import type { AxisTable } from './axes.js';
import type { ExpressionStore } from './intern.js';
import { scalarRange } from './scalar-range.js';
import { numberValue, rangeOf, type ScalarValue } from './value.js';

/** What nodes are made with. */
export interface NodeMaker extends ExpressionStore {
  readonly axes: AxisTable;
}

/**
 * `op` of scalars: a number where all are numbers, otherwise a node of the one kind there is. Shapes agree already.
 * Only what loses no shape is simplified: numbers among themselves, and neutral elements.
 */
export function applyScalar(maker: NodeMaker, op: ScalarOp, args: readonly ScalarValue[]): ScalarValue {
  const simple = simplified(maker, op, args);
  if (simple !== null) return simple;
  const range = scalarRange[op](...args.map(rangeOf));
  const kinds = [...new Set(args.map(arg => arg.kind))].filter(kind => kind !== 'number');
  invariant(kinds.length === 1, () => `${op} of values of different places: ${kinds.join(', ')}`);
  const { intern } = maker;
  switch (kinds[0]) {
    case 'tensor': {
      const exprs = args.map(arg => tensorExpr(maker, arg));
      const shape = exprs.find(expr => expr.shape.length > 0)?.shape ?? [];
      return { kind: 'tensor', expr: intern<Expr>({ kind: 'scalar', shape, op, args: exprs }), range };
    }
    case 'bound': {
      const exprs = args.map(arg => boundExpr(maker, arg));
      const axes = maker.axes.join(exprs.flatMap(expr => expr.axes));
      return { kind: 'bound', expr: intern<BoundExpr>({ kind: 'scalar', axes, op, args: exprs }), range };
    }
    default: {
      const exprs = args.map(arg => updateExpr(maker, arg));
      return { kind: 'update', expr: intern<UpdateExpr>({ kind: 'scalar', op, args: exprs }), range };
    }
  }
}

export function tensorExpr({ intern }: NodeMaker, value: ScalarValue): Expr {
  if (value.kind === 'number') return intern<Expr>({ kind: 'constant', shape: [], value: value.value });
  invariant(value.kind === 'tensor', () => `a ${value.kind} node in a network`);
  return value.expr;
}

export function boundExpr({ intern }: NodeMaker, value: ScalarValue): BoundExpr {
  if (value.kind === 'number') return intern<BoundExpr>({ kind: 'constant', axes: [], value: value.value });
  invariant(value.kind === 'bound', () => `a ${value.kind} node in a bound`);
  return value.expr;
}

export function updateExpr({ intern }: NodeMaker, value: ScalarValue): UpdateExpr {
  if (value.kind === 'number') return intern<UpdateExpr>({ kind: 'constant', value: value.value });
  invariant(value.kind === 'update', () => `a ${value.kind} node in an update`);
  return value.expr;
}

const isNumber = (value: ScalarValue | undefined, wanted: number) =>
  value?.kind === 'number' && value.value === wanted;

function simplified(maker: NodeMaker, op: ScalarOp, args: readonly ScalarValue[]): ScalarValue | null {
  if (args.every(arg => arg.kind === 'number')) {
    return numberValue(scalars[op].evaluate(...args.map(arg => arg.value)));
  }
  const [a, b] = args;
  switch (op) {
    case 'add':
      return isNumber(a, 0) ? b! : isNumber(b, 0) ? a! : null;
    case 'subtract':
      return isNumber(b, 0) ? a! : null;
    case 'multiply':
      return isNumber(a, 1) ? b! : isNumber(b, 1) ? a! : null;
    case 'divide':
      return isNumber(b, 1) ? a! : null;
    case 'power':
      if (isNumber(b, 1)) return a!;
      return isNumber(b, 2) ? applyScalar(maker, 'square', [a!]) : null;
    default:
      return null;
  }
}
