import { describe, expect, it } from 'vitest';
import { affine } from '../../../compiler/kernel/affine.js';
import type { Kernel } from '../../../compiler/kernel/ir.js';
import { type Range, type ScalarOp, scalarOps, scalars } from '../../../compiler/scalar/registry.js';
import { KernelRun } from './kernel-runner.js';

const points = 4001;

/** Points spread over a range, its ends included; every argument in an order of its own. */
const spread = ([low, high]: Range, argument: number): number[] =>
  Array.from({ length: points }, (_, i) => {
    const position = (i * (argument === 0 ? 1 : 1009 * argument)) % points;
    return Math.fround(low + ((high - low) * position) / (points - 1));
  });

const frame = {
  step: 0,
  seedLow: 0,
  seedHigh: 0,
  dataStep: 0,
  dataSeedLow: 0,
  dataSeedHigh: 0,
  position: 0,
  rowCount: 1,
  epoch: 0,
  shuffle: 0,
  sampleOffset: 0,
  slot: 0,
  host: [],
};

async function values(op: ScalarOp, args: readonly (readonly number[])[]): Promise<Float32Array> {
  const index = affine(0, [{ loop: 'i', stride: 1 }]);
  const names = args.map((_, i) => `x${i}`);
  const kernel: Kernel = {
    kind: 'compute',
    name: op,
    domain: [{ name: 'i', extent: points }],
    reductions: [],
    stores: [
      {
        buffer: 'out',
        index,
        value: { kind: 'apply', op, args: names.map(buffer => ({ kind: 'load', buffer, index })) },
        partial: null,
      },
    ],
    origin: [],
  };
  const buffers = [...names, 'out'].map(
    name => ({ name, element: 'f32', length: points, slotted: false }) as const,
  );
  const content = Object.fromEntries(names.map((name, i) => [name, args[i]!]));
  const run = await KernelRun.of({ kernel, buffers, content, frame });
  run.run();
  return run.read('out');
}

describe.each(scalarOps)('%s in WebAssembly', op => {
  const { evaluate, test } = scalars[op];

  it('agrees with f64 to its declared tolerance', async () => {
    const args = test.domain.map(spread);
    const actual = await values(op, args);
    actual.forEach((value, i) => {
      const at = args.map(list => list[i]!);
      const expected = evaluate(...at);
      const allowed = test.absolute + test.relative * Math.abs(expected);
      expect(Math.abs(value - expected), `${op}(${at}) = ${value}, not ${expected}`).toBeLessThanOrEqual(
        allowed,
      );
    });
  });

  it('is finite wherever it is declared to be', async () => {
    const args = (test.finite ?? test.domain).map(spread);
    const actual = await values(op, args);
    expect(actual.findIndex(value => !Number.isFinite(value))).toBe(-1);
  });
});
