import type { crc32c } from '../../runtime/index.js';

/** A checksum that is kept beside what it checks is rotated and moved, so that checks of checks differ (TFRecord). */
const masked = (check: number): number => (((check >>> 15) | (check << 17)) + 0xa282ead8) >>> 0;

/**
 * One record of a TFRecord file: its length as 64 bits, the masked CRC-32C of that, the bytes, and theirs; little endian.
 */
export function framed(bytes: Uint8Array, check: typeof crc32c): Uint8Array {
  const record = new Uint8Array(16 + bytes.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, masked(check(record.subarray(0, 8))), true);
  record.set(bytes, 12);
  view.setUint32(12 + bytes.length, masked(check(bytes)), true);
  return record;
}
