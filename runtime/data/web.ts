import { fault, isFault } from '../errors.js';
import { largestUnpacked, zerosAndOnes } from './array.js';
import { type Dataset, datasetOf, withLabels } from './dataset.js';
import type { DataWish } from './file.js';
import { parseIdx } from './formats/idx.js';
import { parseNpy } from './formats/npy.js';

/** Where a page's data comes from: an address to fetch, a file that a person chose, or bytes that are there already. */
export type DataSource = string | URL | Blob | ArrayBuffer | Uint8Array;

export interface DatasetFacts extends DataWish {
  /** What a user is told it is; default: the file's name. */
  readonly name?: string;
  /** An idx file with a class for each row. */
  readonly labels?: DataSource;
}

/**
 * A data set from a file: idx, .npy, .npz, MATLAB's .mat, CSV, text or packed bits, gzip or not. Formats are told apart
 * by their first bytes, and text and packed bits by the ending of the name. For arrays that are no file there is
 * `datasetOf`.
 * @throws RuntimeFault `data-missing` if it cannot be fetched, `data-corrupt`
 */
export async function loadDataset(source: DataSource, facts: DatasetFacts = {}): Promise<Dataset> {
  const name = facts.name ?? nameOf(source);
  const dataset = await parsed(await fileBytes(source, name), name, facts);
  if (facts.labels === undefined) return dataset;
  const where = nameOf(facts.labels);
  return withLabels(dataset, parseIdx(await fileBytes(facts.labels, where), where).values, where);
}

/** idx and .npy are there at once; the other formats are fetched when a file has one. */
async function parsed(bytes: Uint8Array, name: string, wish: DataWish): Promise<Dataset> {
  const isIdx = bytes[0] === 0 && bytes[1] === 0 && !name.toLowerCase().includes('.bits');
  if (!isIdx && bytes[0] !== 0x93) return (await import('./file.js')).parseDataset(bytes, name, wish);
  const { shape, values } = isIdx ? parseIdx(bytes, name) : parseNpy(bytes, name);
  return datasetOf(name, { shape, values: zerosAndOnes(values) });
}

const fileBytes = async (source: DataSource, name: string) => unpacked(await bytesOf(source, name), name);

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
