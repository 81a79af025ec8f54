import type { Checkpoint, Session, SplitData } from '../runtime/index.js';
import { loadData, named } from './data.js';
import { withDevice } from './device.js';
import { runtime } from './doors.js';
import type { Exit } from './exit-codes.js';
import { compileKept } from './kept-spec.js';
import type { DeviceWish } from './options.js';
import { readCheckpoint } from './run-checkpoints.js';
import { type Run, readConfig, readRun } from './run-folder.js';
import type { Terminal } from './terminal.js';
import { holdOut } from './training/validation.js';

export interface OpenRun {
  readonly run: Run;
  readonly session: Session;
  /** Nothing unless it was asked for. */
  readonly data: SplitData;
  readonly seed: bigint;
}

export interface OpenRunOptions extends DeviceWish {
  /** Default: the run's. */
  readonly seed?: bigint | undefined;
  readonly needsData: boolean;
  /** Instead of the run's test data. */
  readonly testData?: string | undefined;
  /** The parameters that were best on validation rows, not the last ones. */
  readonly best?: boolean | undefined;
}

/** A trained run as it is read, before there is a device. */
export interface LoadedRun {
  readonly run: Run;
  readonly checkpoint: Checkpoint;
  readonly data: SplitData;
}

export async function loadRun(
  terminal: Terminal,
  folder: string,
  options: Omit<OpenRunOptions, keyof DeviceWish | 'seed'>,
): Promise<LoadedRun> {
  const run = await readAnyRun(terminal, folder);
  const { config, artefact } = run;
  const checkpoint = await readCheckpoint(folder, options.best === true ? 'best' : 'checkpoint');
  const test = options.testData === undefined ? config.data.test : await named(options.testData);
  const loaded = options.needsData
    ? await loadData(terminal, artefact.program, { ...config.data, test })
    : {};
  // What was held out is no training data here either.
  const data = config.validation ? holdOut(loaded, config.validation) : loaded;
  return { run, checkpoint, data };
}

/** Opens a run with its checkpoint on a device for as long as `work` takes. */
export async function withLoaded(
  terminal: Terminal,
  { run, checkpoint, data }: LoadedRun,
  options: DeviceWish & Pick<OpenRunOptions, 'seed'>,
  work: (open: OpenRun) => Promise<Exit>,
): Promise<Exit> {
  const { config, artefact } = run;
  const seed = options.seed ?? BigInt(config.seed);
  const { openSession } = await runtime();
  return withDevice(terminal, options, async device => {
    const session = await openSession(device, artefact, {
      seed,
      binarise: config.binarise,
      specHash: config.spec.sha256,
    });
    try {
      session.bind(data);
      session.restore(checkpoint);
      return await work({ run, session, data, seed });
    } finally {
      session.dispose();
    }
  });
}

/** Both, one after the other. */
export const withRun = async (
  terminal: Terminal,
  folder: string,
  options: OpenRunOptions,
  work: (open: OpenRun) => Promise<Exit>,
): Promise<Exit> => withLoaded(terminal, await loadRun(terminal, folder, options), options, work);

/** A run; where its program is of another version of iwaec, with one compiled anew from the spec that it keeps. */
export async function readAnyRun(terminal: Terminal, folder: string): Promise<Run> {
  try {
    return await readRun(folder);
  } catch (error) {
    const { isFault } = await runtime();
    if (!isFault(error) || error.code !== 'program-version') throw error;
    const config = readConfig(folder);
    const { model, precision, overrides, versions } = config;
    terminal.note(
      `note: ${folder} was made by iwaec ${versions.iwaec} with another form of programs; its spec is compiled again`,
    );
    const { artefact } = await compileKept(terminal, folder, config.spec, { model, precision, overrides });
    return { folder, config, artefact };
  }
}
