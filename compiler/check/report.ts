import {
  type Diagnostic,
  type DiagnosticCode,
  diagnose,
  type FactsOf,
  type Label,
} from '../diagnostics/index.js';
import type { SourceFile, Span } from '../support/source.js';
import { quoted } from '../support/words.js';
import type { Frame } from './frame.js';

export interface Reporter {
  readonly report: <Code extends DiagnosticCode>(
    code: Code,
    span: Span,
    facts: FactsOf<Code>,
    frame?: Frame | null,
    labels?: readonly Label[],
  ) => void;
  /** Everything reported, each once. */
  readonly diagnostics: () => readonly Diagnostic[];
}

/**
 * Collects diagnostics. A mistake that shows inside the standard library is the user's: it is reported at the call in
 * the user's own text, with a label where it showed.
 */
export function makeReporter(isLibrary: (file: SourceFile) => boolean): Reporter {
  const found = new Map<string, Diagnostic>();
  return {
    report: (code, span, facts, frame = null, labels = []) => {
      const place = userPlace(isLibrary, span, frame, labels);
      const diagnostic = diagnose(code, place.span, facts, { labels: place.labels });
      const key = `${code} ${place.span.file.path} ${place.span.start} ${place.span.end} ${diagnostic.message}`;
      if (!found.has(key)) found.set(key, diagnostic);
    },
    diagnostics: () => [...found.values()],
  };
}

function userPlace(
  isLibrary: (file: SourceFile) => boolean,
  span: Span,
  frame: Frame | null,
  labels: readonly Label[],
): { span: Span; labels: readonly Label[] } {
  if (frame === null) return { span, labels };
  if (!isLibrary(span.file)) {
    const use = frame.call && { span: frame.call, text: `in this use of ${quoted(frame.name)}` };
    return { span, labels: use === null ? labels : [...labels, use] };
  }
  let caller: Frame | null = frame;
  while (caller !== null && (caller.call === null || isLibrary(caller.call.file))) caller = caller.parent;
  if (caller?.call == null) return { span, labels };
  const inside = { span, text: `here, in ${frame.what} ${quoted(frame.name)} of the library` };
  return { span: caller.call, labels: [...labels.filter(label => !isLibrary(label.span.file)), inside] };
}

/** The files in order of first mention. */
export function inSourceOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = [...new Set(diagnostics.map(diagnostic => diagnostic.span.file))];
  return [...diagnostics].sort(
    (a, b) => files.indexOf(a.span.file) - files.indexOf(b.span.file) || a.span.start - b.span.start,
  );
}
