import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradientGraph } from '../../compiler/driver.js';
import { printSequence } from '../../compiler/kernel/print.js';
import { type Bindings, evaluate } from '../../compiler/tensor/eval.js';
import type { Graph } from '../../compiler/tensor/ir.js';
import { simplify } from '../../compiler/tensor/passes/index.js';
import { printGraph } from '../../compiler/tensor/print.js';
import { graphWithGradients, randomBindings, randomGraph } from '../numeric/random-graph.js';
import { relativeError, tolerances } from '../numeric/tolerances.js';
import { evaluateLowered, lowerApart } from '../support/lowering.js';
import { estimatedModel, randomModel } from '../support/random-model.js';
import { initialParameters, modelOf, noiseOf } from '../support/reference.js';

/** Kernels compute what the graph means: every output, in f64, within rounding. */
function expectSameValues(graph: Graph, bindings: Bindings, rowCount: number) {
  const lowered = lowerApart(graph, { x: 'byte' });
  const actual = evaluateLowered(graph, lowered, bindings, { rowCount });
  for (const [name, values] of evaluate(graph, bindings)) {
    const error = relativeError(actual.get(name)!, values);
    if (error > tolerances.rewriting) {
      expect.fail(`${name}: ${error}\n${printGraph(graph)}\n${printSequence(lowered.sequence)}`);
    }
  }
  return lowered;
}

describe('lowering to kernels', { timeout: 60_000 }, () => {
  it('keeps every value and gradient of random graphs', () => {
    const reasons = new Set<string>();
    const kinds = new Set<string>();
    fc.assert(
      fc.property(randomGraph, fc.boolean(), (description, simplified) => {
        const built = graphWithGradients(description);
        const graph = simplified ? simplify.run(built) : built;
        const bindings = { ...randomBindings(description.seed), noise: noiseOf(0, 1) };
        const { sequence } = expectSameValues(graph, bindings, 100);
        for (const kernel of sequence.kernels) {
          if (kernel.kind === 'rows') continue;
          for (const reason of kernel.origin) reasons.add(reason.replaceAll(/%\d+ \w+ \[.*?\]/g, '%'));
          for (const reduction of kernel.reductions) kinds.add(reduction.kind);
        }
      }),
      { seed: 1906_02691, numRuns: 300 },
    );
    expect([...kinds].toSorted()).toEqual(['fold', 'product']);
    for (const words of [
      /more than 8 buffers/,
      /in two steps/,
      /not stored/,
      /costly/,
      /cannot hold/,
      /factor/,
    ]) {
      expect(
        [...reasons].some(reason => words.test(reason)),
        String(words),
      ).toBe(true);
    }
  });

  it.each([
    ['random models', randomModel, 30],
    ['models whose gradient is estimated', estimatedModel, 20],
  ])('keeps bound and gradients of %s', (_, models, numRuns) => {
    fc.assert(
      fc.property(models, fc.nat({ max: 1000 }), ({ source, dataSize, batch }, seed) => {
        const model = modelOf(source);
        const values = Float64Array.from({ length: batch * dataSize }, (_, i) => (i * 37 + seed) % 256);
        const bindings: Bindings = {
          inputs: { 'mean.x': new Float64Array(dataSize).fill(0.5) },
          datasets: { x: { width: dataSize, values } },
          clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 },
          noise: noiseOf(0, 1),
        };
        const inputs = { ...bindings.inputs, ...initialParameters(model, bindings) };
        expectSameValues(gradientGraph(model), { ...bindings, inputs }, batch);
      }),
      { seed: 1312_6114, numRuns },
    );
  });
});
