/** Numbers in row-major order, first axis slowest. */
export interface NumericArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array | Float32Array;
}

/** One array of a file, read when it is asked for. */
export interface StoredArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** MATLAB's order: `values` has the first axis fastest. */
  readonly columnMajor?: boolean;
  /** @throws RuntimeFault `data-corrupt` */
  readonly read: () => Uint8Array | Float32Array;
  /** A class for each row, where the file has one. */
  readonly labels?: Uint8Array;
}

/** What a file holds. */
export interface StoredData {
  readonly arrays: readonly StoredArray[];
  /** Variables that are no arrays of real numbers, for messages. */
  readonly others: readonly string[];
}

/** A file that is one array. */
export const single = ({ shape, values }: NumericArray, labels?: Uint8Array): StoredData => ({
  arrays: [{ name: '', shape, read: () => values, ...(labels === undefined ? {} : { labels }) }],
  others: [],
});

/** More than this unpacked is taken for a bomb, not for data. */
export const largestUnpacked = 2 ** 31;

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, extent) => product * extent, 1);

/**
 * Numbers that were written without a type. Whole numbers from 0 to 255 of which one is above 1 are grey levels as bytes;
 * everything else is what it says.
 */
export function typed(values: Float32Array): Uint8Array | Float32Array {
  let most = 0;
  for (const value of values) {
    if (!(value >= 0 && value <= 255 && Number.isInteger(value))) return values;
    if (value > most) most = value;
  }
  return most > 1 ? Uint8Array.from(values) : values;
}

/**
 * Bytes of which none is above 1 are zeros and ones, not the two darkest of 256 grey levels. As floats they are one, whatever
 * the model's data is.
 */
export function zerosAndOnes(values: Uint8Array | Float32Array): Uint8Array | Float32Array {
  if (!(values instanceof Uint8Array)) return values;
  let some = false;
  for (const value of values) {
    if (value > 1) return values;
    some ||= value === 1;
  }
  return some ? Float32Array.from(values) : values;
}
