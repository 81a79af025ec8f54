import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printSequence } from '../../compiler/kernel/print.js';
import { dispatchedFor } from '../../compiler/lower/kernel-to-program.js';
import { evaluate } from '../../compiler/tensor/eval.js';
import { tunableDispatches } from '../../compiler/tuning/tunable.js';
import { noTuning, tunedDispatch } from '../../compiler/tuning/tuning.js';
import { relativeError } from '../numeric/tolerances.js';
import { gradientCase, gradientSeed } from '../support/gradient-case.js';
import { wideModel } from '../support/random-model.js';
import { randomSchedules } from '../support/random-tuning.js';
import { runLowered } from '../support/run-lowered.js';
import { wgslProgram } from '../support/wgsl-program.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

/** f32 against f64, relative to the largest element of the array or to 1. */
const tolerance = 1e-4;

describeOnDevice('WGSL has the values of the reference with any schedule', () => {
  const device = sharedDevice();
  const seen = new Set<string>();

  it.each(['gpu', 'software', 'subgroups'] as const)(
    'of random models, for the class %s',
    { timeout: 600_000 },
    async target => {
      await fc.assert(
        fc.asyncProperty(wideModel, fc.nat(), async ({ source, dataSize, batch, binary }, variation) => {
          fc.pre(binary);
          const { graph, lowered, bindings } = gradientCase(source, dataSize, batch);
          const dispatched = dispatchedFor[target](lowered);
          const { sequence, dispatches } = dispatched;
          const chosen = randomSchedules(tunableDispatches(dispatched, target), variation);
          fc.pre(
            target === 'gpu' || dispatches.every(each => each.jobs.every(job => job.stages.length === 1)),
          );
          const tuning = { ...noTuning, [target]: chosen };
          for (const dispatch of dispatches) {
            const schedule = tunedDispatch(dispatch, sequence.kernels, target, tuning);
            for (const job of schedule?.jobs ?? []) {
              if (job.block > 1) seen.add('block');
              for (const stage of job.stages) {
                seen.add(stage.kind);
                if (stage.kind === 'tiled' && stage.splits > 1) seen.add('split');
              }
            }
          }
          const artefact = wgslProgram(lowered, batch, target, tuning);
          const plain = wgslProgram(lowered, batch, target);
          if (chosen.size > 0) expect(artefact.wgsl).not.toEqual(plain.wgsl);
          const found = await runLowered(await device(), artefact, bindings, {
            seed: gradientSeed,
            rowCount: batch,
          });
          for (const [name, values] of evaluate(graph, bindings)) {
            const error = relativeError(found(name), values);
            if (!(error <= tolerance))
              expect.fail(
                `${name}: ${error}\n${JSON.stringify([...chosen])}\n${printSequence(lowered.sequence)}`,
              );
          }
        }),
        { seed: 1312_6114, numRuns: 3 },
      );
    },
  );

  it('and every kind of schedule was used', () => {
    expect([...seen].toSorted()).toEqual([
      'block',
      'blocked',
      'broadcast',
      'cooperative',
      'pointwise',
      'split',
      'tiled',
    ]);
  });
});
