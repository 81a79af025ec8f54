import type { Diagnostic } from '../diagnostics/index.js';
import type * as ast from '../syntax/ast.js';
import { parseChoice } from '../syntax/index.js';

export interface BoundOverride {
  /** Null where none is given, or it cannot be read. */
  readonly choice: ast.BoundChoice | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What diagnostics call the place of the override: the option of the command line that gives it. */
const place = '--bound';

/** Reads `power(p=3, k=50)` as if it stood behind `bound`, in a source text of its own. */
export function readBound(text: string | undefined): BoundOverride {
  if (text === undefined) return { choice: null, diagnostics: [] };
  const { value, diagnostics } = parseChoice({ path: place, text });
  const choice = value === null ? null : ({ kind: 'bound-choice', span: value.span, value } as const);
  return { choice, diagnostics };
}

/** The model with this bound instead of its own. */
export function withBound(model: ast.Model, choice: ast.BoundChoice | null): ast.Model {
  if (choice === null) return model;
  return { ...model, members: [...model.members.filter(({ kind }) => kind !== 'bound-choice'), choice] };
}
