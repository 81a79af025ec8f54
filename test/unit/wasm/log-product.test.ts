import { describe, expect, it } from 'vitest';
import { splitLogTerms } from '../../../compiler/emit/wat/log-product.js';
import { emitModule } from '../../../compiler/emit/wat/module.js';
import type { Kernel, Scalar } from '../../../compiler/kernel/ir.js';
import { expectedBuffers, fusions, type KernelCase, KernelRun } from './kernel-runner.js';
import { apply, at, load, loop, numbers, sketch } from './kernel-sketch.js';

const [rows, columns, tile] = [5, 100, 64];
const tiles = Math.ceil(columns / tile);
const l = load('l', { m: columns, j: 1 });
const x = load('x', { j: 1 });

/** Sums by tiles of a value at every point, and the gradient of a Bernoulli log-likelihood beside them. */
const tileSums = (value: Scalar, logits: readonly number[]): KernelCase =>
  sketch('sums of softplus', {
    domain: [loop('m', rows), loop('j', columns)],
    stores: [
      { buffer: 'sums', index: at({ m: tiles }), value, partial: { combine: 'sum', tile } },
      {
        buffer: 'gradient',
        index: at({ m: columns, j: 1 }),
        value: apply('subtract', x, apply('sigmoid', l)),
      },
    ],
    arrays: { l: rows * columns, x: columns, sums: rows * tiles, gradient: rows * columns },
    extra: { content: { l: logits, x: Array.from({ length: columns }, (_, i) => i % 2) } },
  });

/** Of the largest sum, for logits up to 50; 64 roundings of terms that large. */
const tolerance = 1e-6;

/** Leading coefficients of the series of softplus and of the logarithm. */
const [softplusSeries, logSeries] = ['0.33330464363098145', '0.33333316445350647'];

function textOf({ kernel, buffers }: KernelCase): string {
  const bindings = buffers.map(({ name }) => name);
  return emitModule([{ kernel, bindings, buffers }]).relaxed;
}

const bernoulli = apply('subtract', apply('multiply', x, l), apply('softplus', l));
const wide = numbers(rows * columns, 3).map(value => Math.fround(50 * value));

describe('a sum of softplus over a tile', () => {
  const twice = apply(
    'add',
    apply('softplus', apply('multiply', x, l)),
    apply('add', x, apply('softplus', l)),
  );

  it.each([
    ['a Bernoulli log-likelihood', bernoulli, wide],
    ['where every factor is 2', apply('softplus', l), Array.from(wide, () => 0)],
    ['two of one sign', twice, wide],
  ] as const)('%s takes one logarithm a tile and is the sum', async (_, value, logits) => {
    const given = tileSums(value, logits);
    const text = textOf(given);
    expect(text).not.toContain(softplusSeries);
    expect(text).toContain(logSeries);
    const expected = expectedBuffers(given).get('sums')!;
    const scale = Math.max(...expected.map(Math.abs));
    for (const fused of fusions) {
      const run = await KernelRun.of(given, fused);
      run.run();
      const distances = Array.from(run.read('sums'), (sum, i) => Math.abs(sum - expected[i]!) / scale);
      expect(Math.max(...distances)).toBeLessThan(tolerance);
    }
  });

  it('is not a number where a logit is none', async () => {
    const logits = wide.with(7, Number.NaN);
    const run = await KernelRun.of(tileSums(apply('softplus', l), logits));
    run.run();
    expect(Array.from(run.read('sums'), Number.isNaN)).toEqual(
      Array.from({ length: rows * tiles }, (_, i) => i === 0),
    );
  });

  it('stays a sum where the signs differ, the product could overflow, or a function is in between', () => {
    const difference = apply('subtract', apply('softplus', l), apply('softplus', x));
    expect(splitLogTerms(difference, 16)).toBeNull();
    expect(splitLogTerms(bernoulli, 1000)).toBeNull();
    expect(splitLogTerms(apply('square', apply('softplus', l)), 16)).toBeNull();
    expect(textOf(tileSums(difference, wide))).toContain(softplusSeries);
  });

  it('keeps a maximum of softplus', () => {
    const given = tileSums(apply('softplus', l), wide);
    const kernel = given.kernel as Kernel;
    const stores = kernel.stores.map(store =>
      store.partial === null ? store : { ...store, partial: { combine: 'max' as const, tile } },
    );
    expect(textOf({ ...given, kernel: { ...kernel, stores } })).toContain(softplusSeries);
  });
});
