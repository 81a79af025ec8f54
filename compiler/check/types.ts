import { suggest } from '../diagnostics/index.js';
import type { ElementType } from '../model/ir.js';
import type { Span } from '../support/source.js';
import { spanText } from '../support/source.js';
import { quoted } from '../support/words.js';
import type * as ast from '../syntax/ast.js';
import { contains, elementOf, elementRanges, isElementType, type Range } from './range.js';
import { evaluate, report, type Scope } from './scope.js';
import {
  describe,
  failed,
  isScalar,
  numberValue,
  rangeOf,
  type ScalarValue,
  shapeOf,
  shapeText,
  type Value,
} from './value.js';

/** A value on its way to a place of a declared type. `what` names that place: the argument `size` of `dense`. */
export interface Given {
  readonly value: Value;
  readonly span: Span;
  readonly what: string;
}

export const typeNames = [...Object.keys(elementRanges), 'function'];

/**
 * `given` if it is of `type`, otherwise reported and failed. Dimensions that are free names are bound in `scope`.
 * A type without dimensions takes any shape: what it is for works element by element. `int` is known when compiling.
 */
export function checkType(scope: Scope, type: ast.TypeExpression, given: Given): Value {
  const checked = checkKind(scope, type, given);
  if (checked.kind === 'failed') failFreeSizes(scope, type);
  return checked;
}

/** What is not known because of a mistake elsewhere must not be reported as unknown. */
function failFreeSizes(scope: Scope, { dimensions }: ast.TypeExpression): void {
  for (const dimension of dimensions ?? []) {
    if (dimension.kind === 'name' && !scope.names.has(dimension.name))
      scope.names.set(dimension.name, failed);
  }
}

function checkKind(scope: Scope, type: ast.TypeExpression, given: Given): Value {
  const { value } = given;
  if (value.kind === 'failed') return failed;
  const { name } = type.name;
  if (name === 'function') return value.kind === 'function' ? value : mismatch(scope, type, given);
  if (!isElementType(name)) {
    report(scope, 'unknown-type', type.name.span, {
      name,
      suggestion: suggest(name, typeNames),
      known: typeNames,
    });
    return failed;
  }
  if (type.dimensions?.length === 0) return checkList(scope, type, given);
  if (!isScalar(value)) return mismatch(scope, type, given);
  if (name === 'int' && type.dimensions === null) return checkInteger(scope, type, given);
  if (type.dimensions !== null && !checkDimensions(scope, type, type.dimensions, given)) return failed;
  return checkRange(scope, type, given, value);
}

function mismatch(scope: Scope, type: ast.TypeExpression, { value, span, what }: Given): Value {
  const expected = type.name.name === 'function' ? 'a function, such as `tanh`' : quoted(spanText(type.span));
  report(scope, 'type-mismatch', span, { what, found: describe(value), expected, hint: hintFor(value) });
  return failed;
}

/** What someone who wrote this where a number belongs most likely wants. */
export function hintFor(value: Value): string | null {
  switch (value.kind) {
    case 'distribution':
      return 'draw from it first, with `~`, and use the name of the draw';
    case 'dataset':
      return `the mean of its rows is ${quoted(`mean(data ${value.data.name})`)}; the datum at hand is ${quoted(value.data.name)}`;
    case 'function':
      return `call it, as in ${quoted(`${value.name}(…)`)}`;
    default:
      return null;
  }
}

function checkList(scope: Scope, type: ast.TypeExpression, given: Given): Value {
  const { value, span, what } = given;
  if (value.kind !== 'list') {
    const one =
      value.kind === 'number' ? `a list of one is written ${quoted(`[${value.value}]`)}` : hintFor(value);
    const expected = `a list, ${quoted(spanText(type.span))}`;
    report(scope, 'type-mismatch', span, { what, found: describe(value), expected, hint: one });
    return failed;
  }
  const element = { ...type, dimensions: null };
  const elements = value.elements.map((item, index) =>
    checkType(scope, element, { value: item, span, what: `element ${index + 1} of ${what}` }),
  );
  return elements.some(item => item.kind === 'failed') ? failed : value;
}

