import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Binarise, SplitData } from '../../runtime/index.js';
import { chooseData, named } from '../data.js';
import { runtime } from '../doors.js';
import { Failure } from '../failure.js';
import { changedFiles, compileKept, recordOfSpec } from '../kept-spec.js';
import { checkNewRun, freeRunFolder, inRun, isRun, type RunConfig, readConfig } from '../run-folder.js';
import { type CompiledSpec, compileSpec, overridesOf } from '../spec.js';
import { noSplits, recordOf, type SplitRecord } from '../split-record.js';
import type { Terminal } from '../terminal.js';
import { type ChosenTuning, chooseTuning } from '../tuning/choose.js';
import { readTuning } from '../tuning/file.js';
import { version } from '../version.js';
import type { TrainOptions } from './options.js';

/** What is to be trained, where, and how far. */
export interface TrainingPlan {
  readonly folder: string;
  readonly spec: CompiledSpec;
  readonly config: RunConfig;
  readonly resume: boolean;
  /** Files of the spec whose text is not the one that the run has kept; null where it is the same spec. */
  readonly changes: readonly string[] | null;
  /** Measured schedules; a resumed run has those that it began with, because other ones round differently. */
  readonly tuning: ChosenTuning | null;
}

export function planTraining(terminal: Terminal, path: string, options: TrainOptions): Promise<TrainingPlan> {
  if (options.resume === true && options.force === true) {
    throw new Failure('usage', '--resume goes on with a run and --force replaces it: give one of them');
  }
  if (options.tuning !== undefined && options.resume === true) {
    throw new Failure('usage', 'a resumed run keeps the schedules that it began with', {
      help: 'leave out --tuning and --no-tuning, or start a new run',
    });
  }
  if (options.patience !== undefined && options.validation === undefined && options.resume !== true) {
    throw new Failure('usage', '--patience is given without --validation', {
      help: 'say how many rows to hold out, as in --validation 10000 --patience 5',
    });
  }
  return options.resume === true ? planResume(terminal, path, options) : planNew(terminal, path, options);
}

async function planNew(terminal: Terminal, path: string, options: TrainOptions): Promise<TrainingPlan> {
  if (options.out !== undefined) checkNewRun(options.out, options.force === true);
  const overrides = overridesOf(options);
  const tuning = await chooseTuning(path, options);
  const { precision } = options;
  const spec = await compileSpec(terminal, path, { model: options.model, precision, overrides });
  const { program } = spec.artefact;
  const config: RunConfig = {
    format: 'iwaec-run',
    version: 1,
    model: program.model.name,
    spec: recordOfSpec(path, spec),
    seed: (options.seed ?? 0n).toString(),
    binarise: options.binarize ?? 'dynamic',
    splits: noSplits,
    overrides,
    ...(precision === undefined ? {} : { precision }),
    data: await chooseData(program, options),
    epochs: options.epochs ?? program.training.epochs,
    validation:
      options.validation === undefined
        ? null
        : { rows: options.validation, patience: options.patience ?? null },
    versions: { iwaec: version, node: process.version },
  };
  const folder = options.out ?? freeRunFolder(config.model);
  return { folder, spec, config, resume: false, changes: null, tuning };
}

/** The last of runs/<model>-1, runs/<model>-2, … for a model of this file. */
function latestRun(path: string): string {
  const numbered = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
  let names: readonly string[] = [];
  try {
    names = readdirSync('runs');
  } catch {
    // No folder of runs: the refusal below says so.
  }
  const runs = names
    .filter(name => numbered(name) > 0 && isRun(join('runs', name)))
    .map(name => ({
      folder: join('runs', name),
      number: numbered(name),
      config: readConfig(join('runs', name)),
    }))
    .filter(run => resolve(run.config.spec.path) === resolve(path))
    .sort((a, b) => b.number - a.number);
  if (runs[0] !== undefined) return runs[0].folder;
  throw new Failure('usage', `there is no run of ${path} in runs/ to go on with`, {
    help: 'name its folder with --out, or leave out --resume',
  });
}

