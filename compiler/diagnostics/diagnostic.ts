import type { Span } from '../support/source.js';
import type { Entry, Severity } from './catalogue/entry.js';
import { catalogue, type DiagnosticCode, type FactsOf } from './catalogue/index.js';

/** A second place that matters, possibly in another file, and why. */
export interface Label {
  readonly span: Span;
  readonly text: string;
}

/** A mistake in a text of a user, worded: what is shown does not depend on the language it is written in. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly span: Span;
  readonly message: string;
  readonly found: string | null;
  readonly expected: string | null;
  readonly help: string | null;
  readonly labels: readonly Label[];
  readonly notes: readonly string[];
}

/** A mistake in a program. */
export interface Diagnostic extends Finding {
  readonly code: DiagnosticCode;
}

export interface DiagnosticExtra {
  readonly labels?: readonly Label[];
  readonly notes?: readonly string[];
}

/** The diagnostic `code` at `span`, worded by the catalogue from `facts`. */
export function diagnose<Code extends DiagnosticCode>(
  code: Code,
  span: Span,
  facts: FactsOf<Code>,
  extra: DiagnosticExtra = {},
): Diagnostic {
  // TypeScript cannot see that the entry at `Code` takes the facts of `Code`; FactsOf is defined by just that.
  const words = catalogue[code] as unknown as Entry<FactsOf<Code>>;
  return {
    code,
    severity: words.severity,
    span,
    message: words.message(facts),
    found: words.found?.(facts) ?? null,
    expected: words.expected?.(facts) ?? null,
    help: words.help?.(facts) ?? null,
    labels: extra.labels ?? [],
    notes: extra.notes ?? [],
  };
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some(diagnostic => diagnostic.severity === 'error');