function checkInteger(scope: Scope, type: ast.TypeExpression, given: Given): Value {
  const { value, span, what } = given;
  if (value.kind !== 'number') {
    report(scope, 'not-known-at-compile-time', span, { what, found: describe(value) });
    return failed;
  }
  if (Number.isSafeInteger(value.value)) return value;
  report(scope, 'type-mismatch', span, {
    what,
    found: describe(value),
    expected: `a whole number, ${quoted(spanText(type.span))}`,
    hint: null,
  });
  return failed;
}

function checkDimensions(
  scope: Scope,
  type: ast.TypeExpression,
  dimensions: readonly ast.Expression[],
  given: Given,
): boolean {
  const shape = shapeOf(given.value);
  const wanted = dimensions.map((dimension, index) => {
    const free = dimension.kind === 'name' && !scope.names.has(dimension.name);
    if (!free) return evaluate(dimension, scope);
    const size = shape[index];
    if (size !== undefined && shape.length === dimensions.length)
      scope.names.set(dimension.name, numberValue(size));
    return null;
  });
  if (wanted.some(size => size?.kind === 'failed')) return false;
  const agrees =
    shape.length === dimensions.length &&
    wanted.every((size, index) => size === null || (size.kind === 'number' && size.value === shape[index]));
  if (agrees) return true;
  const known = wanted.map((size, index) =>
    size?.kind === 'number' ? String(size.value) : spanText(dimensions[index]!.span),
  );
  const { value, span, what } = given;
  report(scope, 'argument-shape', span, {
    what,
    found: describe(value),
    expected: `${type.name.name}[${known.join(', ')}]`,
    rank: shape.length,
    wantedRank: dimensions.length,
  });
  return false;
}

function checkRange(scope: Scope, type: ast.TypeExpression, given: Given, value: ScalarValue): Value {
  const { name } = type.name;
  if (!isElementType(name) || contains(elementRanges[name], rangeOf(value))) return value;
  const found =
    value.kind === 'number' ? describe(value) : quoted(elementOf(rangeOf(value)) + shapeText(shapeOf(value)));
  const text = spanText(given.span).replaceAll(/\s+/g, ' ');
  report(scope, 'support-mismatch', given.span, {
    what: given.what,
    found,
    expected: name,
    text: text.length > 40 ? '…' : text,
    reach: value.kind === 'number' ? null : reach(name, rangeOf(value)),
  });
  return failed;
}

/** How a value may leave the type that is wanted. */
function reach(element: ElementType, { low, high }: Range): string {
  const wanted = elementRanges[element];
  if (wanted.whole) return 'which may be any number';
  if (element === 'positive') return low < 0 ? 'which may be negative' : 'which may be 0';
  if (low < wanted.low && high > wanted.high) return `which may be anything`;
  return low < wanted.low ? `which may be below ${wanted.low}` : `which may be above ${wanted.high}`;
}

/** The sizes that a shape names, or null where one is wrong, which is reported. */
export function evaluateShape(scope: Scope, dimensions: readonly ast.Expression[]): readonly number[] | null {
  const sizes = dimensions.map(dimension => {
    const value = evaluate(dimension, scope);
    if (value.kind === 'failed') return null;
    if (
      value.kind === 'number' &&
      Number.isSafeInteger(value.value) &&
      value.value >= 1 &&
      value.value <= largestSize
    ) {
      return value.value;
    }
    report(scope, 'invalid-size', dimension.span, { found: describe(value), largest: largestSize });
    return null;
  });
  return sizes.includes(null) ? null : (sizes as number[]);
}

/** Arrays of more elements than this in one dimension exceed every device's buffers. */
const largestSize = 2 ** 24;
