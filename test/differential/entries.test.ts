import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernelEntries, tensorGraphs } from '../../compiler/driver.js';
import {
  type EvalBuffers,
  type EvalFrame,
  evaluateDispatches,
  evaluateSequence,
} from '../../compiler/kernel/eval.js';
import { layoutParameters } from '../../compiler/lower/layout.js';
import { evaluationBlock, givenName } from '../../compiler/lower/model-to-tensor/evaluation.js';
import { outputName } from '../../compiler/lower/model-to-tensor/index.js';
import type { TypedModel } from '../../compiler/model/index.js';
import { entryNames } from '../../compiler/program/index.js';
import { type Bindings, evaluate, evaluateHostScalar } from '../../compiler/tensor/eval.js';
import { relativeError, tolerances } from '../numeric/tolerances.js';
import { evaluateLowered, frameFacts, lowerApart } from '../support/lowering.js';
import { type RandomModel, randomModel } from '../support/random-model.js';
import { initialParameters, modelOf, noiseOf } from '../support/reference.js';

const clocks = { step: 3, epoch: 1, samples: 70, sample_offset: 50, threshold: 0 };
const sampleOffset = clocks.sample_offset;
const rowCount = 4;

function bindingsOf({ dataSize, binary }: RandomModel, seed: number): Bindings {
  const values = Float64Array.from({ length: rowCount * dataSize }, (_, i) => {
    const byte = (i * 37 + seed) % 256;
    return binary ? byte : byte / 64 - 2;
  });
  return {
    inputs: { 'mean.x': Float64Array.from({ length: dataSize }, (_, i) => 0.2 + 0.1 * i) },
    datasets: { x: { width: dataSize, values } },
    // Every entry's batch, as often as the data set has to be walked through for it.
    rows: Array.from({ length: 1000 }, (_, b) => b % rowCount),
    clocks,
    noise: noiseOf(0, 1),
    sampleOffset,
  };
}

/** What the host gives to an evaluation: values of each latent for a block of samples, and which units count. */
function givenLatents({ recognition }: TypedModel): Record<string, Float64Array> {
  const entries = recognition.flatMap(({ variable, shape }) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    return [
      [
        givenName.latent(variable),
        Float64Array.from({ length: evaluationBlock.samples * size }, (_, i) => Math.sin(i)),
      ],
      [givenName.active(variable), Float64Array.from({ length: size }, (_, i) => (i + 1) % 2)],
    ] as const;
  });
  return Object.fromEntries(entries);
}

const expectNear = (name: string, found: ArrayLike<number>, expected: ArrayLike<number>) =>
  expect(relativeError(found, expected), name).toBeLessThan(tolerances.rewriting);

describe('entries of random models', { timeout: 60_000 }, () => {
  it('compute what their graphs mean, for any block of samples', () => {
    const run = new Set<string>();
    fc.assert(
      fc.property(randomModel, fc.nat({ max: 1000 }), (random, seed) => {
        const model = modelOf(random.source);
        const bindings = bindingsOf(random, seed);
        const inputs = { ...bindings.inputs, ...initialParameters(model, bindings), ...givenLatents(model) };
        const graphs = tensorGraphs(model);
        for (const entry of entryNames) {
          const [graph] = graphs[entry];
          const frame = { rowCount, sampleOffset };
          const found = evaluateLowered(graph, lowerApart(graph), { ...bindings, inputs }, frame);
          for (const [name, values] of evaluate(graph, { ...bindings, inputs })) {
            expectNear(`${entry} ${name}`, found.get(name)!, values);
            run.add(entry);
          }
        }
      }),
      { seed: 2002_05709, numRuns: 5 },
    );
    expect([...run].toSorted()).toEqual(entryNames.toSorted());
  });

  it('update parameters and states in place after the gradients are complete, or as they are made', () => {
    let joinedOnce = 0;
    fc.assert(
      fc.property(randomModel, fc.nat({ max: 1000 }), fc.boolean(), (random, seed, plain) => {
        const model = modelOf(plain ? random.source.replace('adam(lr=1e-3)', 'sgd(lr=1e-3)') : random.source);
        const layout = layoutParameters(model);
        const bindings = { ...bindingsOf(random, seed), sampleOffset: 0 };
        const parameters = initialParameters(model, bindings);
        const graphs = tensorGraphs(model);
        const [gradients, update] = graphs.train_step;
        const flat = (nameOf: (parameter: string) => string, values: (name: string) => ArrayLike<number>) => {
          const array = new Float64Array(layout.length);
          for (const { name, offset } of layout.slots) array.set(Array.from(values(nameOf(name))), offset);
          return array;
        };
        const found = evaluate(gradients, { ...bindings, inputs: { ...bindings.inputs, ...parameters } });
        const states = model.training.optimizer.states.map(({ name }) => `state.${name}`);
        const state = Object.fromEntries(
          states.map((name, s) => [
            name,
            Float64Array.from({ length: layout.length }, (_, i) => 0.01 * (1 + s + (i % 3))),
          ]),
        );
        const inputs = {
          parameters: flat(
            name => name,
            name => parameters[name]!,
          ),
          gradients: flat(outputName.gradient, name => found.get(name)!),
          ...state,
        };
        const expected = evaluate(update!, { ...bindings, inputs });

        // Between parameters lies padding, which is nobody's.
        const slots = (values: Float64Array) =>
          layout.slots.map(({ name, offset }) => values.slice(offset, offset + parameters[name]!.length));
        const { sequence, joined, host } = kernelEntries(model, layout, graphs).train_step;
        const scalars = host.map(scalar => evaluateHostScalar(scalar, clocks));
        const runOf = (run: (buffers: EvalBuffers, frame: EvalFrame) => void) => {
          const content: EvalBuffers = new Map([
            ['parameters', inputs.parameters.slice()],
            ['dataset.x', Float64Array.from(bindings.datasets!.x!.values)],
            ...states.map(name => [name, state[name]!.slice()] as const),
          ]);
          run(content, { ...frameFacts, rowCount, host: scalars });
          return content;
        };
        const apart = runOf((buffers, frame) => evaluateSequence(sequence, buffers, frame));
        for (const [name, values] of expected) expectNear(name, apart.get(name)!, values);
        if (joined === null) return;
        joinedOnce++;
        const { dispatches } = joined;
        for (const found of [
          runOf((buffers, frame) => evaluateSequence(joined.sequence, buffers, frame)),
          runOf((buffers, frame) => evaluateDispatches(joined.sequence, dispatches, buffers, frame)),
        ]) {
          for (const name of ['gradients', ...expected.keys()])
            expect(slots(found.get(name)!), name).toEqual(slots(apart.get(name)!));
        }
      }),
      { seed: 1412_6980, numRuns: 8 },
    );
    expect(joinedOnce).toBeGreaterThan(3);
  });
});
