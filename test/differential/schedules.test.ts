import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { printSequence } from '../../compiler/kernel/print.js';
import { tunableKernels } from '../../compiler/tuning/tunable.js';
import { noTuning, tunedOnCpu } from '../../compiler/tuning/tuning.js';
import { openCpuDevice } from '../../runtime/node.js';
import { gradientCase, gradientSeed } from '../support/gradient-case.js';
import { randomModel, wideModel } from '../support/random-model.js';
import { randomSchedules } from '../support/random-tuning.js';
import { runLowered, wasmProgram } from '../support/run-lowered.js';

describe('the CPU leaves the very same bits with any schedule', () => {
  const device = openCpuDevice({ threads: 2 });
  afterAll(() => device.dispose());
  let tuned = 0;

  it.each([
    ['small', randomModel, 4],
    ['wide', wideModel, 6],
  ] as const)('of %s random models', { timeout: 120_000 }, async (_, arbitrary, numRuns) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.nat(), async ({ source, dataSize, batch, binary }, variation) => {
        fc.pre(binary);
        const { lowered, bindings } = gradientCase(source, dataSize, batch);
        const { kernels } = lowered.sequence;
        const cpu = randomSchedules(tunableKernels(lowered.sequence), variation);
        const tuning = { ...noTuning, cpu };
        const used = kernels.filter(kernel => tunedOnCpu(kernel, tuning) !== null).length;
        expect(used).toBeGreaterThanOrEqual(cpu.size);
        tuned += used;
        const run = async (how: typeof tuning) =>
          runLowered(device, await wasmProgram(lowered, batch, how), bindings, {
            seed: gradientSeed,
            rowCount: batch,
          });
        const [own, other] = [await run(noTuning), await run(tuning)];
        for (const { name } of lowered.sequence.buffers.filter(each => each.name.startsWith('out.'))) {
          const output = name.slice('out.'.length);
          if (own(output).some((value, i) => !Object.is(value, other(output)[i])))
            expect.fail(`${name}\n${JSON.stringify([...cpu])}\n${printSequence(lowered.sequence)}`);
        }
      }),
      { seed: 1509_00519, numRuns },
    );
  });

  it('and other schedules were used', () => {
    expect(tuned).toBeGreaterThan(50);
  });
});
