/*
 * A reader of TensorBoard's event files, written from the formats alone: TFRecord framing with masked CRC-32C, and
 * protobuf's wire format.
 */

/** CRC-32C bit by bit. */
export function castagnoli(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  }
  return ~remainder >>> 0;
}

const unmasked = (masked: number): number => {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
};

/** The records of a file; throws where a checksum does not hold or something is left over. */
export function readRecords(file: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const records: Uint8Array[] = [];
  let at = 0;
  const check = (start: number, end: number) => {
    if (unmasked(view.getUint32(end, true)) !== castagnoli(file.subarray(start, end)))
      throw new Error(`a checksum at ${end} does not hold`);
  };
  while (at < file.length) {
    const length = Number(view.getBigUint64(at, true));
    check(at, at + 8);
    check(at + 12, at + 12 + length);
    records.push(file.subarray(at + 12, at + 12 + length));
    at += 16 + length;
  }
  if (at !== file.length) throw new Error('the last record is cut off');
  return records;
}

export type Field = bigint | number | Uint8Array;
/** Fields of a message by number, in the order of the file. */
export type Message = ReadonlyMap<number, readonly Field[]>;

export function readMessage(bytes: Uint8Array): Message {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields = new Map<number, Field[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const skip = (count: number) => {
    at += count;
    return at - count;
  };
  const readers: Readonly<Record<number, () => Field>> = {
    0: varint,
    1: () => view.getFloat64(skip(8), true),
    2: () => {
      const length = Number(varint());
      return bytes.subarray(skip(length), at);
    },
    5: () => view.getFloat32(skip(4), true),
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const value = readers[tag & 7]!();
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

export const textOf = (field: Field | undefined): string => new TextDecoder().decode(field as Uint8Array);
export const messageOf = (field: Field | undefined): Message => readMessage(field as Uint8Array);
export const doublesOf = (field: Field | undefined): readonly number[] => {
  const bytes = field as Uint8Array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
};

/** Numbers of TensorBoard's fields. */
export const event = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
export const value = { tag: 1, scalar: 2, image: 4, histogram: 5 } as const;
export const image = { height: 1, width: 2, colorspace: 3, png: 4 } as const;
export const histogram = { min: 1, max: 2, num: 3, sum: 4, sumSquares: 5, limits: 6, counts: 7 } as const;
