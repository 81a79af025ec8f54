import { afterAll, describe, expect, it } from 'vitest';
import { scalarsOf } from '../../compiler/kernel/scalar.js';
import { scalars } from '../../compiler/scalar/registry.js';
import { evaluate } from '../../compiler/tensor/eval.js';
import type { Graph } from '../../compiler/tensor/ir.js';
import { openCpuDevice } from '../../runtime/node.js';
import { lowerApart } from '../support/lowering.js';
import { mixedBatch, mixedBindings, mixedSeed, mixedTolerance, stepGraph } from '../support/mixed-case.js';
import { runLowered, wasmProgram } from '../support/run-lowered.js';
import { relativeError } from './tolerances.js';

const [full, mixed] = [stepGraph('full'), stepGraph('mixed')];

const halvesOf = ({ nodes }: Graph) =>
  nodes.filter(node => node.op === 'map' && node.scalar === 'half_precision');

describe('a number of 16 bits', () => {
  const { evaluate: half } = scalars.half_precision;

  it.each([
    [0, 0],
    [1 / 3, 0.333251953125],
    [-1 / 3, -0.333251953125],
    // Ties go to the even neighbour.
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [2048.5, 2048],
    [2049, 2048],
    [2051, 2052],
    [65504, 65504],
    [65520, 65504],
    [1e30, 65504],
    [-1e30, -65504],
    [2 ** -14, 2 ** -14],
    [2 ** -14 - 2 ** -26, 2 ** -14],
    [2 ** -24, 2 ** -24],
    [2 ** -25, 0],
    [1.5 * 2 ** -24, 2 ** -23],
  ])('of %s is %s', (value, expected) => {
    expect(half(value)).toBe(expected);
  });

  it('stays what it is', () => {
    for (let exponent = -24; exponent < 15; exponent++) {
      const value = 2 ** exponent * (exponent < -14 ? 1 : 1 + 1023 / 1024);
      expect(half(value)).toBe(value);
    }
  });
});

describe('mixed precision', () => {
  const device = openCpuDevice({ threads: 2 });
  afterAll(() => device.dispose());

  it('rounds what the forward pass hands to matrix products, and no gradient', () => {
    expect(halvesOf(full)).toHaveLength(0);
    // Binarised data, two layers and the sample of q, one layer of p.
    const rounded = halvesOf(mixed);
    expect(rounded).toHaveLength(5);
    expect(rounded.filter(({ axes }) => axes.some(({ kind }) => kind === 'sample'))).toHaveLength(2);
  });

  it('stores in 16 bits what is rounded, and nothing else', () => {
    const { sequence } = lowerApart(mixed, { x: 'byte' });
    const short = sequence.buffers.filter(({ element }) => element === 'f16').map(({ name }) => name);
    expect(short.length).toBeGreaterThanOrEqual(4);
    expect(sequence.buffers.filter(({ place }) => place?.buffer === 'workspace.f16')).toHaveLength(
      short.length,
    );
    const stores = sequence.kernels.flatMap(kernel => (kernel.kind === 'compute' ? kernel.stores : []));
    for (const { buffer, value } of stores) {
      const isRounded = value.kind === 'apply' && value.op === 'half_precision';
      expect(short.includes(buffer), buffer).toBe(isRounded);
      expect(scalarsOf([value]).length).toBeGreaterThan(0);
    }
  });

  it('moves the bound and its gradients a little', () => {
    const [exact, rounded] = [evaluate(full, mixedBindings), evaluate(mixed, mixedBindings)];
    for (const [name, values] of exact) {
      const error = relativeError(Float32Array.from(rounded.get(name)!), values);
      expect(error, name).toBeLessThan(0.02);
    }
    expect(rounded.get('bound')![0]).not.toBe(exact.get('bound')![0]);
  });

  it('has the same values on the CPU as in the reference', async () => {
    const lowered = lowerApart(mixed, { x: 'byte' });
    const found = await runLowered(device, await wasmProgram(lowered, mixedBatch), mixedBindings, {
      seed: mixedSeed,
      rowCount: mixedBatch,
    });
    for (const [name, values] of evaluate(mixed, mixedBindings)) {
      expect(relativeError(found(name), values), name).toBeLessThan(mixedTolerance);
    }
  });
});
