/** A tagged piece of a MATLAB file. */
export interface Element {
  readonly type: number;
  readonly bytes: Uint8Array;
  /** Numbers it holds, where it holds numbers. */
  readonly count: number;
  /** Where the next one starts. */
  readonly next: number;
}

interface NumberType {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number, little: boolean) => number;
}

/** Types of numbers by their tag: miINT8 … miUINT64. */
const numberTypes: Readonly<Record<number, NumberType>> = {
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  3: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  4: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  5: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  6: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  7: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  9: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  12: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  13: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
};

const numberType = (type: number): NumberType | undefined =>
  Object.hasOwn(numberTypes, type) ? numberTypes[type] : undefined;

/** Elements of these types are followed by the next one at once; all others fill up to 8 bytes. */
const unpadded: ReadonlySet<number> = new Set([15]);

/**
 * The element at an offset. One of up to 4 bytes has its size in the upper half of its first word, and is 8 bytes in all.
 * @throws Error with the reason
 */
export function elementAt(bytes: Uint8Array, offset: number, little: boolean): Element {
  const left = bytes.length - offset;
  if (left < 8) throw new Error(`it ends inside the tag at byte ${offset}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, left);
  const word = view.getUint32(0, little);
  const small = word >>> 16;
  const [type, size, start] = small > 0 ? [word & 0xffff, small, 4] : [word, view.getUint32(4, little), 8];
  if ((small > 4 && start === 4) || start + size > left) {
    throw new Error(`the element at byte ${offset} has ${size} bytes, and ${left - start} are left`);
  }
  const end = start === 4 ? 8 : start + size;
  const padded = unpadded.has(type) ? end : Math.ceil(end / 8) * 8;
  const { bytes: width } = numberType(type) ?? { bytes: 1 };
  return {
    type,
    bytes: bytes.subarray(offset + start, offset + start + size),
    count: size / width,
    next: offset + Math.min(padded, left),
  };
}

/** The first `most` elements inside another. */
export function elementsOf(bytes: Uint8Array, little: boolean, most: number): readonly Element[] {
  const elements: Element[] = [];
  for (let offset = 0; offset < bytes.length && elements.length < most; ) {
    const element = elementAt(bytes, offset, little);
    elements.push(element);
    offset = element.next;
  }
  return elements;
}

/** The numbers of an element, rounded to f32. @throws Error if it holds none */
export function readNumbers(element: Element, little: boolean): Float32Array {
  const type = numberType(element.type);
  if (type === undefined || !Number.isInteger(element.count) || element.count === 0) {
    throw new Error(
      `an element of type ${element.type} and ${element.bytes.length} bytes stands where numbers must`,
    );
  }
  const { buffer, byteOffset, byteLength } = element.bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  const values = new Float32Array(element.count);
  for (let i = 0; i < values.length; i++) values[i] = type.read(view, i * type.bytes, little);
  return values;
}
