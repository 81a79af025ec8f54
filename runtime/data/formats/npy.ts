import { fault } from '../../errors.js';
import { typed } from '../array.js';

/** A numeric array as a .npy file holds it, in row-major order. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array | Float32Array;
}

interface ElementType {
  readonly bytes: number;
  readonly read: (view: DataView, count: number) => Uint8Array | Float32Array;
}

const floats = (count: number, at: (index: number) => number) =>
  Float32Array.from({ length: count }, (_, i) => at(i));

const wholes = (bytes: number, at: (view: DataView, offset: number) => number): ElementType => ({
  bytes,
  read: (view, count) => typed(floats(count, i => at(view, bytes * i))),
});

/** Types by their descriptor. f64 is rounded to f32; whole numbers of many bytes become bytes where all are grey levels. */
const elementTypes: Readonly<Record<string, ElementType>> = {
  '|u1': { bytes: 1, read: (view, count) => new Uint8Array(view.buffer, view.byteOffset, count).slice() },
  '|b1': {
    bytes: 1,
    read: (view, count) => new Uint8Array(view.buffer, view.byteOffset, count).map(v => (v ? 255 : 0)),
  },
  '|i1': wholes(1, (view, at) => view.getInt8(at)),
  '<i2': wholes(2, (view, at) => view.getInt16(at, true)),
  '<u2': wholes(2, (view, at) => view.getUint16(at, true)),
  '<i4': wholes(4, (view, at) => view.getInt32(at, true)),
  '<u4': wholes(4, (view, at) => view.getUint32(at, true)),
  '<i8': wholes(8, (view, at) => Number(view.getBigInt64(at, true))),
  '<f4': { bytes: 4, read: (view, count) => floats(count, i => view.getFloat32(4 * i, true)) },
  '<f8': { bytes: 8, read: (view, count) => floats(count, i => view.getFloat64(8 * i, true)) },
};

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Reads an array of booleans (true becomes 255), whole numbers, f32 or f64, format versions 1 to 3 (NumPy Enhancement Proposal 1).
 * @throws RuntimeFault `data-corrupt`
 */
export function parseNpy(bytes: Uint8Array, where: string): NpyArray {
  const corrupt = (reason: string) => fault('data-corrupt', { where, reason });
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) throw corrupt('it is not a .npy file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) throw corrupt(`it has .npy version ${version}; 1 to 3 are read`);
  const headerStart = version === 1 ? 10 : 12;
  const start = headerStart + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > bytes.length) throw corrupt('it ends inside its header');
  const header = new TextDecoder('latin1').decode(bytes.subarray(headerStart, start));
  const descriptor = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const type =
    descriptor !== undefined && Object.hasOwn(elementTypes, descriptor)
      ? elementTypes[descriptor]
      : undefined;
  if (type === undefined) {
    throw corrupt(
      `its elements are '${descriptor ?? '?'}'; these are read: ${Object.keys(elementTypes).join(', ')}`,
    );
  }
  if (!/'fortran_order'\s*:\s*False/.test(header)) throw corrupt('it is not in C order');
  const sizes = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (sizes === undefined) throw corrupt('its header has no shape');
  const shape = sizes.split(',').flatMap(size => (size.trim() === '' ? [] : [Number(size)]));
  const count = shape.reduce((product, size) => product * size, 1);
  if (count === 0) throw corrupt('it is empty');
  if (bytes.length - start !== count * type.bytes) {
    throw corrupt(
      `its shape [${shape.join(', ')}] needs ${count * type.bytes} bytes of data, and it has ${bytes.length - start}`,
    );
  }
  return {
    shape,
    values: type.read(new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start), count),
  };
}
