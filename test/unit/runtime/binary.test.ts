import { describe, expect, it } from 'vitest';
import type { DataFacts } from '../../../compiler/program/index.js';
import { refuseGrey } from '../../../runtime/data/binary.js';
import { datasetOf, isBinaryData } from '../../../runtime/index.js';

const facts = (element: DataFacts['element']): DataFacts => ({
  name: 'x',
  element,
  shape: [2],
  encoding: element === 'binary' ? 'byte' : 'f32',
});

const dataset = (...values: number[]) =>
  datasetOf('rows.npy', { shape: [values.length / 2, 2], values: Uint8Array.from(values) });

describe('data that is binary already', () => {
  it('holds only zeros and ones', () => {
    expect(isBinaryData(dataset(0, 255, 255, 0))).toBe(true);
    expect(isBinaryData(dataset(0, 255, 1, 0))).toBe(false);
    expect(isBinaryData(datasetOf('f', { shape: [2], values: Float32Array.of(0, 1) }))).toBe(true);
    expect(isBinaryData(datasetOf('f', { shape: [2], values: Float32Array.of(0, 255) }))).toBe(false);
  });

  it('is asked for by name, with the row that is not', () => {
    const refuse = () => refuseGrey([facts('binary')], { test: { x: dataset(0, 255, 0, 128) } });
    expect(refuse).toThrowError(/rows\.npy is not binary: row 1 holds 128/);
    expect(() => refuseGrey([facts('binary')], { train: { x: dataset(0, 255) } })).not.toThrow();
  });

  it('is of no concern to a model of grey levels', () => {
    expect(() => refuseGrey([facts('unit')], { train: { x: dataset(1, 2) } })).not.toThrow();
  });
});
