import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { largestUnpacked } from '../data/array.js';
import { type Dataset, withLabels } from '../data/dataset.js';
import { type DataWish, datasetFrom, parseDataset } from '../data/file.js';
import { parseIdx } from '../data/formats/idx.js';
import { type PictureFile, parsePictures } from '../data/formats/png.js';
import { fault } from '../errors.js';
import { endless, readPlain } from './files.js';

/** A Buffer as the array it is: its `slice` would not copy, and it compares unequal to the same bytes. */
const plain = (bytes: Buffer) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const noData = (what: string) =>
  fault('data-missing', {
    what,
    remedy: 'name a file, or one of the data sets that `iwaec data list` shows',
  });

const missing = (path: string, { code, message }: NodeJS.ErrnoException) =>
  noData(`${path} ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? message})`}`);

/** The bytes of a file, unpacked if it is gzip. @throws RuntimeFault `data-missing`, `data-corrupt` */
export async function readDataFile(path: string): Promise<Uint8Array> {
  const bytes = await readPlain(path).catch((error: NodeJS.ErrnoException) => {
    throw missing(path, error);
  });
  return unpacked(bytes, path);
}

export function unpacked(bytes: Buffer, path: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return plain(bytes);
  try {
    return plain(gunzipSync(bytes, { maxOutputLength: largestUnpacked }));
  } catch (error) {
    throw fault('data-corrupt', { where: path, reason: `it does not unpack (${(error as Error).message})` });
  }
}

export interface DatasetWish extends DataWish {
  /** An idx file with a class for each row. */
  readonly labels?: string | undefined;
}

/**
 * A data set from a file of any format that is read (`formatNames`), gzip or not, or from a folder of pictures. `FILE#NAME`
 * chooses one array of a file that has several.
 * @throws RuntimeFault `data-missing`, `data-corrupt`
 */
export async function readDataset(path: string, wish: DatasetWish = {}): Promise<Dataset> {
  const [file, variable] = await withoutVariable(path);
  const facts = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw missing(file, error);
  });
  const kind = endless(facts);
  if (kind !== null) throw noData(`${file} is ${kind}, not a file`);
  const wished = variable === null ? wish : { ...wish, variable };
  const dataset = facts.isDirectory()
    ? datasetFrom(parsePictures(await readPictures(file), file), file, {})
    : parseDataset(await readDataFile(file), file, wished);
  if (wish.labels === undefined) return dataset;
  const labels = parseIdx(await readDataFile(wish.labels), wish.labels).values;
  return withLabels(dataset, labels, wish.labels);
}

/** `FILE#NAME` apart, unless a file has that very name. */
async function withoutVariable(path: string): Promise<readonly [file: string, variable: string | null]> {
  const hash = path.lastIndexOf('#');
  if (hash <= 0) return [path, null];
  const whole = await stat(path).catch(() => null);
  return whole === null ? [path.slice(0, hash), path.slice(hash + 1)] : [path, null];
}

const isPng = (name: string): boolean => name.toLowerCase().endsWith('.png');
/** Class numbers are bytes. */
const mostClasses = 256;

/** The PNG files of a folder by name; of a folder of folders, each with the number of its folder as its class. */
async function readPictures(folder: string): Promise<readonly PictureFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.map(({ name }) => name).sort();
  const own = names.filter(isPng);
  const folders = entries
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  if (own.length > 0 || folders.length === 0) return Promise.all(own.map(name => picture(folder, name)));
  if (folders.length > mostClasses) {
    throw fault('data-corrupt', { where: folder, reason: `it has ${folders.length} classes; 256 are read` });
  }
  const classes = folders.map(async (name, label) => {
    const files = (await readdir(join(folder, name))).filter(isPng).sort();
    return Promise.all(files.map(file => picture(folder, join(name, file), label)));
  });
  return (await Promise.all(classes)).flat();
}

async function picture(folder: string, name: string, label?: number): Promise<PictureFile> {
  const path = join(folder, name);
  const bytes = await readPlain(path).catch((error: NodeJS.ErrnoException) => {
    throw missing(path, error);
  });
  return { name, bytes: plain(bytes), ...(label === undefined ? {} : { label }) };
}
