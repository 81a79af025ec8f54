import { suggest } from '../diagnostics/index.js';
import type { SampleAxis } from '../model/ir.js';
import { quoted } from '../support/words.js';
import type * as ast from '../syntax/ast.js';
import type { GivenArgument } from './calls.js';
import { reportUnknown } from './lookup.js';
import { applyPrimitive, applyReduction, isPrimitive, primitiveNames, productOf } from './reductions.js';
import { type AxisContext, evaluate, innerScope, report, type Scope } from './scope.js';
import { describe, failed, isScalar, numberValue, type ScalarValue, type Value } from './value.js';

/** More samples than this for one datum are a slip of the pen. */
export const largestSampleCount = 1_000_000;

/** `logmeanexp[k1, k2](e)`: reduces over sample axes, which `e` carries because they are named here. */
export function callAxes(
  scope: Scope,
  { callee, arguments: written, span }: ast.Call,
  identifiers: readonly ast.Identifier[],
  piped: GivenArgument | null,
): Value {
  const { name } = callee;
  const declaration = scope.session.library.reductions.get(name);
  if (declaration === undefined && !isPrimitive(name)) {
    reportUnknown(name, callee.span, scope, [...scope.session.library.reductions.keys(), ...primitiveNames]);
    return failed;
  }
  if (identifiers.length === 0) {
    report(scope, 'axis-missing', callee.span, { operation: name });
    return failed;
  }
  const axes = resolveAxes(scope, identifiers);
  const [argument, ...more] = written;
  if (piped !== null || argument === undefined || more.length > 0) {
    const last = more[more.length - 1]?.value.span;
    if (argument === undefined)
      report(scope, 'missing-argument', span, { callee: name, missing: ['v'], parameters: ['v'] });
    else
      report(scope, 'too-many-arguments', last ?? span, {
        callee: name,
        found: written.length,
        parameters: ['v'],
      });
    return failed;
  }
  if (axes === null) return failed;
  const keeps = declaration?.kind === 'weights' || name === 'rank';
  const inner = openAxes(scope, axes, identifiers, keeps, name);
  if (inner === null) return failed;
  const value = asBoundScalar(inner, name, {
    name: null,
    value: evaluate(argument.value, inner),
    span: argument.value.span,
  });
  if (value === null) return failed;
  return declaration === undefined
    ? applyPrimitive(scope, name as (typeof primitiveNames)[number], axes, value, span)
    : applyReduction(scope, declaration, axes, value, span);
}

function asBoundScalar(scope: Scope, name: string, { value, span }: GivenArgument): ScalarValue | null {
  if (isScalar(value)) return value;
  if (value.kind !== 'failed') {
    const facts = {
      what: `what ${quoted(name)} works on`,
      found: describe(value),
      expected: 'a quantity of the bound',
    };
    report(scope, 'type-mismatch', span, { ...facts, hint: null });
  }
  return null;
}

/** The product of the sizes of the named axes. */
export function sizeOfAxes(scope: Scope, { indices, span }: ast.Index): Value {
  const identifiers: ast.Identifier[] = [];
  if (indices.length === 0) {
    report(scope, 'axis-expected', span, {});
    return failed;
  }
  for (const index of indices) {
    if (index.kind === 'name') identifiers.push({ name: index.name, span: index.span });
    else if (index.kind !== 'hole') report(scope, 'axis-expected', index.span, {});
  }
  const axes = identifiers.length < indices.length ? null : resolveAxes(scope, identifiers);
  return axes === null ? failed : numberValue(productOf(axes));
}

/** The axes of these names, or null where one is wrong, which is reported. */
function resolveAxes(scope: Scope, identifiers: readonly ast.Identifier[]): readonly SampleAxis[] | null {
  const { axes } = scope;
  if (axes === null) {
    report(scope, 'axis-outside-bound', identifiers[0]!.span, { axis: identifiers[0]!.name });
    return null;
  }
  const resolved = identifiers.map(identifier =>
    axes.kind === 'reduction' ? ownAxis(scope, axes, identifier) : boundAxis(scope, identifier),
  );
  return resolved.includes(null) ? null : resolved.flatMap(found => found ?? []);
}

function ownAxis(
  scope: Scope,
  axes: AxisContext & { kind: 'reduction' },
  { name, span }: ast.Identifier,
): readonly SampleAxis[] | null {
  if (name === axes.name) return axes.axes;
  report(scope, 'unknown-axis', span, { name, suggestion: axes.name, known: [axes.name] });
  return null;
}

function boundAxis(scope: Scope, { name, span }: ast.Identifier): readonly SampleAxis[] | null {
  const value = scope.names.get(name);
  if (value?.kind === 'failed') return null;
  const binding = value?.kind === 'number' ? value.axis : undefined;
  if (binding === undefined) {
    const known = [...scope.names].flatMap(([key, item]) =>
      item.kind === 'number' && item.axis ? [key] : [],
    );
    report(scope, 'unknown-axis', span, { name, suggestion: suggest(name, known), known });
    return null;
  }
  if (binding.size >= 1 && binding.size <= largestSampleCount) return [scope.session.maker.axes.use(binding)];
  const { name: axis, size } = binding;
  const facts = { name: axis, size, largest: largestSampleCount, sizes: [size] };
  report({ ...scope, frame: scope.frame?.parent ?? null }, 'axis-size', binding.span, facts);
  return null;
}

/** The scope of a reduction's argument: what stands there has a value for each sample of `axes` too. */
function openAxes(
  scope: Scope,
  axes: readonly SampleAxis[],
  identifiers: readonly ast.Identifier[],
  keeps: boolean,
  callee: string,
): Scope | null {
  if (scope.axes?.kind !== 'bound') return scope;
  const { open } = scope.axes;
  for (const [index, axis] of axes.entries()) {
    const isOpen = open.includes(axis);
    const { name, span } = identifiers[index]!;
    if (isOpen && !keeps) {
      report(scope, 'axis-reduced-twice', span, { axis: name });
      return null;
    }
    if (!isOpen && keeps) {
      report(scope, 'axis-not-reduced', span, { axis: name, what: `${callee}[${name}](…)` });
      return null;
    }
  }
  const opened = [...open, ...axes.filter(axis => !open.includes(axis))];
  if (productOf(opened) > largestSampleCount) {
    const { name, span } = identifiers[0]!;
    const facts = {
      name,
      size: productOf(opened),
      largest: largestSampleCount,
      sizes: opened.map(axis => axis.size),
    };
    report(scope, 'axis-size', span, facts);
    return null;
  }
  return innerScope(scope, { axes: { ...scope.axes, open: opened } });
}
