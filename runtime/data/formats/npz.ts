import { unzipSync } from 'fflate';
import { fault } from '../../errors.js';
import { largestUnpacked, type StoredArray, type StoredData } from '../array.js';
import { parseNpy } from './npy.js';

const suffix = '.npy';

/**
 * The arrays of a .npz file: a zip of .npy files.
 * @throws RuntimeFault `data-corrupt`
 */
export function parseNpz(bytes: Uint8Array, where: string): StoredData {
  const corrupt = (reason: string) => fault('data-corrupt', { where, reason });
  const others: string[] = [];
  let total = 0;
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!name.endsWith(suffix)) {
          others.push(name);
          return false;
        }
        // Each is unpacked into room of the size that the archive states, so a wrong one cannot grow.
        total += originalSize;
        if (total > largestUnpacked) throw new Error(`it unpacks to more than ${largestUnpacked} bytes`);
        return true;
      },
    });
  } catch (error) {
    throw corrupt(`it is not a whole .npz file (${error instanceof Error ? error.message : String(error)})`);
  }
  const arrays = Object.entries(files).map(([file, content]): StoredArray => {
    const name = file.slice(0, -suffix.length);
    const { shape, values } = parseNpy(content, `${where} (${file})`);
    return { name, shape, read: () => values };
  });
  return { arrays, others };
}
