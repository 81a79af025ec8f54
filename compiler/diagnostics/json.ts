import { positionAt } from '../support/position.js';
import type { Span } from '../support/source.js';
import type { Finding } from './diagnostic.js';

/** 1-based lines and columns (UTF-16 units); the end is exclusive. */
export interface JsonRange {
  readonly file: string;
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** A diagnostic as `--json` prints it. */
export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly range: JsonRange;
  readonly found: string | null;
  readonly expected: string | null;
  readonly help: string | null;
  readonly labels: readonly { readonly range: JsonRange; readonly text: string }[];
  readonly notes: readonly string[];
}

const rangeOf = (span: Span): JsonRange => ({
  file: span.file.path,
  start: positionAt(span.file, span.start),
  end: positionAt(span.file, span.end),
});

export function diagnosticToJson(diagnostic: Finding): JsonDiagnostic {
  const { code, severity, message, found, expected, help, notes } = diagnostic;
  const labels = diagnostic.labels.map(label => ({ range: rangeOf(label.span), text: label.text }));
  return { code, severity, message, range: rangeOf(diagnostic.span), found, expected, help, labels, notes };
}
