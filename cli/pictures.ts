import type { Tensor } from '../runtime/index.js';

/** Grey levels, row-major, three channels where `channels` is 3. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** Pixels between two images, and how grey they are. */
const gap = 2;
const gapLevel = 96;
/** Small images are enlarged by a whole factor to about this many pixels. */
const comfortableSide = 56;

/** How one datum is shown: as it is where it is an image, as a square where its length is one, else as a strip. */
export function imageShape(shape: readonly number[]): ImageShape {
  const [height = 1, width = 1, channels = 1] = shape;
  if (shape.length === 3 && (channels === 1 || channels === 3)) return { height, width, channels };
  if (shape.length === 2) return { height, width, channels: 1 };
  const size = shape.reduce((product, extent) => product * extent, 1);
  const side = Math.round(Math.sqrt(size));
  return side * side === size && side > 2
    ? { height: side, width: side, channels: 1 }
    : { height: 1, width: size, channels: 1 };
}

/** What is black and what is white: fixed where the element type has bounds, the extremes shown where it has none. */
export function levels(element: string, shown: readonly Tensor[]): (value: number) => number {
  let low = 0;
  let high = element === 'byte' ? 255 : 1;
  if (element !== 'binary' && element !== 'unit' && element !== 'byte') {
    low = Number.POSITIVE_INFINITY;
    high = Number.NEGATIVE_INFINITY;
    for (const value of shown.flatMap(tensor => [...tensor.values])) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const range = high > low ? high - low : 1;
  return value => Math.min(255, Math.max(0, Math.round((255 * (value - low)) / range)));
}

/**
 * Images of `rows` (each [images, ...shape]) side by side, `columns` in a line; each row of images starts a new line.
 * `element` is the data variable's element type.
 */
export function grid(rows: readonly Tensor[], element: string, columns: number): Picture {
  const shape = imageShape(rows[0]?.shape.slice(1) ?? []);
  const scale = Math.max(1, Math.floor(comfortableSide / Math.max(shape.height, shape.width)));
  const lines = rows.flatMap(tensor => {
    const count = tensor.shape[0] ?? 0;
    const starts = Array.from({ length: Math.ceil(count / columns) }, (_, line) => line * columns);
    return starts.map(start => ({ tensor, start, end: Math.min(count, start + columns) }));
  });
  const across = Math.max(1, ...lines.map(({ start, end }) => end - start));
  const width = across * (shape.width * scale + gap) + gap;
  const height = lines.length * (shape.height * scale + gap) + gap;
  const picture: Picture = {
    width,
    height,
    channels: shape.channels,
    pixels: new Uint8Array(width * height * shape.channels).fill(gapLevel),
  };
  const level = levels(element, rows);
  lines.forEach(({ tensor, start, end }, line) => {
    for (let image = start; image < end; image++) {
      const left = gap + (image - start) * (shape.width * scale + gap);
      const top = gap + line * (shape.height * scale + gap);
      paint(picture, tensor.values, image, shape, { left, top, scale, level });
    }
  });
  return picture;
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
  readonly level: (value: number) => number;
}

function paint(picture: Picture, values: Float32Array, image: number, shape: ImageShape, place: Place): void {
  const { height, width, channels } = shape;
  const { left, top, scale, level } = place;
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const source = (image * height + Math.floor(y / scale)) * width + Math.floor(x / scale);
      const target = (top + y) * picture.width + left + x;
      for (let c = 0; c < channels; c++) {
        picture.pixels[target * channels + c] = level(values[source * channels + c] ?? 0);
      }
    }
  }
}

/** Rows `start` to `end` of a tensor [rows, ...]. */
function slice({ shape, values }: Tensor, start: number, end: number): Tensor {
  const [rows = 0, ...rest] = shape;
  const width = rows === 0 ? 0 : values.length / rows;
  const last = Math.min(end, rows);
  return { shape: [last - start, ...rest], values: values.subarray(start * width, last * width) };
}

/** Each line of `upper` with the matching line of `lower` below it, as `grid` takes them. */
export function above(upper: Tensor, lower: Tensor, columns: number): readonly Tensor[] {
  const lines = Math.ceil((upper.shape[0] ?? 0) / columns);
  return Array.from({ length: lines }, (_, line) => line * columns).flatMap(start => [
    slice(upper, start, start + columns),
    slice(lower, start, start + columns),
  ]);
}

/** Nearly square, and narrow enough for a screen. */
export const columnsFor = (count: number): number => Math.min(16, Math.max(1, Math.ceil(Math.sqrt(count))));

/** A PNG file's bytes. */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  const { encode } = await import('fast-png');
  return encode({
    width: picture.width,
    height: picture.height,
    channels: picture.channels,
    data: picture.pixels,
  });
}
