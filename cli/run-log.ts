import { appendFileSync, readFileSync } from 'node:fs';
import { isSystemError, refused, writeWhole } from './files.js';
import { inRun } from './run-folder.js';

/**
 * One line of the run's log.
 * @throws Failure `write-refused`
 */
export function appendLog(run: string, entry: object): void {
  const path = inRun(run, 'log');
  try {
    appendFileSync(path, `${JSON.stringify(entry)}\n`);
  } catch (error) {
    throw refused(path, error);
  }
}

/** The step that a line is of; infinity for a line that was cut off. */
function stepOf(line: string): number {
  try {
    const { step } = JSON.parse(line) as { readonly step?: unknown };
    return typeof step === 'number' ? step : 0;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * Takes the lines away that a run which goes on from `step` will write again, and one that a crash left half-written.
 * @throws Failure `write-refused`
 */
export async function rewindLog(run: string, step: number): Promise<void> {
  const path = inRun(run, 'log');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw refused(path, error);
  }
  const lines = text.split('\n').filter(line => line !== '');
  const kept = lines.filter(line => stepOf(line) <= step).map(line => `${line}\n`);
  if (kept.join('') !== text) await writeWhole(path, kept.join(''));
}
