import { expect, it } from 'vitest';
import { evaluate } from '../../compiler/tensor/eval.js';
import { type Artefact, type Device, isFault } from '../../runtime/index.js';
import { relativeError } from '../numeric/tolerances.js';
import { lowerApart } from '../support/lowering.js';
import { mixedBatch, mixedBindings, mixedSeed, mixedTolerance, stepGraph } from '../support/mixed-case.js';
import { runLowered } from '../support/run-lowered.js';
import { wgslProgram } from '../support/wgsl-program.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

/** The results of a step, or how the device refuses it. */
async function resultsOn(device: Device, artefact: Artefact) {
  try {
    return await runLowered(device, artefact, mixedBindings, { seed: mixedSeed, rowCount: mixedBatch });
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
}

describeOnDevice('mixed precision on a GPU', () => {
  const device = sharedDevice();
  const graph = stepGraph('mixed');
  const lowered = lowerApart(graph, { x: 'byte' });

  it.each(['gpu', 'software'] as const)(
    'has the values of the reference, or says what the device lacks: %s',
    { timeout: 600_000 },
    async variant => {
      const artefact = wgslProgram(lowered, mixedBatch, variant);
      const short = artefact.program.buffers.filter(({ element }) => element === 'f16');
      expect(short.map(({ name, role }) => [name, role])).toEqual([['workspace.f16', 'workspace']]);
      const texts = Object.values(artefact.wgsl).filter(text => text.startsWith('enable f16;\n'));
      expect(texts.length).toBeGreaterThan(0);
      for (const text of texts) expect(text).toMatch(/_workspace_f16: array<f16>;/);
      const found = await resultsOn(await device(), artefact);
      if (isFault(found)) {
        expect(found.code).toBe('feature-missing');
        expect(found.message).toContain((await device()).info.name);
        expect(found.message).toContain('shader-f16');
        return;
      }
      for (const [name, values] of evaluate(graph, mixedBindings))
        expect(relativeError(found(name), values), name).toBeLessThan(mixedTolerance);
    },
  );
});
