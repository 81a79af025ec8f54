import { createHash } from 'node:crypto';
import type { Dataset, SplitData } from '../runtime/index.js';

/** What was read for one split. */
export interface SplitRecord {
  readonly name: string;
  readonly rows: number;
  readonly shape: readonly number[];
  /** Of the values as they were read, in row order. */
  readonly sha256: string;
}

/** The data of a run. Training visits each epoch's rows in an order drawn from the run's seed and the epoch. */
export interface SplitsRecord {
  readonly train: SplitRecord | null;
  readonly test: SplitRecord | null;
  readonly shuffle: 'per-epoch';
}

export const noSplits: SplitsRecord = { train: null, test: null, shuffle: 'per-epoch' };

const digests = new WeakMap<Dataset, string>();

function digestOf(dataset: Dataset): string {
  const known = digests.get(dataset);
  if (known !== undefined) return known;
  const { values } = dataset;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const digest = createHash('sha256').update(bytes).digest('hex');
  digests.set(dataset, digest);
  return digest;
}

/** The record of data as it was read; a split of several variables is known by its first. */
export function recordOf(data: SplitData): SplitsRecord {
  const record = (split: SplitData['train']): SplitRecord | null => {
    const dataset = Object.values(split ?? {})[0];
    if (dataset === undefined) return null;
    const { name, rows, shape } = dataset;
    return { name, rows, shape, sha256: digestOf(dataset) };
  };
  return { train: record(data.train), test: record(data.test), shuffle: 'per-epoch' };
}
