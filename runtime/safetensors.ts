import { fault, type RuntimeFault } from './errors.js';

/** An f32 array in row-major order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a safetensors file of f32 arrays holds. */
export interface TensorFile {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Bytes of the header's length, before the header; the data after it starts at a multiple of it. */
const prefixBytes = 8;
/** The largest header that readers of the format accept. */
const largestHeader = 100_000_000;
const metadataKey = '__metadata__';

const elementCount = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Prints the header, padded with spaces; tensors lie in the order of the map. */
export function printHeader(file: TensorFile): Uint8Array {
  let begin = 0;
  const entries: [string, unknown][] = [[metadataKey, Object.fromEntries(file.metadata)]];
  for (const [name, { shape, values }] of file.tensors) {
    entries.push([name, { dtype: 'F32', shape, data_offsets: [begin, begin + values.byteLength] }]);
    begin += values.byteLength;
  }
  const text = JSON.stringify(Object.fromEntries(entries));
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil(bytes.length / prefixBytes) * prefixBytes).fill(0x20);
  padded.set(bytes);
  return padded;
}

/** The whole file: length of the header (u64, little endian), header, data. */
export function joinFile(header: Uint8Array, tensors: ReadonlyMap<string, Tensor>): Uint8Array<ArrayBuffer> {
  const dataBytes = [...tensors.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
  const file = new Uint8Array(prefixBytes + header.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, prefixBytes);
  let at = prefixBytes + header.length;
  for (const { values } of tensors.values()) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}

/** Header and data of a file, views of its bytes. @throws RuntimeFault `checkpoint-corrupt` */
export function splitFile(
  bytes: Uint8Array,
  where: string,
): { readonly header: Uint8Array; readonly data: Uint8Array } {
  if (bytes.length < prefixBytes)
    throw corrupt(where, `it has ${bytes.length} bytes, less than the length of a header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const room = BigInt(Math.min(bytes.length - prefixBytes, largestHeader));
  if (length > room) throw corrupt(where, `its header says it has ${length} bytes, and there are ${room}`);
  const dataStart = prefixBytes + Number(length);
  // A Node Buffer's `slice` does not copy: from here on it is a plain array.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { header: plain.subarray(prefixBytes, dataStart), data: plain.subarray(dataStart) };
}

/** Reads a header and copies the tensors out of the data. @throws RuntimeFault `checkpoint-corrupt` */
export function parseTensors(header: Uint8Array, data: Uint8Array, where: string): TensorFile {
  const json = parseJson(header, where);
  if (!isRecord(json)) throw corrupt(where, 'its header is not an object');
  let metadata: ReadonlyMap<string, string> = new Map();
  const entries: TensorEntry[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name === metadataKey) metadata = parseMetadata(value, where);
    else entries.push(parseEntry(name, value, where));
  }
  checkCover(entries, data.length, where);
  const tensors = new Map(entries.map(entry => [entry.name, readTensor(entry, data)]));
  return { metadata, tensors };
}

interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export const corrupt = (where: string, reason: string): RuntimeFault =>
  fault('checkpoint-corrupt', { where, reason });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function parseJson(header: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch {
    throw corrupt(where, 'its header is not JSON');
  }
}

function parseMetadata(value: unknown, where: string): ReadonlyMap<string, string> {
  if (!isRecord(value)) throw corrupt(where, 'its metadata is not an object');
  return new Map(
    Object.entries(value).map(([key, text]) => {
      if (typeof text !== 'string') throw corrupt(where, `its metadata '${key}' is not a string`);
      return [key, text];
    }),
  );
}

function parseEntry(name: string, value: unknown, where: string): TensorEntry {
  const bad = (reason: string) => corrupt(where, `tensor '${name}' ${reason}`);
  if (!isRecord(value)) throw bad('is not an object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (dtype !== 'F32') throw bad('is not of type F32');
  if (!Array.isArray(shape) || !shape.every(isSize)) throw bad('has no shape');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize))
    throw bad('has no place in the data');
  const [begin, end] = offsets as [number, number];
  if (end - begin !== 4 * elementCount(shape))
    throw bad(`of shape [${shape.join(', ')}] has ${end - begin} bytes`);
  return { name, shape, begin, end };
}

/** Tensors must lie end to end and fill the data, which excludes overlaps, gaps and truncation. */
function checkCover(entries: readonly TensorEntry[], dataBytes: number, where: string): void {
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      throw corrupt(where, `tensor '${name}' starts at byte ${begin}, and the one before it ends at ${at}`);
    at = end;
  }
  if (at !== dataBytes) throw corrupt(where, `its tensors have ${at} bytes, and there are ${dataBytes}`);
}

/** Copies, because the data need not be aligned. The format and every platform this runs on are little endian. */
function readTensor({ shape, begin, end }: TensorEntry, data: Uint8Array): Tensor {
  const copy = data.slice(begin, end);
  return { shape, values: new Float32Array(copy.buffer, copy.byteOffset, copy.byteLength / 4) };
}
