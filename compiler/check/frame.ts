import type { Span } from '../support/source.js';

/** A declaration being inlined, and the call it is inlined for. */
export interface Frame {
  /** `the layer`, `the bound`, … */
  readonly what: string;
  readonly name: string;
  readonly declaration: object;
  /** null: none, the declaration is checked by itself. */
  readonly call: Span | null;
  readonly parent: Frame | null;
}

/** A text that says where in the tree of calls this is: the same for each visit of the same calls. */
export function framePath(frame: Frame | null): string {
  return frame === null ? '' : `${framePath(frame.parent)}/${frame.call && spanKey(frame.call)}`;
}

const spanKey = (span: Span): string => `${span.file.path}:${span.start}-${span.end}`;

export const frameDepth = (frame: Frame | null): number =>
  frame === null ? 0 : 1 + frameDepth(frame.parent);

/** The call in the user's own program that everything here is inlined for. */
export const outermostCall = (frame: Frame | null): Span | null =>
  frame === null ? null : (outermostCall(frame.parent) ?? frame.call);

export const isInlining = (frame: Frame | null, declaration: object): boolean =>
  frame !== null && (frame.declaration === declaration || isInlining(frame.parent, declaration));

/** Names of the declarations from `declaration` down to the innermost. */
export function namesFrom(frame: Frame | null, declaration: object): readonly string[] {
  if (frame === null) return [];
  return frame.declaration === declaration
    ? [frame.name]
    : [...namesFrom(frame.parent, declaration), frame.name];
}