async function planResume(terminal: Terminal, path: string, options: TrainOptions): Promise<TrainingPlan> {
  const folder = options.out ?? latestRun(path);
  const kept = readConfig(folder);
  refuseChanges(kept, options);
  const spec = await specToResume(terminal, path, { folder, kept, options });
  const changes = spec.hash === kept.spec.sha256 ? null : changedFiles(folder, kept.spec, spec);
  const from = isKept(path, folder) ? kept.spec.path : path;
  const config: RunConfig = {
    ...kept,
    spec: changes === null ? { ...kept.spec, path: from } : recordOfSpec(from, spec),
    data: {
      train: options.data === undefined ? kept.data.train : await named(options.data),
      test: options.testData === undefined ? kept.data.test : await named(options.testData),
    },
    epochs: options.epochs ?? kept.epochs,
  };
  const tuningPath = inRun(folder, 'tuning');
  const file = await readTuning(tuningPath);
  const tuning = file && { path: tuningPath, file };
  return { folder, spec, config, resume: true, changes, tuning };
}

/** The run's own copy goes on with what the run has kept, imports and all. */
const isKept = (path: string, folder: string): boolean => resolve(path) === resolve(inRun(folder, 'spec'));

function specToResume(
  terminal: Terminal,
  path: string,
  {
    folder,
    kept,
    options,
  }: { readonly folder: string; readonly kept: RunConfig; readonly options: TrainOptions },
): Promise<CompiledSpec> {
  const choices = {
    model: options.model ?? kept.model,
    precision: kept.precision,
    overrides: kept.overrides,
  };
  if (isKept(path, folder)) return compileKept(terminal, folder, kept.spec, choices);
  if (existsSync(path)) return compileSpec(terminal, path, choices);
  throw new Failure('usage', `${path}: there is no such file`, {
    code: 'spec-unreadable',
    help: `the run has kept its spec: iwaec train ${inRun(folder, 'spec')} --out ${folder} --resume`,
  });
}

/** What makes a run what it is cannot change on the way. */
function refuseChanges(kept: RunConfig, options: TrainOptions): void {
  const settings: readonly (readonly [string, string | number | undefined, string | number | undefined])[] = [
    ['--seed', options.seed?.toString(), kept.seed],
    ['--binarize', options.binarize, kept.binarise satisfies Binarise],
    ['--bound', options.bound, kept.overrides.bound],
    ['--schedule', options.schedule, kept.overrides.schedule],
    ['--k', options.k, kept.overrides.k],
    ['--batch', options.batch, kept.overrides.batch],
    ['--precision', options.precision, kept.precision ?? 'full'],
    ['--validation', options.validation, kept.validation?.rows],
    ['--patience', options.patience, kept.validation?.patience ?? undefined],
  ];
  for (const [option, given, own] of settings) {
    if (given === undefined || given === own) continue;
    const was = own === undefined ? `the run was started without ${option}` : `the run has ${own}`;
    throw new Failure('usage', `${option} ${given}: ${was}, and a resumed run keeps what it has`, {
      help: 'leave the option out, or start a new run',
    });
  }
}

/**
 * The plan with what only the data tells: what was read, and the binarisation of a run that does not choose one.
 * @throws Failure `data-changed` for a run that is resumed on other training data
 */
export async function settleData(
  plan: TrainingPlan,
  data: SplitData,
  { binarize }: TrainOptions,
): Promise<TrainingPlan> {
  const splits = recordOf(data);
  const { config, resume, folder } = plan;
  if (resume) {
    refuseOtherData(folder, config.splits.train, splits.train);
    return { ...plan, config: { ...config, splits } };
  }
  const binarise = binarize ?? (await defaultBinarise(plan, data));
  return { ...plan, config: { ...config, splits, binarise } };
}

/** Of data without a grey value nothing is drawn, and the record says so. */
async function defaultBinarise({ spec }: TrainingPlan, data: SplitData): Promise<Binarise> {
  const { isBinaryData } = await runtime();
  const variables = spec.artefact.program.model.data.filter(({ element }) => element === 'binary');
  const datasets = variables.flatMap(({ name }) =>
    [data.train?.[name] ?? [], data.test?.[name] ?? []].flat(),
  );
  return datasets.every(isBinaryData) ? 'none' : 'dynamic';
}

function refuseOtherData(folder: string, kept: SplitRecord | null, found: SplitRecord | null): void {
  if (kept === null || found === null || kept.sha256 === found.sha256) return;
  throw new Failure(
    'data',
    `the training data is not what ${folder} was trained on: ${kept.name} then, ${found.name} now`,
    {
      code: 'data-changed',
      help: 'give the same data with --data, or start a new run',
    },
  );
}
