import type { SourceFile } from './support/source.js';
import type { BoundChoice, Expression, File, Model, Train } from './syntax/ast.js';

/** Numbers a caller may change without touching the file. */
export interface Overrides {
  /** Importance samples: the argument `k` of each model's bound. */
  readonly k?: number;
  /** Rows in a batch. */
  readonly batch?: number;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const insertion = (at: number, text: string): Edit => ({ start: at, end: at, text });
const replacement = ({ span }: Expression, value: number): Edit => ({ ...span, text: String(value) });

/**
 * The argument `k` by name. One given by position is not looked for, because which position `k` has is known to the
 * checker only: it then reports an argument that is given twice, and a wrong number is never used.
 */
function samplesEdit({ value }: BoundChoice, k: number): readonly Edit[] {
  if (value.kind === 'name') return [insertion(value.span.end, `(k=${k})`)];
  if (value.kind !== 'call') return [];
  const named = value.arguments.find(argument => argument.name?.name === 'k');
  if (named !== undefined) return [replacement(named.value, k)];
  return [insertion(value.span.end - 1, value.arguments.length === 0 ? `k=${k}` : `, k=${k}`)];
}

function batchEdit({ settings, span }: Train, batch: number): Edit {
  const written = settings.find(setting => setting.name.name === 'batch');
  return written === undefined
    ? insertion(span.end - 1, ` batch ${batch} `)
    : replacement(written.value, batch);
}

function modelEdits({ members, span }: Model, { k, batch }: Overrides): readonly Edit[] {
  const samples =
    k === undefined ? [] : members.flatMap(m => (m.kind === 'bound-choice' ? samplesEdit(m, k) : []));
  if (batch === undefined) return samples;
  const trains = members.flatMap(member => (member.kind === 'train' ? [batchEdit(member, batch)] : []));
  return [
    ...samples,
    ...(trains.length > 0 ? trains : [insertion(span.end - 1, ` train { batch ${batch} } `)]),
  ];
}

/**
 * The text with `overrides` written into each of its models, so that every later stage, and every message, sees what is
 * compiled. `file` is what the text parses to, without errors.
 */
export function withOverrides(file: File, overrides: Overrides): SourceFile {
  const edits = file.items.flatMap(item => (item.kind === 'model' ? modelEdits(item, overrides) : []));
  const text = [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce(
      (before, edit) => before.slice(0, edit.start) + edit.text + before.slice(edit.end),
      file.source.text,
    );
  return { path: file.source.path, text };
}
