import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AdapterTuning, TuningFile } from '../../compiler/index.js';
import { compiler } from '../doors.js';
import { Failure } from '../failure.js';
import { isSystemError, systemReason, writeWhole } from '../files.js';

/** Far above what all models of a person take. */
const largestFile = 16 * 2 ** 20;

/** Where `tune` writes unless it is told otherwise, and where `train` looks: one file for the specs of a folder. */
export const tuningBeside = (spec: string): string => join(dirname(spec), 'tuning.json');

const invalid = (
  path: string,
  reason: string,
  help = 'measure again with `iwaec tune`, or name another file',
) => new Failure('data', `${path}: ${reason}`, { code: 'tuning-invalid', help });

/**
 * What `tune` measured; null where there is no such file.
 * @throws Failure `tuning-invalid` for anything else than a tuning of this version
 */
export async function readTuning(path: string): Promise<TuningFile | null> {
  let value: unknown;
  try {
    const facts = statSync(path);
    if (!facts.isFile() || facts.size > largestFile) throw invalid(path, 'this is no tuning of iwaec');
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (isSystemError(error, 'ENOENT')) return null;
    throw invalid(path, error instanceof SyntaxError ? 'this is not JSON' : systemReason(error));
  }
  const { validateTuning, tuningVersion } = await compiler();
  const validation = validateTuning(value);
  if (validation.kind === 'tuning') return validation.file;
  if (validation.kind === 'invalid') throw invalid(path, validation.reason);
  throw invalid(path, `it has version ${validation.found}, and this iwaec reads version ${tuningVersion}`);
}

export const printTuning = (file: TuningFile): string => `${JSON.stringify(file, null, 1)}\n`;

/** Puts what was measured into a file; `again`: the hashes of which it replaces what the file says of the same device. */
export async function writeTuning(
  path: string,
  measured: AdapterTuning,
  again: ReadonlySet<string>,
): Promise<void> {
  const { withAdapter } = await compiler();
  const file = withAdapter(await readTuning(path), measured, again);
  await writeWhole(path, printTuning(file));
}
