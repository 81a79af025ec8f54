import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkpoint } from '../runtime/index.js';
import { platform, runtime } from './doors.js';
import { Failure } from './failure.js';
import { isSystemError, refused, writeWhole } from './files.js';
import { inRun, runFiles } from './run-folder.js';

const earlierFolder = (run: string): string => join(run, 'checkpoints');
const digits = 10;
const nameOf = (step: number): string => `step-${String(step).padStart(digits, '0')}.safetensors`;
const namePattern = /^step-(\d+)\.safetensors$/;

/** Steps whose checkpoints are kept by their number, the latest last. */
function keptSteps(run: string): readonly number[] {
  try {
    const names = readdirSync(earlierFolder(run));
    return names
      .flatMap(name => namePattern.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}

/**
 * Replaces the run's checkpoint, in one step, and keeps the `keep` latest of them under their steps' numbers as well: at
 * any moment there is a whole one. A name costs no room as long as its file is the run's checkpoint.
 * @throws Failure `write-refused`
 */
export async function writeCheckpoint(run: string, checkpoint: Checkpoint, keep: number): Promise<void> {
  const { encodeCheckpoint } = await runtime();
  const path = inRun(run, 'checkpoint');
  await writeWhole(path, encodeCheckpoint(checkpoint));
  const { step } = checkpoint.facts;
  try {
    if (keep > 1) nameAgain(path, join(earlierFolder(run), nameOf(step)));
    // What is later than this one is of a run that went another way.
    const steps = keptSteps(run);
    const kept = steps.filter(kept => kept <= step).slice(keep > 1 ? -keep : steps.length);
    for (const old of steps.filter(old => !kept.includes(old)))
      rmSync(join(earlierFolder(run), nameOf(old)), { force: true });
  } catch (error) {
    throw refused(earlierFolder(run), error);
  }
}

function nameAgain(path: string, name: string): void {
  mkdirSync(join(name, '..'), { recursive: true });
  rmSync(name, { force: true });
  try {
    linkSync(path, name);
  } catch {
    // Some file systems know no second name for a file.
    copyFileSync(path, name);
  }
}

/**
 * @throws RuntimeFault `checkpoint-missing`
 * @throws Failure `checkpoint-corrupt` that names the one before it, where there is one
 */
export async function readCheckpoint(
  run: string,
  which: 'checkpoint' | 'best' = 'checkpoint',
): Promise<Checkpoint> {
  const { readCheckpointFile } = await platform();
  const { isFault } = await runtime();
  try {
    return await readCheckpointFile(inRun(run, which));
  } catch (error) {
    // The last name is of the same file.
    const step = keptSteps(run).at(-2);
    if (which === 'best' || !isFault(error) || error.code !== 'checkpoint-corrupt' || step === undefined)
      throw error;
    const help = `copy ${join(earlierFolder(run), nameOf(step))} over ${runFiles.checkpoint}: it is the one before, of step ${step}`;
    throw new Failure('data', error.message, { code: error.code, help, cause: error });
  }
}
