import { fault } from '../errors.js';

/**
 * Rows of one data variable in host memory, row-major: row r is values[r · width] … values[(r + 1) · width − 1].
 * Bytes stand for v / 255 where the model's data is `binary` or `unit`, and for themselves where it is `byte`.
 */
export interface Dataset {
  /** What a user is told it is, such as a file's name. */
  readonly name: string;
  readonly rows: number;
  /** Elements in a row: the product of `shape`. */
  readonly width: number;
  readonly shape: readonly number[];
  readonly encoding: 'byte' | 'f32';
  readonly values: Uint8Array | Float32Array;
  /** A class for each row, where there is one. */
  readonly labels?: Uint8Array;
}

/** Datasets by the name of the model's data variable; all of one split have the same number of rows. */
export type Split = Readonly<Record<string, Dataset>>;

export interface SplitData {
  readonly train?: Split;
  /** Rows held out of the training data. */
  readonly validation?: Split;
  readonly test?: Split;
}

export type SplitName = keyof SplitData;

/**
 * A data set from an array whose first axis is the row. An array of one axis has rows of one element.
 * @throws RuntimeFault `data-corrupt` if there are not as many labels as rows
 */
export function datasetOf(
  name: string,
  array: { readonly shape: readonly number[]; readonly values: Uint8Array | Float32Array },
  labels?: Uint8Array,
): Dataset {
  const [rows = 1, ...rest] = array.shape;
  const shape = rest.length === 0 ? [1] : rest;
  if (labels !== undefined && labels.length !== rows) {
    throw fault('data-corrupt', { where: name, reason: `it has ${rows} rows and ${labels.length} labels` });
  }
  return {
    name,
    rows,
    width: shape.reduce((product, size) => product * size, 1),
    shape,
    encoding: array.values instanceof Uint8Array ? 'byte' : 'f32',
    values: array.values,
    ...(labels === undefined ? {} : { labels }),
  };
}

/** @throws RuntimeFault `data-corrupt` if there are not as many labels as rows */
export function withLabels(dataset: Dataset, labels: Uint8Array, where: string): Dataset {
  if (labels.length === dataset.rows) return { ...dataset, labels };
  const reason = `it has ${labels.length} labels, and ${dataset.name} ${dataset.rows} rows`;
  throw fault('data-corrupt', { where, reason });
}
