/** Of one byte, for a polynomial in reflected form. */
const tableOf = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++)
      remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
    return remainder >>> 0;
  });

const checkOf = (polynomial: number) => {
  const table = tableOf(polynomial);
  return (...parts: readonly Uint8Array[]): number => {
    let remainder = 0xffffffff;
    for (const part of parts) {
      for (let i = 0; i < part.length; i++)
        remainder = table[(remainder ^ part[i]!) & 0xff]! ^ (remainder >>> 8);
    }
    return (remainder ^ 0xffffffff) >>> 0;
  };
};

/** CRC-32 (ISO 3309, as in gzip and PNG) of all parts, one after another: finds every damage of up to 32 bits in a row. */
export const crc32 = checkOf(0xedb88320);

/** The same with Castagnoli's polynomial (RFC 3720), as files of TensorFlow have it. */
export const crc32c = checkOf(0x82f63b78);
