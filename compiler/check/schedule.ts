import { suggest } from '../diagnostics/index.js';
import type { HostExpr } from '../model/ir.js';
import type { Span } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { updateExpr } from './arithmetic.js';
import { bindArguments, type GivenArgument } from './calls.js';
import type { Frame } from './frame.js';
import { clockAmbient } from './optimizer.js';
import { bodyScope, evaluate, report, type Scope } from './scope.js';
import { describe, isScalar } from './value.js';

export interface ElaboratedSchedule {
  readonly epochs: number;
  readonly rate: HostExpr;
}

export const scheduleSettings = ['epochs', 'rate'];

/** More epochs than a 32-bit counter holds are a slip of the pen. */
const mostEpochs = 2 ** 31 - 1;

/** Length and learning-rate factor of a schedule with these arguments, or null where something is wrong, and reported. */
export function elaborateSchedule(
  scope: Scope,
  declaration: ast.Schedule,
  given: readonly GivenArgument[],
  call: Span,
): ElaboratedSchedule | null {
  const { name } = declaration.name;
  const frame: Frame = { what: 'the schedule', name, declaration, call, parent: scope.frame };
  const inner = bodyScope(scope, frame, new Map(), { ambient: clockAmbient });
  bindArguments(scope, { name, parameters: declaration.parameters }, given, call, inner);
  const setting = (wanted: string) =>
    declaration.settings.find(candidate => candidate.name.name === wanted)?.value ?? null;
  const epochs = epochsOf(inner, setting('epochs'));
  const rate = rateOf(inner, setting('rate'));
  return epochs === null || rate === null ? null : { epochs, rate };
}

/** A number of epochs, or null where it is none, and reported. */
export function epochsOf(scope: Scope, written: ast.Expression | null): number | null {
  if (written === null) return null;
  const value = evaluate(written, scope);
  if (value.kind === 'failed') return null;
  if (
    value.kind === 'number' &&
    Number.isInteger(value.value) &&
    value.value >= 1 &&
    value.value <= mostEpochs
  ) {
    return value.value;
  }
  report(scope, 'invalid-epochs', written.span, { found: describe(value), largest: mostEpochs });
  return null;
}

function rateOf(scope: Scope, written: ast.Expression | null): HostExpr | null {
  if (written === null) return null;
  const value = evaluate(written, scope);
  if (value.kind === 'failed') return null;
  // Only clocks and numbers can be named in a schedule, so every such value is a host formula.
  if (isScalar(value)) return updateExpr(scope.session.maker, value) as HostExpr;
  const facts = { what: '`rate`', found: describe(value), expected: 'a number', hint: null };
  report(scope, 'type-mismatch', written.span, facts);
  return null;
}

/** What is wrong with a schedule's settings, whatever its arguments. */
export function checkSchedule(scope: Scope, declaration: ast.Schedule): void {
  const of = `the schedule \`${declaration.name.name}\``;
  const seen = new Set<string>();
  for (const {
    name: { name, span },
  } of declaration.settings) {
    if (!scheduleSettings.includes(name)) {
      const facts = { name, of, suggestion: suggest(name, scheduleSettings), known: scheduleSettings };
      report(scope, 'unknown-member', span, facts);
    } else if (seen.has(name)) {
      report(scope, 'duplicate-member', span, { member: name, of });
    }
    seen.add(name);
  }
  for (const member of scheduleSettings) {
    if (!seen.has(member)) report(scope, 'missing-member', declaration.name.span, { member, of });
  }
}
