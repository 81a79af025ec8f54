import { suggest } from '../diagnostics/index.js';
import type { Span } from '../support/source.js';
import { quoted } from '../support/words.js';
import type * as ast from '../syntax/ast.js';
import type { Frame } from './frame.js';
import { bindAxis, evaluate, report, type Scope } from './scope.js';
import { checkType } from './types.js';
import { failed, numberValue, type Value } from './value.js';

/** An argument as it was given: `name` null where by position. */
export interface GivenArgument {
  readonly name: ast.Identifier | null;
  readonly value: Value;
  readonly span: Span;
}

/** Arguments of a call in the order they are written; `piped` is the one before `|>`. */
export function evaluateArguments(
  scope: Scope,
  written: readonly ast.Argument[],
  piped: GivenArgument | null,
): readonly GivenArgument[] {
  const own = written.map(({ name, value }) => ({ name, value: evaluate(value, scope), span: value.span }));
  return piped === null ? own : [piped, ...own];
}

export interface Callee {
  readonly name: string;
  readonly parameters: readonly ast.FormalParameter[];
}

/**
 * Gives each parameter its argument or default, checked. Always returns every name, failed where something was
 * reported, so that the body's own mistakes still show. `inner` is the body's scope, whose names are filled.
 */
export function bindArguments(
  scope: Scope,
  callee: Callee,
  given: readonly GivenArgument[],
  call: Span,
  inner: Scope,
  axesOf: Frame | null = null,
): void {
  const matched = matchArguments(scope, callee, given, call);
  for (const parameter of callee.parameters) {
    const { name } = parameter.name;
    const argument = matched.get(name);
    const value =
      argument?.value ?? (parameter.defaultValue === null ? failed : evaluate(parameter.defaultValue, inner));
    const span = argument?.span ?? parameter.defaultValue?.span ?? call;
    const what = `${quoted(name)} of ${quoted(callee.name)}`;
    // A mistake in an argument is the caller's, wherever the parameter's type is written.
    const checked = checkType(
      { ...inner, frame: argument === undefined ? inner.frame : scope.frame },
      parameter.type,
      { value, span, what },
    );
    const mayBeAxis = axesOf !== null && parameter.type.name.name === 'int';
    inner.names.set(name, mayBeAxis ? asAxis(inner, axesOf, name, checked, span) : checked);
  }
}

/** A whole number given to a bound may name a sample axis; one that does so already stays that axis. */
function asAxis(scope: Scope, frame: Frame, name: string, value: Value, span: Span): Value {
  if (value.kind !== 'number' || value.axis !== undefined) return value;
  return { ...numberValue(value.value), axis: bindAxis(scope, frame, name, value.value, span) };
}

function matchArguments(
  scope: Scope,
  callee: Callee,
  given: readonly GivenArgument[],
  call: Span,
): ReadonlyMap<string, GivenArgument> {
  const names = callee.parameters.map(parameter => parameter.name.name);
  const matched = new Map<string, GivenArgument>();
  let position = 0;
  let excess = 0;
  let suspect = false;
  for (const argument of given) {
    const name = argument.name?.name ?? names[position++];
    if (name === undefined) {
      excess++;
    } else if (!names.includes(name)) {
      suspect = true;
      const facts = { callee: callee.name, name, suggestion: suggest(name, names), parameters: names };
      report(scope, 'unknown-argument', argument.name!.span, facts);
    } else if (matched.has(name)) {
      const first = { span: matched.get(name)!.span, text: 'given here already' };
      report(scope, 'duplicate-argument', argument.span, { callee: callee.name, name }, [first]);
    } else {
      matched.set(name, argument);
    }
  }
  if (excess > 0) {
    const last = given[given.length - 1]!;
    const facts = { callee: callee.name, found: given.length, parameters: names };
    report(scope, 'too-many-arguments', last.span, facts);
  }
  const missing = callee.parameters.filter(
    ({ name, defaultValue }) => defaultValue === null && !matched.has(name.name),
  );
  // An unknown name is most likely the missing one: one message is enough.
  if (missing.length > 0 && !suspect) {
    const facts = { callee: callee.name, missing: missing.map(({ name }) => name.name), parameters: names };
    report(scope, 'missing-argument', call, facts);
  }
  return matched;
}
