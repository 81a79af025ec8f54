import type { BoundExpr, SampleAxis } from '../model/ir.js';
import type { Span } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { applyScalar, boundExpr } from './arithmetic.js';
import { type Frame, isInlining, namesFrom } from './frame.js';
import { reportRecursion, runBody } from './functions.js';
import { makeRange } from './range.js';
import { scalarRange } from './scalar-range.js';
import { bodyScope, report, type Scope } from './scope.js';
import { failed, isScalar, numberValue, rangeOf, type ScalarValue, type Value } from './value.js';

/** What reductions are written with. */
export const primitiveNames = ['sum', 'max', 'rank'] as const;
export type Primitive = (typeof primitiveNames)[number];

export const isPrimitive = (name: string): name is Primitive =>
  (primitiveNames as readonly string[]).includes(name);

export const productOf = (axes: readonly SampleAxis[]): number =>
  axes.reduce((product, axis) => product * axis.size, 1);

/** `name[axes](value)` for a value that is evaluated. */
export function applyPrimitive(
  scope: Scope,
  name: Primitive,
  axes: readonly SampleAxis[],
  value: ScalarValue,
  span: Span,
): Value {
  if (name === 'rank') return applyRank(scope, axes, value, span);
  return axes.reduce<ScalarValue>((reduced, axis) => reduceOver(scope, name, axis, reduced), value);
}

function reduceOver(scope: Scope, op: 'sum' | 'max', axis: SampleAxis, value: ScalarValue): ScalarValue {
  const { maker } = scope.session;
  // What does not vary along the axis is its own maximum, and its sum counts it for every sample.
  const varies = value.kind === 'bound' && (value.expr.axes as readonly string[]).includes(axis.id);
  if (!varies) return op === 'max' ? value : applyScalar(maker, 'multiply', [numberValue(axis.size), value]);
  const range = rangeOf(value);
  const arg = boundExpr(maker, value);
  const axes = arg.axes.filter(id => id !== axis.id);
  const expr = maker.intern<BoundExpr>({ kind: 'reduce', axes, op, over: axis.id, arg });
  const size = makeRange(axis.size, axis.size, false, false, true);
  return { kind: 'bound', expr, range: op === 'max' ? range : scalarRange.multiply(size, range) };
}

function applyRank(scope: Scope, axes: readonly SampleAxis[], value: ScalarValue, span: Span): Value {
  const { maker } = scope.session;
  const [over] = axes;
  if (over === undefined || axes.length > 1) {
    report(scope, 'rank-of-several-axes', span, { axes: axes.map(axis => axis.name) });
    return failed;
  }
  const arg = boundExpr(maker, value);
  const expr = maker.intern<BoundExpr>({
    kind: 'rank',
    axes: maker.axes.join([...arg.axes, over.id]),
    over: over.id,
    arg,
  });
  return { kind: 'bound', expr, range: makeRange(0, over.size - 1, false, false, true) };
}

/** A reduction of the library or the user's own, inlined for these axes. */
export function applyReduction(
  scope: Scope,
  declaration: ast.Reduction,
  axes: readonly SampleAxis[],
  value: ScalarValue,
  call: Span | null,
): Value {
  const { name } = declaration.name;
  const frame: Frame = { what: `the ${declaration.kind}`, name, declaration, call, parent: scope.frame };
  if (isInlining(scope.frame, declaration)) {
    return reportRecursion(
      scope,
      declaration.name,
      [...namesFrom(scope.frame, declaration), name],
      call ?? declaration.name.span,
    );
  }
  const names = new Map<string, Value>([[declaration.parameter.name, value]]);
  const inner = bodyScope(scope, frame, names, {
    axes: { kind: 'reduction', name: declaration.axis.name, axes },
  });
  const result = runBody(inner, declaration.body);
  if (!isScalar(result)) return failed;
  const ids = axes.map(axis => axis.id);
  const carried: readonly string[] = result.kind === 'bound' ? result.expr.axes : [];
  const kept = carried.some(id => ids.includes(id));
  if (kept && declaration.kind === 'reduction') {
    report(scope, 'reduction-keeps-axis', declaration.name.span, { name, axis: declaration.axis.name });
    return failed;
  }
  return result;
}
