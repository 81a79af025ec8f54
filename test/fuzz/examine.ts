import type { CheckResult } from '../../compiler/check/index.js';
import { type Diagnostic, hasErrors, renderDiagnostics } from '../../compiler/diagnostics/index.js';
import { tensorGraphs } from '../../compiler/driver.js';
import { verifyModel } from '../../compiler/model/index.js';
import type { Span } from '../../compiler/support/source.js';
import { format } from '../../compiler/syntax/index.js';
import { checkText } from '../unit/check/checked.js';

/** Longer than this is a hang. A whole model takes some ten milliseconds. */
const longest = 1000;

const isInside = ({ start, end, file }: Span): boolean =>
  Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= file.text.length;

function checkSpans(diagnostics: readonly Diagnostic[]): void {
  for (const { code, span, labels } of diagnostics) {
    for (const place of [span, ...labels.map(label => label.span)]) {
      if (!isInside(place)) throw new Error(`${code} is at ${place.start}..${place.end} of its file`);
    }
  }
}

/** A model is given exactly where there is no error and the file declares one. */
function checkOutcome({ model, diagnostics, files }: CheckResult): void {
  const declared = files.flatMap(file => file.items).some(({ kind }) => kind === 'model');
  const wrong = hasErrors(diagnostics);
  if ((model === null) !== (wrong || !declared)) {
    throw new Error(model === null ? 'neither a model nor an error' : 'a model in spite of errors');
  }
}

/** Milliseconds that processors have worked for this process: others on the machine do not lengthen them. */
function workedFor(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The time of the quickest of some runs: any one of them may also have garbage of others to collect. */
function quickest(run: () => void, runs: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0; count < runs && best > longest; count++) {
    const start = workedFor();
    run();
    best = Math.min(best, workedFor() - start);
  }
  return best;
}

function timed(what: string, run: () => void): void {
  const time = quickest(run, 3);
  if (time > longest) throw new Error(`${what} took ${(time / 1000).toFixed(1)} s`);
}

/** How far a program got. */
export type Reached = 'diagnostics' | 'definitions' | 'model' | 'graphs';

/**
 * Reads, checks and, with `deep`, lays out and lowers a text.
 * @throws Error whatever the compiler does that it never may: crash, hang, point outside the file, be of two minds
 */
export function examine(text: string, { deep }: { readonly deep: boolean }): Reached {
  let result: CheckResult | null = null;
  timed('checking', () => {
    result = checkText(text);
  });
  const { model, diagnostics } = result!;
  checkSpans(diagnostics);
  checkOutcome(result!);
  if (deep) {
    renderDiagnostics(diagnostics, { color: true });
    timed('formatting', () => format({ path: 'test.iwae', text }));
  }
  if (model === null) return hasErrors(diagnostics) ? 'diagnostics' : 'definitions';
  verifyModel(model);
  if (!deep) return 'model';
  timed('lowering', () => tensorGraphs(model, { verify: true }));
  return 'graphs';
}
