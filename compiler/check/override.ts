import type * as ast from '../syntax/ast.js';
import { type ChoiceResult, parseChoice } from '../syntax/index.js';

/** What diagnostics call the place of the override: the option of the command line that gives it. */
const place = '--bound';

/** Reads `power(p=3, k=50)` as if it stood behind `bound`, in a source text of its own. */
export function readBound(text: string | undefined): ChoiceResult {
  if (text === undefined) return { choice: null, diagnostics: [] };
  return parseChoice({ path: place, text });
}

/** The model with this bound instead of its own. */
export function withBound(model: ast.Model, choice: ast.BoundChoice | null): ast.Model {
  if (choice === null) return model;
  return { ...model, members: [...model.members.filter(({ kind }) => kind !== 'bound-choice'), choice] };
}
