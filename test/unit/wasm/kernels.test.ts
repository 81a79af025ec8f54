import { describe, expect, it } from 'vitest';
import { kernelCases } from './kernel-cases.js';
import { expectedBuffers, KernelRun } from './kernel-runner.js';

/** What an f32 launch may differ from f64 by, of the largest value in the array. */
const tolerance = 1e-5;

describe.each(kernelCases.map(given => [given.kernel.name, given] as const))('%s', (_, given) => {
  it('computes what the kernel says', async () => {
    const run = await KernelRun.of(given);
    run.run();
    const expected = expectedBuffers(given);
    for (const { name, length } of given.buffers) {
      if (length === 0) continue;
      const actual = run.read(name);
      const values = expected.get(name)!;
      const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
      const wrong = [...actual.entries()].filter(
        ([i, value]) => !(Math.abs(value - values[i]!) <= tolerance * scale),
      );
      const told = wrong.map(([i, value]) => `${name}[${i}]: ${value}, not ${values[i]}`);
      expect(told, `of ${actual.length} elements`).toEqual([]);
    }
  });

  it('gives the same bits whichever thread runs which units', async () => {
    const [whole, split] = [await KernelRun.of(given), await KernelRun.of(given)];
    whole.run();
    for (let unit = split.units - 1; unit >= 0; unit--) split.run(unit, unit + 1, unit % 2 === 0 ? 1 : 0);
    for (const { name } of given.buffers) expect(split.read(name)).toEqual(whole.read(name));
  });
});
