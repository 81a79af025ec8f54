/** A source text and where it came from. `path` is what a user is shown. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A half-open range of UTF-16 offsets in one file. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

export const spanText = (span: Span): string => span.file.text.slice(span.start, span.end);
