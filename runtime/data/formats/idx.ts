import { fault } from '../../errors.js';

/** An array of bytes as an idx file holds it. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

const unsignedByte = 0x08;
const largestRank = 8;

/**
 * Reads an idx file of unsigned bytes: 0, 0, element type, rank, one big-endian u32 a dimension, then the elements.
 * The values are a view of `bytes`.
 * @throws RuntimeFault `data-corrupt`
 */
export function parseIdx(bytes: Uint8Array, where: string): IdxArray {
  const corrupt = (reason: string) => fault('data-corrupt', { where, reason });
  if (bytes.length < 4) throw corrupt(`it has ${bytes.length} bytes, less than an idx header`);
  const [zero, alsoZero, type, rank] = bytes as unknown as [number, number, number, number];
  if (zero !== 0 || alsoZero !== 0)
    throw corrupt('it is not an idx file: it does not start with two zero bytes');
  if (type !== unsignedByte)
    throw corrupt(`its elements have type 0x${type.toString(16)}; only bytes (0x8) are read`);
  if (rank < 1 || rank > largestRank)
    throw corrupt(`it has ${rank} dimensions; 1 to ${largestRank} are read`);
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw corrupt(`it ends inside its header of ${start} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.includes(0)) throw corrupt(`it is empty: its shape is [${shape.join(', ')}]`);
  // Eight sizes of 32 bits can exceed what a double holds exactly, but not by so little that a length would match.
  const expected = start + shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== expected) {
    throw corrupt(`its shape [${shape.join(', ')}] needs ${expected} bytes, and it has ${bytes.length}`);
  }
  return { shape, values: bytes.subarray(start) };
}
