import { type ScalarOp, scalarOps, scalars } from '../scalar/registry.js';
import type { Span } from '../support/source.js';
import type { GivenArgument } from './calls.js';
import { applyOperation, meanFeatures, stopGradient, sumFeatures } from './operations.js';
import { report, type Scope } from './scope.js';
import { describe, failed, numberValue, type Value } from './value.js';

/** A function that the library cannot be written without. */
interface Builtin {
  readonly parameters: readonly string[];
  readonly apply: (scope: Scope, args: readonly GivenArgument[], span: Span) => Value;
}

/** Operations that are written as operators, and have no name of their own. */
const operatorOps: ReadonlySet<ScalarOp> = new Set([
  'add',
  'subtract',
  'multiply',
  'divide',
  'negate',
  'power',
  'less',
  'less_equal',
  'equal',
]);

const argumentNames = ['a', 'b', 'c'];

const scalarBuiltin = (op: ScalarOp): Builtin => ({
  parameters: argumentNames.slice(0, scalars[op].arity),
  apply: (scope, args, span) => applyOperation(scope, op, args, span),
});

const namedOps = scalarOps.filter(op => !operatorOps.has(op));

export const builtins: Readonly<Record<string, Builtin>> = {
  ...Object.fromEntries(namedOps.map(op => [op, scalarBuiltin(op)])),
  sum: { parameters: ['v'], apply: (scope, [v]) => sumFeatures(scope, v!) },
  mean: { parameters: ['v'], apply: (scope, [v], span) => meanFeatures(scope, v!, span) },
  range: { parameters: ['n'], apply: (scope, [n]) => wholeNumbers(scope, n!) },
  stop: { parameters: ['v'], apply: (scope, [v]) => stopGradient(scope, v!) },
};

/** More turns of a `fold` than this are a slip of the pen. */
const longestRange = 1000;

/** 0, 1, …: of which every range is the beginning. */
const numbers: readonly Value[] = Array.from({ length: longestRange }, (_, i) => numberValue(i));

/** The list 0, 1, …, n - 1. */
function wholeNumbers(scope: Scope, { value, span }: GivenArgument): Value {
  if (value.kind === 'failed') return failed;
  const length = value.kind === 'number' && Number.isInteger(value.value) ? value.value : 0;
  if (length >= 1 && length <= longestRange) return { kind: 'list', elements: numbers.slice(0, length) };
  report(scope, 'invalid-size', span, { found: describe(value), largest: longestRange });
  return failed;
}

export const isBuiltin = (name: string): boolean => Object.hasOwn(builtins, name);

/** Calls of builtins are by position. */
export function callBuiltin(scope: Scope, name: string, given: readonly GivenArgument[], call: Span): Value {
  const builtin = builtins[name]!;
  const { parameters } = builtin;
  const named = given.find(argument => argument.name !== null);
  if (named !== undefined) {
    const facts = { callee: name, name: named.name!.name, suggestion: null, parameters: [] };
    report(scope, 'unknown-argument', named.name!.span, facts);
    return failed;
  }
  if (given.length > parameters.length) {
    report(scope, 'too-many-arguments', given[given.length - 1]!.span, {
      callee: name,
      found: given.length,
      parameters,
    });
    return failed;
  }
  if (given.length < parameters.length) {
    report(scope, 'missing-argument', call, {
      callee: name,
      missing: parameters.slice(given.length),
      parameters,
    });
    return failed;
  }
  return builtin.apply(scope, given, call);
}
