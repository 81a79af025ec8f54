const polynomial = 0xedb88320;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
  return remainder >>> 0;
});

/** CRC-32 (ISO 3309, as in gzip and PNG) of all parts, one after another: finds every damage of up to 32 bits in a row. */
export function crc32(...parts: readonly Uint8Array[]): number {
  let remainder = 0xffffffff;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++)
      remainder = table[(remainder ^ part[i]!) & 0xff]! ^ (remainder >>> 8);
  }
  return (remainder ^ 0xffffffff) >>> 0;
}
