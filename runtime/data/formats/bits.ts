import { fault } from '../../errors.js';
import type { NumericArray } from '../array.js';

/**
 * Rows of `width` bits, each row from a byte of its own: pixel j is bit 7 − j mod 8 of byte ⌊j / 8⌋. A one becomes 255.
 * @throws RuntimeFault `data-corrupt`
 */
export function parseBits(bytes: Uint8Array, where: string, width: number | undefined): NumericArray {
  const corrupt = (reason: string) => fault('data-corrupt', { where, reason });
  if (width === undefined) throw corrupt('packed bits do not say how wide a row is; a model must');
  const rowBytes = Math.ceil(width / 8);
  const rows = bytes.length / rowBytes;
  if (rows < 1 || !Number.isInteger(rows)) {
    throw corrupt(
      `its ${bytes.length} bytes are no whole number of rows of ${width} bits (${rowBytes} bytes)`,
    );
  }
  const values = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const start = row * rowBytes;
    for (let j = 0; j < width; j++) {
      if ((bytes[start + (j >> 3)]! >> (7 - (j & 7))) & 1) values[row * width + j] = 255;
    }
    const spare = 8 * rowBytes - width;
    if (spare > 0 && (bytes[start + rowBytes - 1]! & ((1 << spare) - 1)) !== 0) {
      throw corrupt(`row ${row} has ones behind its ${width} bits: rows may have another width`);
    }
  }
  return { shape: [rows, width], values };
}
