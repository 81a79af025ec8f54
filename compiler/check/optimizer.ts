import { suggest } from '../diagnostics/index.js';
import type { OptimizerState, UpdateExpr } from '../model/ir.js';
import type { Span } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { updateExpr } from './arithmetic.js';
import { clockRanges, isClock } from './bound.js';
import { bindArguments, type GivenArgument } from './calls.js';
import type { Frame } from './frame.js';
import { anyReal, makeRange, type Range } from './range.js';
import { type Ambient, bodyScope, evaluate, report, type Scope } from './scope.js';
import { describe, failed, isScalar, type Value } from './value.js';

export interface ElaboratedOptimizer {
  readonly states: readonly OptimizerState[];
  readonly parameter: UpdateExpr;
}

const operandRanges: Readonly<Record<'parameter' | 'gradient' | 'rate', Range>> = {
  parameter: anyReal,
  gradient: anyReal,
  rate: makeRange(0, Infinity),
};
type Operand = keyof typeof operandRanges;
const isOperand = (name: string): name is Operand => Object.hasOwn(operandRanges, name);

export const clockAmbient: Ambient = {
  names: Object.keys(clockRanges),
  lookup: (name, { session }) => {
    if (!isClock(name)) return null;
    const expr = session.maker.intern<UpdateExpr>({ kind: 'clock', clock: name });
    return { kind: 'update', expr, range: clockRanges[name] };
  },
};

export const optimizerAmbient: Ambient = {
  names: [...Object.keys(operandRanges), ...clockAmbient.names],
  lookup: (name, scope, span) => {
    if (!isOperand(name)) return clockAmbient.lookup(name, scope, span);
    const expr = scope.session.maker.intern<UpdateExpr>({ kind: 'operand', operand: name });
    return { kind: 'update', expr, range: operandRanges[name] };
  },
};

/**
 * The update of an optimizer with these arguments. Members act in order: after `next m`, the name `m` means the new
 * state. Null where something is wrong, and reported.
 */
export function elaborateOptimizer(
  scope: Scope,
  declaration: ast.Optimizer,
  given: readonly GivenArgument[],
  call: Span,
): ElaboratedOptimizer | null {
  const { name } = declaration.name;
  const frame: Frame = { what: 'the optimizer', name, declaration, call, parent: scope.frame };
  const inner = bodyScope(scope, frame, new Map(), { ambient: optimizerAmbient });
  bindArguments(scope, { name, parameters: declaration.parameters }, given, call, inner);
  const initial = new Map<string, number>();
  const next = new Map<string, UpdateExpr>();
  let sound = true;
  for (const member of declaration.members) {
    const value = evaluate(member.value, inner);
    const target = member.name.name;
    if (member.kind === 'let') inner.names.set(target, value);
    else if (member.kind === 'state') sound = declareState(inner, member, value, initial) && sound;
    else sound = setNext(inner, member, value, initial, next) && sound;
  }
  const parameter = next.get('parameter');
  if (!sound || parameter === undefined) return null;
  const states = [...initial].map(([state, start]) => ({
    name: state,
    initial: start,
    next: next.get(state)!,
  }));
  return states.every(state => state.next !== undefined) ? { states, parameter } : null;
}

function declareState(
  scope: Scope,
  member: ast.OptimizerMember,
  value: Value,
  initial: Map<string, number>,
): boolean {
  const { name } = member.name;
  const expr = scope.session.maker.intern<UpdateExpr>({ kind: 'state', name });
  scope.names.set(name, { kind: 'update', expr, range: anyReal });
  if (value.kind === 'number') {
    initial.set(name, value.value);
    return true;
  }
  if (value.kind !== 'failed') {
    report(scope, 'not-known-at-compile-time', member.value.span, {
      what: `the start of \`${name}\``,
      found: describe(value),
    });
  }
  return false;
}

function setNext(
  scope: Scope,
  member: ast.OptimizerMember,
  value: Value,
  initial: ReadonlyMap<string, number>,
  next: Map<string, UpdateExpr>,
): boolean {
  const { name } = member.name;
  // One that the optimizer does not have is reported with the declaration.
  if (name !== 'parameter' && !initial.has(name)) return false;
  if (value.kind === 'failed') {
    scope.names.set(name, failed);
    return false;
  }
  if (!isScalar(value)) {
    const facts = { what: `the next \`${name}\``, found: describe(value), expected: 'a number', hint: null };
    report(scope, 'type-mismatch', member.value.span, facts);
    return false;
  }
  next.set(name, updateExpr(scope.session.maker, value));
  scope.names.set(name, value);
  return true;
}

/** What is wrong with an optimizer's members, whatever its arguments. */
export function checkOptimizer(scope: Scope, declaration: ast.Optimizer): void {
  const of = `the optimizer \`${declaration.name.name}\``;
  const nexts = declaration.members.filter(({ kind }) => kind === 'next').map(({ name }) => name.name);
  const states: string[] = [];
  for (const { kind, name } of declaration.members) {
    if (kind === 'state') states.push(name.name);
    if (kind === 'next') checkState(scope, name, states);
    if (kind === 'state' && !nexts.includes(name.name)) {
      report(scope, 'missing-member', name.span, { member: `next ${name.name}`, of });
    }
  }
  if (!nexts.includes('parameter'))
    report(scope, 'missing-member', declaration.name.span, { member: 'next parameter', of });
}

/** `next` sets the parameter, or a state declared above. */
function checkState(scope: Scope, { name, span }: ast.Identifier, states: readonly string[]): void {
  const known = ['parameter', ...states];
  if (!known.includes(name))
    report(scope, 'unknown-state', span, { name, suggestion: suggest(name, known), known });
}
