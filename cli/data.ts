import type { Program } from '../compiler/index.js';
import type { Dataset, SplitData } from '../runtime/index.js';
import { platform } from './doors.js';
import { Failure } from './failure.js';

/** Data files, or null for the data that comes with iwaec. */
export interface DataFiles {
  readonly train: string | null;
  readonly test: string | null;
}

const mnistWidth = 784;

/**
 * The data of a program with one data variable: the named files, else MNIST where it fits.
 * @throws Failure `data-missing`, RuntimeFault `data-missing`, `data-corrupt`
 */
export async function loadData(program: Program, files: DataFiles): Promise<SplitData> {
  const [variable, ...others] = program.model.data;
  if (variable === undefined) throw missing('the model declares no data');
  if (others.length > 0) {
    throw missing(
      `the model has ${others.length + 1} data variables, and the command line gives data to one`,
    );
  }
  const split = (dataset: Dataset) => ({ [variable.name]: dataset });
  const { mnist, readDataset } = await platform();
  if (files.train === null && files.test === null) {
    const width = variable.shape.reduce((product, extent) => product * extent, 1);
    const fits = width === mnistWidth && ['binary', 'unit', 'byte'].includes(variable.element);
    if (!fits) {
      throw missing(
        `the model needs ${variable.element}[${variable.shape.join(', ')}], which is not what MNIST holds`,
      );
    }
    const { train, test } = await mnist();
    return { train: split(train), test: split(test) };
  }
  return {
    ...(files.train === null ? {} : { train: split(await readDataset(files.train)) }),
    ...(files.test === null ? {} : { test: split(await readDataset(files.test)) }),
  };
}

const missing = (reason: string) =>
  new Failure('data', reason, {
    code: 'data-missing',
    help: 'give training data with --data FILE (idx or .npy), and test data with --test-data FILE',
  });

/** Rows of a split. */
export const rowCount = (data: SplitData, split: 'train' | 'test'): number =>
  Object.values(data[split] ?? {})[0]?.rows ?? 0;

/** What is evaluated: the test rows where there are any. */
export const evaluationSplit = (data: SplitData): 'train' | 'test' =>
  rowCount(data, 'test') > 0 ? 'test' : 'train';
