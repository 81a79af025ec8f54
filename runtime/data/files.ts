import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fault } from '../errors.js';
import { type Dataset, datasetOf } from './dataset.js';
import { parseIdx } from './idx.js';
import { parseNpy } from './npy.js';

/** More than this unpacked is taken for a bomb, not for data. */
const largestUnpacked = 2 ** 31;

/** A Buffer as the array it is: its `slice` would not copy, and it compares unequal to the same bytes. */
const plain = (bytes: Buffer) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The bytes of a file, unpacked if it is gzip. @throws RuntimeFault `data-missing`, `data-corrupt` */
export async function readDataFile(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code})`;
    throw fault('data-missing', { what: `${path} ${reason}` });
  });
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return plain(bytes);
  try {
    return plain(gunzipSync(bytes, { maxOutputLength: largestUnpacked }));
  } catch (error) {
    throw fault('data-corrupt', { where: path, reason: `it does not unpack (${(error as Error).message})` });
  }
}

/**
 * A data set from an idx or .npy file (told apart by their first bytes), gzip or not; `labels` is an idx file.
 * @throws RuntimeFault `data-missing`, `data-corrupt`
 */
export async function readDataset(path: string, labels?: string): Promise<Dataset> {
  const bytes = await readDataFile(path);
  const array = bytes[0] === 0x93 ? parseNpy(bytes, path) : parseIdx(bytes, path);
  const classes = labels === undefined ? undefined : parseIdx(await readDataFile(labels), labels).values;
  return datasetOf(basename(path), array, classes);
}
