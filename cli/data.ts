import { resolve } from 'node:path';
import type { Program } from '../compiler/index.js';
import type { Dataset, SplitData } from '../runtime/index.js';
import type { SourceName } from '../runtime/node.js';
import { platform } from './doors.js';
import { Failure } from './failure.js';
import { isSystemError, systemReason } from './files.js';
import { listenForInterrupt } from './interrupt.js';
import { fetchProgress } from './progress.js';
import type { Terminal } from './terminal.js';

/** The names of data sets or the paths of files, absolute; null where there is none. */
export interface DataChoice {
  readonly train: string | null;
  readonly test: string | null;
}

type Split = keyof DataChoice;

const defaultSource = 'mnist' satisfies SourceName;

/**
 * The data that a command line chooses: a name brings both of its splits, a file one.
 * @throws Failure `data-missing` where nothing is chosen and MNIST does not fit
 */
export async function chooseData(
  program: Program,
  { data, testData }: { readonly data?: string | undefined; readonly testData?: string | undefined },
): Promise<DataChoice> {
  if (data === undefined) {
    checkDefault(program);
    return { train: defaultSource, test: testData === undefined ? defaultSource : await named(testData) };
  }
  const train = await named(data);
  const { isSourceName } = await platform();
  const test = testData !== undefined ? await named(testData) : isSourceName(train) ? train : null;
  return { train, test };
}

/** A data set's name as it is, a path absolute. `./mnist` is always a path. */
export async function named(text: string): Promise<string> {
  const { isSourceName } = await platform();
  return isSourceName(text) ? text : resolve(text);
}

const widthOf = (program: Program): number =>
  program.model.data[0]?.shape.reduce((product, extent) => product * extent, 1) ?? 0;

function checkDefault(program: Program): void {
  const [variable] = program.model.data;
  if (variable === undefined || program.model.data.length > 1) return;
  const fits = widthOf(program) === 784 && ['binary', 'unit', 'byte'].includes(variable.element);
  if (fits) return;
  throw missing(
    `the model needs ${variable.element}[${variable.shape.join(', ')}], which is not what MNIST holds`,
  );
}

/**
 * The data of a program with one data variable. Named data sets are fetched on first use.
 * @throws Failure `data-missing`, `cache-refused`, `interrupted`; RuntimeFault `data-missing`, `data-corrupt`, `download-failed`
 */
export async function loadData(terminal: Terminal, program: Program, choice: DataChoice): Promise<SplitData> {
  const [variable, ...others] = program.model.data;
  if (variable === undefined) throw missing('the model declares no data');
  if (others.length > 0) {
    throw missing(
      `the model has ${others.length + 1} data variables, and the command line gives data to one`,
    );
  }
  const width = widthOf(program);
  const entries: [Split, { readonly [name: string]: Dataset }][] = [];
  for (const split of ['train', 'test'] as const) {
    const chosen = choice[split];
    if (chosen === null) continue;
    entries.push([split, { [variable.name]: await readSplit(terminal, chosen, split, width) }]);
  }
  return Object.fromEntries(entries);
}

/** Named data sets of this process: each is read once, though it has two splits. */
const loaded = new Map<string, Promise<Readonly<Record<Split, Dataset>>>>();

async function readSplit(terminal: Terminal, chosen: string, split: Split, width: number): Promise<Dataset> {
  const { isSourceName } = await platform();
  const { readDataset } = await platform();
  if (!isSourceName(chosen)) return readDataset(chosen, { split, width });
  const reading = loaded.get(chosen) ?? readNamed(terminal, chosen);
  loaded.set(chosen, reading);
  return (await reading)[split];
}

async function readNamed(terminal: Terminal, name: SourceName) {
  const { readSource } = await platform();
  return withCache(async () => {
    const interrupt = listenForInterrupt(terminal, 'stopping; what has arrived is kept');
    const progress = fetchProgress(terminal);
    try {
      const reading = readSource(name, { signal: interrupt.signal, onProgress: progress.update });
      await Promise.allSettled([reading]);
      const exit = await interrupt.told();
      if (exit === null) return await reading;
      throw new Failure(exit, `the data set ${name} was not read to its end`, {
        help: 'the same command goes on with what has arrived',
      });
    } finally {
      progress.stop();
      interrupt.release();
    }
  });
}

/** Says of the cache folder what the system says of a file in it. */
export async function withCache<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST', 'ENOENT'))
      throw error;
    const { cacheFolder, cacheVariable } = await platform();
    throw new Failure(
      'data',
      `the data cannot be kept in the cache ${cacheFolder()}: ${systemReason(error)}`,
      {
        code: 'cache-refused',
        help: `name another folder in ${cacheVariable}, or make room; what has arrived is kept`,
        cause: error,
      },
    );
  }
}

const missing = (reason: string) =>
  new Failure('data', reason, {
    code: 'data-missing',
    help: 'give data with --data NAME or FILE, and test data with --test-data; `iwaec data list` shows names and formats',
  });

/** Rows of a split. */
export const rowCount = (data: SplitData, split: 'train' | 'test'): number =>
  Object.values(data[split] ?? {})[0]?.rows ?? 0;

/** What is evaluated: the test rows where there are any. */
export const evaluationSplit = (data: SplitData): 'train' | 'test' =>
  rowCount(data, 'test') > 0 ? 'test' : 'train';
