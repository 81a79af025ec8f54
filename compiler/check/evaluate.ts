import { suggest } from '../diagnostics/index.js';
import type * as ast from '../syntax/ast.js';
import { callAxes, sizeOfAxes } from './axis-calls.js';
import { callBound } from './bound.js';
import { evaluateArguments, type GivenArgument } from './calls.js';
import { callFunction, isTooLarge, replicate, reportTooLarge } from './functions.js';
import { findFunction, functionNames, lookup, reportUnknown } from './lookup.js';
import { applyOperation, matrixProduct } from './operations.js';
import { isPrimitive } from './reductions.js';
import { innerScope, report, type Scope } from './scope.js';
import { describe, failed, numberValue, type Value } from './value.js';

/** The value of an expression. Whatever is wrong is reported, and its value is `failed`. */
export function evaluate(expression: ast.Expression, scope: Scope): Value {
  const { observe, model } = scope.session;
  if (observe === null || scope.frame !== null) return valueAt(expression, scope);
  const before = model.parameters.size;
  const value = valueAt(expression, scope);
  observe({ expression, value, parameters: [...model.parameters.values()].slice(before) });
  return value;
}

function valueAt(expression: ast.Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'number':
      return numberValue(expression.value);
    case 'name':
      return lookup(expression.name, expression.span, scope);
    case 'list':
      return { kind: 'list', elements: expression.elements.map(element => evaluate(element, scope)) };
    case 'data-reference':
      return dataReference(expression, scope);
    case 'unary':
      return applyOperation(scope, 'negate', [argumentOf(expression.operand, scope)], expression.span);
    case 'binary':
      return binary(expression, scope);
    case 'call':
      return call(expression, scope, null);
    case 'index':
      return index(expression, scope, null);
    case 'fold':
      return fold(expression, scope);
    case 'hole':
      return failed;
  }
}

const argumentOf = (expression: ast.Expression, scope: Scope): GivenArgument => ({
  name: null,
  value: evaluate(expression, scope),
  span: expression.span,
});

function dataReference({ name }: ast.DataReference, scope: Scope): Value {
  const { data } = scope.session.model;
  const variable = data.get(name.name);
  if (variable !== undefined) return { kind: 'dataset', data: variable };
  const suggestion = suggest(name.name, data.keys());
  report(scope, 'unknown-data', name.span, { name: name.name, suggestion, known: [...data.keys()] });
  return failed;
}

const operators = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '^': 'power',
  '<': 'less',
  '<=': 'less_equal',
  '==': 'equal',
} as const;

function binary(expression: ast.Binary, scope: Scope): Value {
  const { operator, span } = expression;
  if (operator === '|>') return pipe(expression, scope);
  const left = argumentOf(expression.left, scope);
  const right = argumentOf(expression.right, scope);
  switch (operator) {
    case '@':
      return matrixProduct(scope, left, right, span);
    case '>':
      return applyOperation(scope, 'less', [right, left], span);
    case '>=':
      return applyOperation(scope, 'less_equal', [right, left], span);
    default:
      return applyOperation(scope, operators[operator], [left, right], span);
  }
}

/** `x |> f(a)` is `f(x, a)`; `x |> f` is `f(x)`. */
function pipe({ left, right }: ast.Binary, scope: Scope): Value {
  const piped = argumentOf(left, scope);
  switch (right.kind) {
    case 'call':
      return call(right, scope, piped);
    case 'index':
      return index(right, scope, piped);
    case 'name': {
      const callee = { name: right.name, span: right.span };
      return call({ kind: 'call', callee, axes: null, arguments: [], span: right.span }, scope, piped);
    }
    case 'hole':
      return failed;
    default:
      report(scope, 'pipe-target', right.span, {});
      return failed;
  }
}

function call(expression: ast.Call, scope: Scope, piped: GivenArgument | null): Value {
  const { callee, axes, span } = expression;
  if (axes !== null) return callAxes(scope, expression, axes, piped);
  const local = scope.names.get(callee.name);
  if (local?.kind === 'failed') return failed;
  if (local !== undefined && local.kind !== 'function') {
    report(scope, 'not-callable', callee.span, { name: callee.name, found: describe(local) });
    return failed;
  }
  if (scope.axes?.kind === 'bound' && local === undefined) {
    const bound = scope.session.library.bounds.get(callee.name);
    if (bound !== undefined)
      return callBound(scope, bound, evaluateArguments(scope, expression.arguments, piped), span);
  }
  if (local === undefined && lacksAxes(callee.name, scope)) {
    report(scope, 'axis-missing', span, { operation: callee.name });
    return failed;
  }
  const target = local ?? findFunction(callee.name, scope);
  const given = evaluateArguments(scope, expression.arguments, piped);
  if (target === null) {
    const bounds = scope.axes?.kind === 'bound' ? scope.session.library.bounds.keys() : [];
    reportUnknown(callee.name, callee.span, scope, [...functionNames(scope), ...bounds]);
    return failed;
  }
  return callFunction(scope, target, given, span);
}

/** Where there are samples and no features, `mean(v)` is a slip for `mean[k](v)`. */
const lacksAxes = (name: string, { axes, session }: Scope): boolean =>
  axes !== null && (session.library.reductions.has(name) || isPrimitive(name));

/** `normal(0, 1)[50]` repeats a distribution; `log_q[h]` and `size[k]` are the place's own. */
function index(expression: ast.Index, scope: Scope, piped: GivenArgument | null): Value {
  const { target, indices, span } = expression;
  if (target.kind === 'name' && !scope.names.has(target.name)) {
    if (target.name === 'size' && scope.axes !== null) return sizeOfAxes(scope, expression);
    const layer = scope.ambient.indexed?.(target.name, indices, scope, span) ?? null;
    if (layer !== null) return layer;
  }
  const value = target.kind === 'call' ? call(target, scope, piped) : evaluate(target, scope);
  if (value.kind === 'distribution') return replicate(scope, value, indices, span);
  if (value.kind !== 'failed') report(scope, 'not-indexable', span, { found: describe(value) });
  return failed;
}

function fold(expression: ast.Fold, scope: Scope): Value {
  const list = evaluate(expression.list, scope);
  let accumulator = evaluate(expression.initial, scope);
  if (list.kind === 'failed') return failed;
  if (list.kind !== 'list') {
    const facts = {
      what: 'what follows `in`',
      found: describe(list),
      expected: 'a list, such as `[200, 200]`',
      hint: null,
    };
    report(scope, 'type-mismatch', expression.list.span, facts);
    return failed;
  }
  for (const element of list.elements) {
    if (isTooLarge(scope)) return reportTooLarge(scope, expression.span);
    const inner = innerScope(scope);
    inner.names.set(expression.accumulator.name, accumulator);
    inner.names.set(expression.element.name, element);
    accumulator = evaluate(expression.body, inner);
  }
  return accumulator;
}
