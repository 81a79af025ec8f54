import { Unzlib } from 'fflate';
import { largestUnpacked } from '../array.js';

/** A step this small unpacks to 66 MB at most: deflate's best is 1032 to 1. */
const step = 65_536;

/**
 * Unpacks a zlib stream, piece by piece, so that one that unpacks to more than it may is noticed before it fills memory.
 * @throws Error with the reason
 */
export function inflate(packed: Uint8Array, most = largestUnpacked): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  const stream = new Unzlib((part, final) => {
    length += part.length;
    if (length > most) throw new Error(`it unpacks to more than ${most} bytes`);
    if (part.length > 0) parts.push(part);
    ended ||= final;
  });
  for (let start = 0; start < packed.length; start += step) {
    stream.push(packed.subarray(start, start + step), start + step >= packed.length);
  }
  if (!ended) throw new Error('it is cut off');
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
