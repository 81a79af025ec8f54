import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError, writeWhole } from '../files.js';
import { readConfig } from '../run-folder.js';
import { cellFolder, evalWords, trainWords } from './command-line.js';
import type { Cell } from './grid.js';

/** What came of a cell. */
export type CellResult = Finished | Failed;

export interface Finished {
  readonly kind: 'finished';
  readonly nll: number;
  readonly nllStderr: number;
  readonly k: number;
  readonly images: number;
  /** D_KL(q(h|x) ‖ p(h|x)), estimated as −NLL − L_1; null where the evaluation does not tell. */
  readonly posteriorDivergence: number | null;
  /** Active units of each layer, and by principal components. */
  readonly active: readonly number[];
  readonly pcaActive: readonly number[];
  readonly binarise: string;
  readonly data: string;
  readonly epochs: number;
}

export interface Failed {
  readonly kind: 'failed';
  readonly code: string;
  readonly message: string;
}

const resultPath = (out: string, { id }: Cell): string => join(out, `${id}.json`);

/** Cells with the same words are the same runs. */
const wordsOf = (cell: Cell): string => JSON.stringify([trainWords(cell), evalWords(cell)]);

interface StoredResult {
  readonly format: 'iwaec-cell';
  readonly version: 1;
  readonly words: string;
  readonly result: CellResult;
}

export async function writeResult(out: string, cell: Cell, result: CellResult): Promise<void> {
  const stored: StoredResult = { format: 'iwaec-cell', version: 1, words: wordsOf(cell), result };
  await writeWhole(resultPath(out, cell), `${JSON.stringify(stored, null, 2)}\n`);
}

/** The result of this very cell, or null: one of other settings, or one that is damaged, counts for nothing. */
export function readResult(out: string, cell: Cell): CellResult | null {
  try {
    const stored: unknown = JSON.parse(readFileSync(resultPath(out, cell), 'utf8'));
    return isStored(stored) && stored.words === wordsOf(cell) ? stored.result : null;
  } catch (error) {
    if (error instanceof SyntaxError || isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return null;
    throw error;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isStored(value: unknown): value is StoredResult {
  if (!isObject(value) || value.format !== 'iwaec-cell' || value.version !== 1) return false;
  const { result } = value;
  if (!isObject(result)) return false;
  if (result.kind === 'failed') return typeof result.code === 'string' && typeof result.message === 'string';
  return result.kind === 'finished' && isFinished(result);
}

const isFinished = (result: Readonly<Record<string, unknown>>): boolean =>
  ['nll', 'nllStderr', 'k', 'images', 'epochs'].every(name => Number.isFinite(result[name])) &&
  ['active', 'pcaActive'].every(name => Array.isArray(result[name])) &&
  ['binarise', 'data'].every(name => typeof result[name] === 'string');

const numberAt = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

/** What `iwaec eval --json` says of a run, with what the run says of itself. */
export function resultOf(out: string, cell: Cell, evaluation: Readonly<Record<string, unknown>>): Finished {
  const config = readConfig(cellFolder(out, cell));
  const units =
    isObject(evaluation.units) && Array.isArray(evaluation.units.layers) ? evaluation.units.layers : [];
  const layers = units.filter(isObject);
  const divergence = isObject(evaluation.posterior_divergence)
    ? numberAt(evaluation.posterior_divergence.mean)
    : Number.NaN;
  return {
    kind: 'finished',
    nll: numberAt(evaluation.nll),
    nllStderr: numberAt(evaluation.nll_stderr),
    k: numberAt(evaluation.k),
    images: numberAt(evaluation.images),
    posteriorDivergence: Number.isFinite(divergence) ? divergence : null,
    active: layers.map(({ active }) => numberAt(active)),
    pcaActive: layers.map(({ pca_active }) => numberAt(pca_active)),
    binarise: config.binarise,
    data: config.splits.test?.name ?? config.splits.train?.name ?? '?',
    epochs: config.epochs,
  };
}
