import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Artefact, Files, Overrides, Precision } from '../compiler/index.js';
import type { Binarise } from '../runtime/index.js';
import { readProgram, writeFiles } from './artefact.js';
import type { DataChoice } from './data.js';
import { platform } from './doors.js';
import { Failure } from './failure.js';
import { isSystemError, systemReason, writeWhole, writeWholeFolder } from './files.js';
import { type KeptSpec, keptFiles, writeSpec } from './kept-spec.js';
import { isLocked } from './run-lock.js';
import type { CompiledSpec } from './spec.js';
import type { SplitsRecord } from './split-record.js';

const configVersion = 1;

/** What is kept of the training data for validation. */
export interface ValidationConfig {
  /** Rows at the end of the training data that are not trained on. */
  readonly rows: number;
  /** Epochs without a better validation NLL after which training ends; null: it does not. */
  readonly patience: number | null;
}

/** What decides a run, beside its program. */
export interface RunConfig {
  readonly format: 'iwaec-run';
  readonly version: typeof configVersion;
  readonly model: string;
  readonly spec: KeptSpec;
  /** 64 bits, decimal: JSON has no such number. */
  readonly seed: string;
  readonly binarise: Binarise;
  readonly overrides: Overrides;
  /** Absent: full. */
  readonly precision?: Precision;
  readonly data: DataChoice;
  /** What was read from them. */
  readonly splits: SplitsRecord;
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Rows held out of the training data; null: none. */
  readonly validation: ValidationConfig | null;
  readonly versions: { readonly iwaec: string; readonly node: string };
}

export const runFiles = {
  config: 'config.json',
  spec: keptFiles.spec,
  checkpoint: 'checkpoint.safetensors',
  best: 'best.safetensors',
  log: 'log.jsonl',
  samples: 'samples.png',
  tuning: 'tuning.json',
} as const;

export const inRun = (run: string, file: keyof typeof runFiles): string => join(run, runFiles[file]);

/** A folder that `train` made. */
export interface Run {
  readonly folder: string;
  readonly config: RunConfig;
  readonly artefact: Artefact;
}

export interface RunStart {
  readonly config: RunConfig;
  /** The program with its kernels. */
  readonly program: Files;
  readonly spec: CompiledSpec;
  /** The text of the measured schedules; null: none. */
  readonly tuningText: string | null;
}

const notARun = (folder: string, reason: string) =>
  new Failure('data', `${folder}: ${reason}`, {
    code: 'run-invalid',
    help: 'name a folder that `iwaec train` made',
  });

export const isRun = (folder: string): boolean => existsSync(inRun(folder, 'config'));

function isConfig(value: unknown): value is RunConfig {
  if (typeof value !== 'object' || value === null) return false;
  const config = value as Partial<Record<keyof RunConfig, unknown>>;
  const texts = [config.model, config.seed, config.binarise].every(text => typeof text === 'string');
  const objects = [config.spec, config.overrides, config.data, config.splits].every(
    part => typeof part === 'object' && part !== null,
  );
  return (
    config.format === 'iwaec-run' &&
    config.version === configVersion &&
    texts &&
    objects &&
    typeof config.epochs === 'number' &&
    /^\d{1,20}$/.test(String(config.seed))
  );
}

/** @throws Failure `run-invalid` */
export function readConfig(folder: string): RunConfig {
  if (!existsSync(folder)) throw notARun(folder, 'there is no such folder');
  try {
    const parsed: unknown = JSON.parse(readFileSync(inRun(folder, 'config'), 'utf8'));
    // A run of the time before rows could be held out holds none out.
    if (isConfig(parsed)) return { ...parsed, validation: parsed.validation ?? null };
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) throw notARun(folder, 'this is not the folder of a run');
    if (!(error instanceof SyntaxError)) throw notARun(folder, systemReason(error));
  }
  throw notARun(folder, `its ${runFiles.config} is damaged or of another version of iwaec`);
}

/** @throws Failure `run-invalid`, `program-invalid` */
export async function readRun(folder: string): Promise<Run> {
  const config = readConfig(folder);
  return { folder, config, artefact: await readProgram(folder) };
}

const occupied = (folder: string): boolean => existsSync(folder) && !isEmptyFolder(folder);

function isEmptyFolder(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return false;
  }
}

/**
 * Refuses a folder that a new run may not use: another run's without `force`, anything else's always.
 * @throws Failure `folder-in-the-way`
 */
export function checkNewRun(folder: string, force: boolean): void {
  if (!occupied(folder)) return;
  if (isRun(folder) && force) return;
  const [what, help] = isRun(folder)
    ? [
        'holds a run already',
        'go on with --resume, start it anew with --force, or name another folder with --out',
      ]
    : ['exists and is not the folder of a run', 'name another folder with --out'];
  throw new Failure('usage', `${folder} ${what}; it was left as it is`, { code: 'folder-in-the-way', help });
}

/** The first of runs/<model>-1, runs/<model>-2, … that does not exist and that no other process is about to make. */
export function freeRunFolder(model: string): string {
  for (let n = 1; ; n++) {
    const folder = join('runs', `${model}-${n}`);
    if (!existsSync(folder) && !isLocked(folder)) return folder;
  }
}

const printConfig = (config: RunConfig): string => `${JSON.stringify(config, null, 2)}\n`;

/** Makes the folder of a new run with its first checkpoint, all or nothing: from then on it can be resumed. */
export function createRun(
  folder: string,
  { config, program, spec, tuningText }: RunStart,
  checkpoint: Uint8Array,
  force: boolean,
): void {
  checkNewRun(folder, force);
  const fill = (target: string) => {
    writeFiles(target, program);
    writeSpec(target, spec);
    writeFileSync(join(target, runFiles.config), printConfig(config));
    writeFileSync(join(target, runFiles.checkpoint), checkpoint);
    if (tuningText !== null) writeFileSync(join(target, runFiles.tuning), tuningText);
  };
  writeWholeFolder(folder, fill, { replace: existsSync(folder) });
}

/**
 * Notes how a resumed run goes on: its new goal and, where the spec has changed, its new program. What the run has
 * made so far is kept.
 */
export async function resumeRun(
  folder: string,
  { config, program, spec }: RunStart,
  changed: boolean,
): Promise<void> {
  if (!changed) {
    await writeWhole(inRun(folder, 'config'), printConfig(config));
    return;
  }
  const { artefactPaths } = await platform();
  const fill = (target: string) => {
    cpSync(folder, target, { recursive: true });
    rmSync(join(target, artefactPaths.kernelFolder), { recursive: true, force: true });
    writeFiles(target, program);
    writeSpec(target, spec);
    writeFileSync(join(target, runFiles.config), printConfig(config));
  };
  writeWholeFolder(folder, fill, { replace: true });
}
