import { gzipSync } from 'node:zlib';
import { mnist } from 'iwaec/runtime/node';
import { type DigitSet, digitSets } from '../training/digit-sets.js';
import { servedFiles } from './served-files.js';

interface Images {
  readonly width: number;
  readonly values: Uint8Array | Float32Array;
  readonly labels?: Uint8Array;
}

/** An idx file of bytes: see the runtime's `parseIdx`. */
function idxFile(shape: readonly number[], values: Uint8Array): Uint8Array {
  const file = Buffer.alloc(4 + 4 * shape.length + values.length);
  file.set([0, 0, 8, shape.length]);
  shape.forEach((size, axis) => {
    file.writeUInt32BE(size, 4 + 4 * axis);
  });
  file.set(values, 4 + 4 * shape.length);
  return gzipSync(file, { level: 6 });
}

function filesOf({ images, labels, rows }: DigitSet, source: Images): readonly [string, Uint8Array][] {
  const pixels = source.values.subarray(0, rows * source.width) as Uint8Array;
  return [
    [images, idxFile([rows, 28, 28], pixels)],
    [labels, idxFile([rows], source.labels!.subarray(0, rows))],
  ];
}

/** Packs the digits that the page trains on, from the MNIST of `mnist-loader`. */
export const digits = () =>
  servedFiles('digits', async () => {
    const data = await mnist();
    return new Map(Object.values(digitSets).flatMap(set => filesOf(set, data[set.split])));
  });
