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
  readonly test?: Split;
}

export type SplitName = keyof SplitData;
