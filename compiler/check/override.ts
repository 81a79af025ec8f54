import type { Diagnostic } from '../diagnostics/index.js';
import type { Span } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { type Alone, type AloneResult, parseAlone } from '../syntax/index.js';

/** What stands in for parts of a model, as it is written. */
export interface OverrideTexts {
  readonly bound?: string;
  readonly schedule?: string;
}

/** The same, read. */
export interface Replacements {
  readonly bound: ast.BoundChoice | null;
  readonly schedule: ast.Expression | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads `power(p=3, k=50)` as if it stood behind `bound`, and `cosine(epochs=20)` behind `schedule`, each in a source text
 * of its own, which diagnostics call by the option of the command line that gives it.
 */
export function readOverrides({ bound, schedule }: OverrideTexts): Replacements {
  const read = <Name extends keyof Alone>(name: Name, path: string, text: string | undefined) =>
    text === undefined ? nothing : parseAlone(name, { path, text });
  const found = {
    bound: read('bound', '--bound', bound),
    schedule: read('expression', '--schedule', schedule),
  };
  return {
    bound: found.bound.node,
    schedule: found.schedule.node,
    diagnostics: [...found.bound.diagnostics, ...found.schedule.diagnostics],
  };
}

const nothing: AloneResult<never> = { node: null, diagnostics: [] };

/** The model with these instead of its own. */
export function withOverrides(model: ast.Model, { bound, schedule }: Replacements): ast.Model {
  const others = model.members.filter(({ kind }) => bound === null || kind !== 'bound-choice');
  const members = bound === null ? others : [...others, bound];
  return { ...model, members: schedule === null ? members : withSchedule(members, schedule) };
}

function withSchedule(
  members: readonly ast.ModelMember[],
  value: ast.Expression,
): readonly ast.ModelMember[] {
  const { span } = value;
  const setting = { name: { name: 'schedule', span }, value, span };
  if (members.every(({ kind }) => kind !== 'train'))
    return [...members, { kind: 'train', span, settings: [setting] }];
  return members.map(member => {
    if (member.kind !== 'train') return member;
    return {
      ...member,
      settings: [...member.settings.filter(({ name }) => name.name !== 'schedule'), setting],
    };
  });
}

/** Where a mistake in the value of an option is shown: in a source text of its own. */
export function optionSpan(option: string, value: number): Span {
  const file = { path: option, text: `${value}` };
  return { file, start: 0, end: file.text.length };
}
