import { lineRange, positionAt } from '../../support/position.js';
import type { SourceFile, Span } from '../../support/source.js';
import type { Finding } from '../diagnostic.js';

/** One underlined stretch of one line. Offsets are within the file. */
export interface Mark {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly text: string | null;
  readonly primary: boolean;
}

/** More inner lines than this of a long span are left out. */
const innerLinesShown = 2;

function marksOfSpan(span: Span, text: string | null, primary: boolean): readonly Mark[] {
  const { file } = span;
  const length = file.text.length;
  const start = Math.min(Math.max(span.start, 0), length);
  const end = Math.min(Math.max(span.end, start), length);
  const first = positionAt(file, start).line;
  // A span that ends with a line break ends on the line it breaks.
  const last = positionAt(file, Math.max(start, end - 1)).line;
  if (first === last) return [{ line: first, start, end: withinLine(file, first, end), text, primary }];
  const marks: Mark[] = [];
  for (let line = first; line <= last; line++) {
    if (last - first - 1 > innerLinesShown && line !== first && line !== last) continue;
    const range = lineRange(file, line);
    const indent = file.text.slice(range.start, range.end).search(/\S/);
    if (indent < 0 && line !== first) continue;
    const from = line === first ? start : range.start + indent;
    const to = line === last ? withinLine(file, line, end) : range.end;
    marks.push({ line, start: from, end: to, text: line === last ? text : null, primary });
  }
  return marks;
}

const withinLine = (file: SourceFile, line: number, offset: number): number =>
  Math.min(offset, lineRange(file, line).end);

/** The marks of each file, the primary span's file first; and where to point a reader in it. */
export interface MarkedFile {
  readonly file: SourceFile;
  readonly at: number;
  readonly marks: readonly Mark[];
}

export function markedFiles(diagnostic: Finding): readonly MarkedFile[] {
  const files = new Map<SourceFile, { at: number; marks: Mark[] }>();
  const add = (span: Span, text: string | null, primary: boolean): void => {
    const entry = files.get(span.file) ?? { at: span.start, marks: [] };
    files.set(span.file, entry);
    entry.marks.push(...marksOfSpan(span, text, primary));
  };
  add(diagnostic.span, null, true);
  for (const label of diagnostic.labels) add(label.span, label.text, false);
  return [...files].map(([file, { at, marks }]) => ({ file, at, marks }));
}
