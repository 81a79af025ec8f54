import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { noiseAt, streamNumber } from '../../compiler/program/index.js';
import { mnistFiles, mnistFolder } from '../../runtime/node.js';

/** A .npy file of f32, version 1.0. */
export function npy(shape: readonly number[], values: Float32Array): Uint8Array {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padding = 64 - ((10 + dictionary.length + 1) % 64);
  const header = `${dictionary}${' '.repeat(padding)}\n`;
  const bytes = new Uint8Array(10 + header.length + values.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 10 + header.length);
  return bytes;
}

/** An idx file of unsigned bytes. */
export function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((extent, axis) => {
    view.setUint32(4 + 4 * axis, extent);
  });
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
}

const normal = (stream: string, row: number, element: number): number =>
  noiseAt('normal', {
    seedLow: 1,
    seedHigh: 0,
    stream: streamNumber(stream),
    step: 0,
    row,
    sample: 0,
    element,
  });

/** Rows of five correlated numbers, as `specs/ppca.iwae` takes them. */
export function correlatedRows(rows: number): Uint8Array {
  const values = Float32Array.from({ length: rows * 5 }, (_, i) => {
    const [row, feature] = [Math.floor(i / 5), i % 5];
    return 1 + (0.5 + feature / 5) * normal('factor', row, 0) + 0.5 * normal('noise', row, feature);
  });
  return npy([rows, 5], values);
}

/** The first images of MNIST's training set. */
export function fewDigits(count: number): Uint8Array {
  const values = new Uint8Array(count * 784);
  const file = openSync(join(mnistFolder(), mnistFiles.trainImages.name), 'r');
  try {
    readSync(file, values, 0, values.length, 16);
  } finally {
    closeSync(file);
  }
  return idx([count, 28, 28], values);
}
