import { fault, isFault } from '../errors.js';
import { type Dataset, datasetOf } from './dataset.js';
import { parseIdx } from './idx.js';
import { parseNpy } from './npy.js';

/** Where a page's data comes from: an address to fetch, a file that a person chose, or bytes that are there already. */
export type DataSource = string | URL | Blob | ArrayBuffer | Uint8Array;

export interface DatasetFacts {
  /** What a user is told it is; default: the file's name. */
  readonly name?: string;
  /** An idx file with a class for each row. */
  readonly labels?: DataSource;
}

/**
 * A data set from an idx or .npy file (told apart by their first bytes), gzip or not. For arrays that are no file there
 * is `datasetOf`.
 * @throws RuntimeFault `data-missing` if it cannot be fetched, `data-corrupt`
 */
export async function loadDataset(source: DataSource, { name, labels }: DatasetFacts = {}): Promise<Dataset> {
  const array = await readArray(source, name);
  const classes = labels === undefined ? undefined : await readArray(labels);
  if (classes === undefined) return datasetOf(array.name, array);
  if (!(classes.values instanceof Uint8Array)) {
    throw fault('data-corrupt', { where: classes.name, reason: 'labels are bytes of an idx file' });
  }
  return datasetOf(array.name, array, classes.values);
}

async function readArray(source: DataSource, given?: string) {
  const name = given ?? nameOf(source);
  const bytes = await unpacked(await bytesOf(source, name), name);
  const array = bytes[0] === 0x93 ? parseNpy(bytes, name) : parseIdx(bytes, name);
  return { name, ...array };
}

function nameOf(source: DataSource): string {
  if (typeof source === 'string' || source instanceof URL) {
    return String(source).split(/[?#]/)[0]!.split('/').at(-1) || String(source);
  }
  return source instanceof Blob && 'name' in source && typeof source.name === 'string'
    ? source.name
    : 'the data';
}

async function bytesOf(source: DataSource, name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Uint8Array) return new Uint8Array(source);
  const missing = (reason: string) =>
    fault('data-missing', {
      what: `${name} ${reason}`,
      remedy: 'check its address, and that its server allows this page to read it',
    });
  try {
    if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
    const response = await fetch(source);
    if (!response.ok) throw missing(`is answered with status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (isFault(error)) throw error;
    throw missing(`cannot be read (${error instanceof Error ? error.message : error})`);
  }
}

/** More than this unpacked is taken for a bomb, not for data. */
const largestUnpacked = 2 ** 31;

/** The bytes, unpacked if they are gzip. */
async function unpacked(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const pieces: Uint8Array[] = [];
  let length = 0;
  const corrupt = (reason: string) =>
    fault('data-corrupt', { where: name, reason: `it does not unpack (${reason})` });
  try {
    for await (const piece of readPieces(stream)) {
      length += piece.length;
      if (length > largestUnpacked) throw corrupt('it is too large');
      pieces.push(piece);
    }
  } catch (error) {
    if (isFault(error)) throw error;
    throw corrupt(error instanceof Error ? error.message : String(error));
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Not every browser iterates over a stream. */
async function* readPieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}
