import { fault } from '../errors.js';
import {
  type NumericArray,
  type StoredArray,
  type StoredData,
  single,
  sizeOf,
  zerosAndOnes,
} from './array.js';
import { type Dataset, datasetOf } from './dataset.js';
import { parseBits } from './formats/bits.js';
import { parseCsv } from './formats/csv.js';
import { parseIdx } from './formats/idx.js';
import { looksLikeMat, looksLikeMat73, parseMat } from './formats/mat.js';
import { parseNpy } from './formats/npy.js';
import { parseNpz } from './formats/npz.js';
import { parseText } from './formats/text.js';

/** What is known of data before it is read. */
export interface DataWish {
  /** Which array of a file that has several; without it, the one whose name says `split`. */
  readonly variable?: string | undefined;
  readonly split?: 'train' | 'test' | undefined;
  /** Elements in a row, from the model: packed bits need it, and it tells rows from columns in MATLAB files. */
  readonly width?: number | undefined;
}

interface Format {
  readonly name: string;
  readonly matches: (bytes: Uint8Array, path: string) => boolean;
  readonly parse: (bytes: Uint8Array, where: string, wish: DataWish) => StoredData;
}

const startsWith =
  (...magic: readonly number[]) =>
  (bytes: Uint8Array): boolean =>
    magic.every((byte, i) => bytes[i] === byte);

const endsWith =
  (...suffixes: readonly string[]) =>
  (_bytes: Uint8Array, path: string): boolean =>
    suffixes.some(suffix => path.toLowerCase().replace(/\.gz$/, '').endsWith(suffix));

/** In the order in which they are tried: by their first bytes, then by their names. */
const formats: readonly Format[] = [
  { name: 'npy', matches: startsWith(0x93, 0x4e), parse: (bytes, where) => single(parseNpy(bytes, where)) },
  { name: 'npz', matches: startsWith(0x50, 0x4b, 0x03, 0x04), parse: parseNpz },
  {
    name: 'MATLAB .mat (versions 5 to 7)',
    matches: bytes => looksLikeMat(bytes) || looksLikeMat73(bytes),
    parse: parseMat,
  },
  {
    name: 'packed bits (.bits)',
    matches: endsWith('.bits'),
    parse: (bytes, where, { width }) => single(parseBits(bytes, where, width)),
  },
  { name: 'CSV', matches: endsWith('.csv'), parse: parseCsv },
  {
    name: 'text (.amat, .txt)',
    matches: endsWith('.amat', '.txt'),
    parse: (bytes, where) => single(parseText(bytes, where)),
  },
  { name: '.mat', matches: endsWith('.mat'), parse: parseMat },
  { name: 'idx', matches: () => true, parse: (bytes, where) => single(parseIdx(bytes, where)) },
];

/** For users: what is read from a file. */
export const formatNames: readonly string[] = [
  ...formats.map(({ name }) => name).filter(name => name !== '.mat'),
  'a folder of PNG pictures',
];

/**
 * A data set from a file's content, unpacked; its format is known by its first bytes or by its name.
 * @throws RuntimeFault `data-corrupt`
 */
export const parseDataset = (bytes: Uint8Array, path: string, wish: DataWish = {}): Dataset =>
  datasetFrom(parseStored(bytes, path, wish), path, wish);

/** @throws RuntimeFault `data-corrupt` */
export const parseStored = (bytes: Uint8Array, path: string, wish: DataWish): StoredData =>
  formats.find(({ matches }) => matches(bytes, path))!.parse(bytes, path, wish);

/** The array of a file that is wished for, a datum in each row. @throws RuntimeFault `data-corrupt` */
export function datasetFrom(stored: StoredData, path: string, wish: DataWish): Dataset {
  const array = chosenArray(stored, path, wish);
  const values = array.read();
  const { shape } = array;
  const rows = array.columnMajor ? rowsOf({ shape, values }, wish.width) : { shape, values };
  const name = path.replace(/^.*[\\/]/, '');
  return datasetOf(name, { shape: rows.shape, values: zerosAndOnes(rows.values) }, array.labels);
}

/** Names of arrays that say what they hold, the likeliest first. */
const usualNames = {
  train: ['train', 'x_train', 'train_x', 'traindata', 'train_data', 'data', 'x', 'images', 'arr_0'],
  test: ['test', 'x_test', 'test_x', 'testdata', 'test_data', 'data', 'x', 'images', 'arr_0'],
} as const;

function chosenArray({ arrays, others }: StoredData, path: string, wish: DataWish): StoredArray {
  const corrupt = (reason: string) => fault('data-corrupt', { where: path, reason });
  const { variable, split = 'train' } = wish;
  const list = arrays.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
  const left = others.length === 0 ? '' : ` (${others.join(', ')}: no arrays of real numbers)`;
  const holds = `${list === '' ? 'no array of numbers' : list}${left}`;
  if (variable !== undefined) {
    const named = arrays.find(({ name }) => name === variable);
    if (named === undefined) throw corrupt(`it has no array '${variable}'; it holds ${holds}`);
    return named;
  }
  const [only, ...more] = arrays;
  if (only !== undefined && more.length === 0) return only;
  for (const usual of usualNames[split]) {
    const named = arrays.find(({ name }) => name.toLowerCase() === usual);
    if (named !== undefined) return named;
  }
  const hint = arrays.length === 0 ? '' : `; name one as in ${path}#${only!.name}`;
  throw corrupt(`none of its arrays is known to be ${split} data: it holds ${holds}${hint}`);
}

/**
 * An array of MATLAB's order with a datum in each row. Where only the first axis has a datum's width, the columns are the
 * data, as in OMNIGLOT's chardata.mat.
 */
function rowsOf({ shape, values }: NumericArray, width: number | undefined): NumericArray {
  const [first = 1, ...rest] = shape;
  if (width !== undefined && sizeOf(rest) !== width && first === width)
    return { shape: [sizeOf(rest), first], values };
  const Values = values instanceof Uint8Array ? Uint8Array : Float32Array;
  const result = new Values(values.length);
  // Column-major: element (i0, i1, …) stands at i0 + n0 (i1 + n1 (…)); row-major the last index is the fastest.
  const strides: number[] = [];
  shape.reduce((stride, extent, axis) => {
    strides[axis] = stride;
    return stride * extent;
  }, 1);
  const index = shape.map(() => 0);
  for (let out = 0, from = 0; out < result.length; out++) {
    result[out] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      from += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { shape, values: result };
}
