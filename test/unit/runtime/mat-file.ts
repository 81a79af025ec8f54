import { deflateSync } from 'node:zlib';

/** Parts of MATLAB level 5 files, written out; `little` is the order of bytes. */
export type Part = (little: boolean) => Uint8Array;

const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap(part => [...part]));

export function element(little: boolean, type: number, bytes: Uint8Array): Uint8Array {
  const padding = type === 15 ? 0 : (8 - (bytes.length % 8)) % 8;
  const result = new Uint8Array(8 + bytes.length + padding);
  const view = new DataView(result.buffer);
  view.setUint32(0, type, little);
  view.setUint32(4, bytes.length, little);
  result.set(bytes, 8);
  return result;
}

const types = {
  f64: {
    tag: 9,
    bytes: 8,
    set: (view: DataView, at: number, value: number, little: boolean) => view.setFloat64(at, value, little),
  },
  u16: {
    tag: 4,
    bytes: 2,
    set: (view: DataView, at: number, value: number, little: boolean) => view.setUint16(at, value, little),
  },
  u8: { tag: 2, bytes: 1, set: (view: DataView, at: number, value: number) => view.setUint8(at, value) },
  u32: {
    tag: 6,
    bytes: 4,
    set: (view: DataView, at: number, value: number, little: boolean) => view.setUint32(at, value, little),
  },
  i32: {
    tag: 5,
    bytes: 4,
    set: (view: DataView, at: number, value: number, little: boolean) => view.setInt32(at, value, little),
  },
} as const;

function numbers(little: boolean, type: keyof typeof types, values: readonly number[]): Uint8Array {
  const { tag, bytes, set } = types[type];
  const data = new Uint8Array(bytes * values.length);
  const view = new DataView(data.buffer);
  values.forEach((value, i) => {
    set(view, i * bytes, value, little);
  });
  return element(little, tag, data);
}

export const matrix =
  (
    name: string,
    shape: readonly number[],
    values: readonly number[],
    { class: kind = 6, type = 'f64' }: { readonly class?: number; readonly type?: keyof typeof types } = {},
  ): Part =>
  little =>
    element(
      little,
      14,
      join(
        numbers(little, 'u32', [kind, 0]),
        numbers(little, 'i32', shape),
        element(little, 1, new TextEncoder().encode(name)),
        numbers(little, type, values),
      ),
    );

export const packed =
  (part: Part): Part =>
  little =>
    element(little, 15, deflateSync(part(little)));

export function matFile(little: boolean, ...parts: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(128);
  header.set(new TextEncoder().encode('MATLAB 5.0 MAT-file'));
  new DataView(header.buffer).setUint16(124, 0x0100, little);
  header.set(new TextEncoder().encode(little ? 'IM' : 'MI'), 126);
  return join(header, ...parts);
}
