import { type CheckRequest, check, type Observation } from '../check/index.js';
import type * as ast from '../syntax/ast.js';
import { type Completions, completionsAt } from './completion.js';
import { type Hover, hoverAt } from './hover.js';
import { placeAt } from './place.js';

export type { Completion, Completions } from './completion.js';
export type { Hover } from './hover.js';

/** What the word at an offset of the request's text means and is worth; null where there is nothing to say. */
export function hover(request: CheckRequest, offset: number): Hover | null {
  const observations = new Map<ast.Expression, Observation>();
  const checked = check({
    ...request,
    observe: observation => observations.set(observation.expression, observation),
  });
  const own = checked.files.at(-1);
  const place = own === undefined ? null : placeAt(own, request.source, offset);
  return place === null ? null : hoverAt(checked, observations, place);
}

/** What may stand at an offset of the request's text; null inside a comment. */
export function complete(request: CheckRequest, offset: number): Completions | null {
  const checked = check(request);
  const own = checked.files.at(-1);
  const place = own === undefined ? null : placeAt(own, request.source, offset);
  return place === null ? null : completionsAt(checked, request.source.text, place);
}
