import type { BoundExpr, Expr } from '../model/ir.js';
import type { ScalarOp } from '../scalar/registry.js';
import type { Span } from '../support/source.js';
import { quoted } from '../support/words.js';
import { applyScalar, tensorExpr } from './arithmetic.js';
import type { GivenArgument } from './calls.js';
import { anyReal, makeRange } from './range.js';
import { scalarRange } from './scalar-range.js';
import { report, type Scope } from './scope.js';
import { hintFor } from './types.js';
import {
  describe,
  failed,
  isScalar,
  numberValue,
  type ScalarValue,
  sameShape,
  shapeOf,
  tensorValue,
  type Value,
} from './value.js';

/** How messages write an operation. */
const symbols: Partial<Record<ScalarOp, string>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  negate: '-',
  power: '^',
  less: '<',
  less_equal: '<=',
  equal: '==',
};
const symbolOf = (op: ScalarOp) => symbols[op] ?? op;

/** Arguments as scalars, or null where one is none, which is reported. */
function asScalars(
  scope: Scope,
  operation: string,
  args: readonly GivenArgument[],
): readonly ScalarValue[] | null {
  const wrong = args.filter(({ value }) => !isScalar(value));
  for (const { value, span } of wrong) {
    if (value.kind === 'failed') continue;
    const facts = {
      what: `what ${quoted(operation)} works on`,
      found: describe(value),
      expected: 'a number or an array',
    };
    report(scope, 'type-mismatch', span, { ...facts, hint: hintFor(value) });
  }
  return wrong.length > 0 ? null : args.map(({ value }) => value as ScalarValue);
}

/** Elementwise `op`; a scalar meets every element of an array, and two arrays have one shape. */
export function applyOperation(
  scope: Scope,
  op: ScalarOp,
  args: readonly GivenArgument[],
  span: Span,
): Value {
  const operation = symbolOf(op);
  const scalars = asScalars(scope, operation, args);
  if (scalars === null) return failed;
  const arrays = args.filter(({ value }) => shapeOf(value).length > 0);
  const [first, ...others] = arrays;
  const other = others.find(({ value }) => !sameShape(shapeOf(value), shapeOf(first!.value)));
  if (first !== undefined && other !== undefined) {
    const facts = { operation, left: describe(first.value), right: describe(other.value) };
    const labels = [first, other].map(arg => ({
      span: arg.span,
      text: describe(arg.value).replaceAll('`', ''),
    }));
    report(scope, 'shape-mismatch', span, facts, labels);
    return failed;
  }
  const result = applyScalar(scope.session.maker, op, scalars);
  const isSound = result.kind === 'number' ? isHeld(result.value) : !dividesByZero(op, scalars);
  if (isSound) return result;
  report(scope, 'not-finite', span, { operation, values: scalars.map(describe) });
  return failed;
}

/** Devices compute with 32 bits. */
const isHeld = (value: number) => Number.isFinite(Math.fround(value));

const dividesByZero = (op: ScalarOp, [, divisor]: readonly ScalarValue[]) =>
  op === 'divide' && divisor?.kind === 'number' && divisor.value === 0;

/** Row vector [n] times matrix [n, m]: [m]. */
export function matrixProduct(scope: Scope, left: GivenArgument, right: GivenArgument, span: Span): Value {
  if (asScalars(scope, '@', [left, right]) === null) return failed;
  const vector = shapeOf(left.value);
  const matrix = shapeOf(right.value);
  if (vector.length !== 1 || matrix.length !== 2 || vector[0] !== matrix[0]) {
    const facts = { left: describe(left.value), right: describe(right.value), vector, matrix };
    const labels = [left, right].map(arg => ({
      span: arg.span,
      text: describe(arg.value).replaceAll('`', ''),
    }));
    report(scope, 'matrix-shape', span, facts, labels);
    return failed;
  }
  const { maker } = scope.session;
  const [a, b] = [left, right].map(({ value }) => tensorExpr(maker, value as ScalarValue));
  return tensorValue(maker.intern<Expr>({ kind: 'matmul', shape: [matrix[1]!], vector: a!, matrix: b! }));
}

const elementCount = (shape: readonly number[]) => shape.reduce((count, size) => count * size, 1);

/** Sum over all features. */
export function sumFeatures(scope: Scope, arg: GivenArgument): Value {
  if (arg.value.kind === 'number') return arg.value;
  if (arg.value.kind !== 'tensor') return notAnArray(scope, 'sum', arg);
  const { expr, range } = arg.value;
  const count = elementCount(expr.shape);
  const times = makeRange(count, count, false, false, true);
  const sum = scope.session.maker.intern<Expr>({ kind: 'sum', shape: [], arg: expr });
  return tensorValue(sum, scalarRange.multiply(times, range));
}

/** Mean over all features; of a data set, over its rows. */
export function meanFeatures(scope: Scope, arg: GivenArgument, span: Span): Value {
  const { maker } = scope.session;
  if (arg.value.kind === 'dataset') {
    // Bounds, optimizers and schedules work on numbers of a run, networks on arrays of a model.
    if (scope.site === null) return notInNetwork(scope, arg, span);
    const { name, shape, element } = arg.value.data;
    const expr = maker.intern<Expr>({ kind: 'statistic', shape, statistic: 'mean', data: name });
    return tensorValue(expr, statisticRange[element]);
  }
  const sum = sumFeatures(scope, arg);
  if (sum.kind === 'failed') return failed;
  const count = numberValue(elementCount(shapeOf(arg.value)));
  const asArgument = (value: Value): GivenArgument => ({ name: null, value, span });
  return applyOperation(scope, 'divide', [asArgument(sum), asArgument(count)], span);
}

function notInNetwork(scope: Scope, { value }: GivenArgument, span: Span): Value {
  const expected = 'a number: what the data set says is for the initial values of parameters';
  report(scope, 'type-mismatch', span, {
    what: 'what `mean` works on here',
    found: describe(value),
    expected,
    hint: null,
  });
  return failed;
}

const statisticRange = {
  real: anyReal,
  positive: makeRange(0, Infinity, true),
  unit: makeRange(0, 1),
  binary: makeRange(0, 1),
  byte: makeRange(0, 255),
  int: anyReal,
};

function notAnArray(scope: Scope, operation: string, { value, span }: GivenArgument): Value {
  if (value.kind === 'failed') return failed;
  const facts = { what: `what ${quoted(operation)} works on`, found: describe(value), expected: 'an array' };
  report(scope, 'type-mismatch', span, { ...facts, hint: hintFor(value) });
  return failed;
}

/** The same value, through which no gradient flows. */
export function stopGradient(scope: Scope, arg: GivenArgument): Value {
  const scalars = asScalars(scope, 'stop', [arg]);
  const value = scalars?.[0];
  const { intern } = scope.session.maker;
  switch (value?.kind) {
    case 'tensor':
      return { ...value, expr: intern<Expr>({ kind: 'stop', shape: value.expr.shape, arg: value.expr }) };
    case 'bound':
      return { ...value, expr: intern<BoundExpr>({ kind: 'stop', axes: value.expr.axes, arg: value.expr }) };
    default:
      return value ?? failed;
  }
}
