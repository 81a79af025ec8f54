import type { SourceFile } from './source.js';

/** 1-based. A column counts UTF-16 units, as editors do; a tab is one column. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Offsets at which a line starts; `\n`, `\r\n` and a lone `\r` each end one. Computed once a file. */
const lineStartsOf = new WeakMap<SourceFile, readonly number[]>();

export function lineStarts(file: SourceFile): readonly number[] {
  const known = lineStartsOf.get(file);
  if (known) return known;
  const starts = [0];
  const terminator = /\r\n|\r|\n/g;
  while (terminator.exec(file.text) !== null) starts.push(terminator.lastIndex);
  lineStartsOf.set(file, starts);
  return starts;
}

export const lineCount = (file: SourceFile): number => lineStarts(file).length;

/** Where an offset stands; one outside the text is moved to its nearest end. */
export function positionAt(file: SourceFile, offset: number): Position {
  const starts = lineStarts(file);
  const target = Math.min(Math.max(offset, 0), file.text.length);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= target) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: target - starts[low]! + 1 };
}

/** The range of a 1-based line without its terminator. */
export function lineRange(file: SourceFile, line: number): { readonly start: number; readonly end: number } {
  const starts = lineStarts(file);
  const start = starts[line - 1] ?? file.text.length;
  let end = starts[line] ?? file.text.length;
  if (starts[line] !== undefined) {
    if (file.text[end - 1] === '\n') end--;
    if (end > start && file.text[end - 1] === '\r') end--;
  }
  return { start, end };
}
