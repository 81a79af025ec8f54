import { convertIndexedToRgb, type DecodedPng, decode } from 'fast-png';
import { fault } from '../../errors.js';
import { largestUnpacked, type StoredData, single } from '../array.js';

/** A picture file of a folder. */
export interface PictureFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Number of its class, where the folder has a folder for each class. */
  readonly label?: number;
}

/** What is larger is no row of a data set; deflate can make it 1032 times as large in memory. */
const largestFile = 2 ** 20;
const largestSide = 4096;

interface Picture {
  /** [height, width], and 3 for colours. */
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

/**
 * PNG pictures of one size as rows, in the order given: grey or RGB with 8 bits or less, and without transparency.
 * @throws RuntimeFault `data-corrupt`
 */
export function parsePictures(files: readonly PictureFile[], where: string): StoredData {
  const [first] = files;
  if (first === undefined) throw fault('data-corrupt', { where, reason: 'it holds no .png files' });
  const { shape, values: firstValues } = decodePicture(first, where);
  const width = firstValues.length;
  if (files.length * width > largestUnpacked) {
    throw fault('data-corrupt', { where, reason: `${files.length} pictures of ${width} bytes are too many` });
  }
  const values = new Uint8Array(files.length * width);
  files.forEach((file, row) => {
    const picture = row === 0 ? { shape, values: firstValues } : decodePicture(file, where);
    if (picture.shape.join() !== shape.join()) {
      throw fault('data-corrupt', {
        where,
        reason: `${file.name} has the shape [${picture.shape.join(', ')}], and ${first.name} [${shape.join(', ')}]: all must have one size`,
      });
    }
    values.set(picture.values, row * width);
  });
  const labels = files.flatMap(({ label }) => label ?? []);
  const array = { shape: [files.length, ...shape], values };
  return single(array, labels.length === files.length ? Uint8Array.from(labels) : undefined);
}

function decodePicture({ name, bytes }: PictureFile, where: string): Picture {
  try {
    refuseLarge(bytes);
    const png = decode(bytes, { checkCrc: true });
    const { width, height } = png;
    const { values, channels } = samplesOf(png);
    return channels < 3
      ? { shape: [height, width], values: opaque(values, channels, 1) }
      : { shape: [height, width, 3], values: opaque(values, channels, 3) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw fault('data-corrupt', { where, reason: `${name} is not a picture that is read (${reason})` });
  }
}

const magic = [0x89, 0x50, 0x4e, 0x47];
/** The header chunk comes first: width and height stand at bytes 16 and 20. */
function refuseLarge(bytes: Uint8Array): void {
  if (bytes.length < 33 || magic.some((byte, i) => bytes[i] !== byte)) throw new Error('it is no PNG file');
  if (bytes.length > largestFile) throw new Error(`it has more than ${largestFile} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width > largestSide || height > largestSide || width === 0 || height === 0) {
    throw new Error(`its size is ${width} × ${height}`);
  }
}

function samplesOf(png: DecodedPng): { readonly values: Uint8Array; readonly channels: number } {
  if (png.palette !== undefined) {
    return { values: convertIndexedToRgb(png), channels: png.palette[0]?.length ?? 3 };
  }
  if (png.transparency !== undefined && png.transparency.length > 0)
    throw new Error('it has a transparent colour');
  if (png.depth > 8) throw new Error(`it has ${png.depth} bits a sample; up to 8 are read`);
  const values = Uint8Array.from(png.data);
  return { values: png.depth === 8 ? values : unpack(values, png), channels: png.channels };
}

/** Grey levels of 1, 2 or 4 bits, each line from a byte of its own, spread over 0 to 255. */
function unpack(packed: Uint8Array, { width, height, depth }: DecodedPng): Uint8Array {
  const lineBytes = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  const values = new Uint8Array(width * height);
  for (let i = 0; i < values.length; i++) {
    const bit = (i % width) * depth;
    const byte = packed[Math.floor(i / width) * lineBytes + (bit >> 3)]!;
    values[i] = (((byte >> (8 - depth - (bit & 7))) & most) * 255) / most;
  }
  return values;
}

/** The samples without their alpha, which must be opaque. */
function opaque(values: Uint8Array, channels: number, kept: number): Uint8Array {
  if (channels === kept) return values;
  const pixels = values.length / channels;
  const result = new Uint8Array(pixels * kept);
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (values[pixel * channels + kept] !== 255) throw new Error('it has transparent pixels');
    for (let c = 0; c < kept; c++) result[pixel * kept + c] = values[pixel * channels + c]!;
  }
  return result;
}
