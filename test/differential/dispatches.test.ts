import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradientGraph } from '../../compiler/driver.js';
import { stagesOf } from '../../compiler/kernel/dispatch.js';
import { fuse } from '../../compiler/kernel/fuse.js';
import { printDispatches } from '../../compiler/kernel/print-dispatch.js';
import type { LoweredEntry } from '../../compiler/lower/tensor-to-kernel/index.js';
import type { Bindings } from '../../compiler/tensor/eval.js';
import type { Graph } from '../../compiler/tensor/ir.js';
import { simplify } from '../../compiler/tensor/passes/index.js';
import { graphWithGradients, randomBindings, randomGraph } from '../numeric/random-graph.js';
import { evaluateLowered, lowerApart } from '../support/lowering.js';
import { randomModel, wideModel } from '../support/random-model.js';
import { initialParameters, modelOf, noiseOf } from '../support/reference.js';

/** How often each kind of fusion was seen. */
const seen = { chains: 0, longest: 0, batches: 0, joined: 0 };

/** Fused as if every array could be bound at once, and each had memory of its own. */
function unbounded(lowered: LoweredEntry): LoweredEntry {
  const buffers = lowered.sequence.buffers.map(({ place: _, ...buffer }) => buffer);
  const sequence = { ...lowered.sequence, buffers };
  return { ...lowered, sequence, dispatches: fuse(sequence, () => true) };
}

/** The dispatches, run in an unlikely order, leave the very bits that the kernels leave one by one. */
function expectSameBits(graph: Graph, bindings: Bindings, rowCount: number) {
  const planned = lowerApart(graph, { x: 'byte' });
  for (const lowered of [planned, unbounded(planned)]) {
    const [expected, found] = (['kernels', 'dispatches'] as const).map(how =>
      evaluateLowered(graph, lowered, bindings, { rowCount }, how),
    );
    for (const [name, values] of expected!) {
      if (values.every((value, i) => Object.is(value, found!.get(name)![i]))) continue;
      expect.fail(`${name}\n${printDispatches(lowered, null)}`);
    }
    for (const { jobs } of lowered.dispatches) {
      const lengths = jobs.map(({ stages }) => stages.length);
      if (lengths.some(length => length > 1)) seen.chains++;
      if (lengths.length > 1) seen.batches++;
      if (lengths.length > 1 && lengths.some(length => length > 1)) seen.joined++;
      seen.longest = Math.max(seen.longest, ...lengths);
    }
    const run = lowered.dispatches.flatMap(stagesOf).map(stage => stage.kernel);
    expect(run.toSorted((a, b) => a - b)).toEqual(lowered.sequence.kernels.map((_, i) => i));
  }
}

function modelBindings(dataSize: number, batch: number, seed: number): Bindings {
  const values = Float64Array.from({ length: batch * dataSize }, (_, i) => (i * 37 + seed) % 256);
  return {
    inputs: { 'mean.x': new Float64Array(dataSize).fill(0.5) },
    datasets: { x: { width: dataSize, values } },
    clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 },
    noise: noiseOf(0, 1),
  };
}

describe('dispatches compute what their kernels do', { timeout: 60_000 }, () => {
  it('of random graphs', () => {
    fc.assert(
      fc.property(randomGraph, fc.boolean(), (description, simplified) => {
        const built = graphWithGradients(description);
        const graph = simplified ? simplify.run(built) : built;
        expectSameBits(graph, { ...randomBindings(description.seed), noise: noiseOf(0, 1) }, 100);
      }),
      { seed: 1906_02691, numRuns: 100 },
    );
  });

  it.each([
    ['small', randomModel, 30],
    ['wide', wideModel, 12],
  ] as const)('of %s random models', (_, arbitrary, numRuns) => {
    fc.assert(
      fc.property(arbitrary, fc.nat({ max: 1000 }), ({ source, dataSize, batch }, seed) => {
        const model = modelOf(source);
        const bindings = modelBindings(dataSize, batch, seed);
        const inputs = { ...bindings.inputs, ...initialParameters(model, bindings) };
        expectSameBits(gradientGraph(model), { ...bindings, inputs }, batch);
      }),
      { seed: 1312_6114, numRuns },
    );
  });

  it('and every kind of fusion fired', () => {
    expect(seen.chains).toBeGreaterThan(100);
    expect(seen.batches).toBeGreaterThan(100);
    expect(seen.joined).toBeGreaterThan(20);
    expect(seen.longest).toBeGreaterThan(10);
  });
});
