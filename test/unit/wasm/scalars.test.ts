import { describe, expect, it } from 'vitest';
import { affine } from '../../../compiler/kernel/affine.js';
import type { Kernel } from '../../../compiler/kernel/ir.js';
import {
  type Range,
  type ScalarFacts,
  type ScalarOp,
  scalarOps,
  scalars,
} from '../../../compiler/scalar/registry.js';
import { fusions, KernelRun } from './kernel-runner.js';

const points = 40_001;

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

async function values(
  op: ScalarOp,
  args: readonly (readonly number[])[],
  fused: boolean,
): Promise<Float32Array> {
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
  const run = await KernelRun.of({ kernel, buffers, content, frame }, fused);
  run.run();
  return run.read('out');
}

/** Distance from a normal value to the next f32. */
const unitInTheLastPlace = (value: number): number => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 23);

function allowance({ absolute, relative, vector }: ScalarFacts, value: number): number {
  if (vector === undefined) return absolute + relative * Math.abs(value);
  if ('absolute' in vector) return vector.absolute;
  return Math.abs(value) < 2 ** -126 ? absolute : vector.units * unitInTheLastPlace(value);
}

const cases = scalarOps.flatMap(op => fusions.map(fused => ({ op, fused })));

describe.each(cases)('$op in WebAssembly, fused: $fused', ({ op, fused }) => {
  const { evaluate, test } = scalars[op];

  it('agrees with f64 to its declared tolerance', async () => {
    const args = test.domain.map(spread);
    const actual = await values(op, args, fused);
    const expected = (i: number) => evaluate(...args.map(list => list[i]!));
    const wrong = actual.findIndex((value, i) => {
      const exact = expected(i);
      return !(Math.abs(value - exact) <= allowance(test, exact));
    });
    const message = `${op}(${args.map(list => list[wrong])}) = ${actual[wrong]}, not ${expected(wrong)}`;
    expect(wrong, message).toBe(-1);
  });

  it('is finite wherever it is declared to be', async () => {
    const actual = await values(op, (test.finite ?? test.domain).map(spread), fused);
    expect(actual.findIndex(value => !Number.isFinite(value))).toBe(-1);
  });
});
