import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gradientGraph } from '../../compiler/driver.js';
import { printSequence } from '../../compiler/kernel/print.js';
import { scheduleDispatch } from '../../compiler/kernel/schedule.js';
import { updateGraph } from '../../compiler/lower/model-to-tensor/update.js';
import { shuffledRow } from '../../compiler/program/index.js';
import { scalars } from '../../compiler/scalar/registry.js';
import { GraphBuilder } from '../../compiler/tensor/build.js';
import { type Bindings, evaluate } from '../../compiler/tensor/eval.js';
import type { Axis, Graph, Node } from '../../compiler/tensor/ir.js';
import { simplify } from '../../compiler/tensor/passes/index.js';
import { printGraph } from '../../compiler/tensor/print.js';
import type { Device } from '../../runtime/index.js';
import { buildGraph, randomBindings, randomGraph } from '../numeric/random-graph.js';
import { relativeError } from '../numeric/tolerances.js';
import { lowerApart } from '../support/lowering.js';
import { randomModel } from '../support/random-model.js';
import { initialParameters, modelOf, noiseOf } from '../support/reference.js';
import { runLowered } from '../support/run-lowered.js';
import { type Variant, wgslProgram } from '../support/wgsl-program.js';
import { smallModel } from '../unit/check/checked.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

/** A device's f32 against f64, relative to the largest element of the array or to 1. */
const tolerance = 1e-4;
const seed = 7n;

/** WGSL itself promises no more of some functions than their rows in the registry say. */
const isAccurate = (node: Node) =>
  node.op !== 'map' || scalars[node.scalar].test.relative + scalars[node.scalar].test.absolute < tolerance;

async function expectSameOnDevice(
  device: Device,
  graph: Graph,
  bindings: Bindings,
  rows: number,
  variants: readonly Variant[] = ['gpu', 'software', 'subgroups'],
) {
  const lowered = lowerApart(graph, { x: 'byte' });
  const expected = evaluate(graph, bindings);
  for (const variant of variants) {
    const artefact = wgslProgram(lowered, rows, variant);
    const run = () => runLowered(device, artefact, bindings, { seed, rowCount: rows });
    const [found, again] = [await run(), await run()];
    for (const [name, values] of expected) {
      expect(again(name), `${variant} ${name}: the same bits again`).toEqual(found(name));
      const error = relativeError(found(name), values);
      if (error > tolerance) {
        expect.fail(`${variant} ${name}: ${error}\n${printGraph(graph)}\n${printSequence(lowered.sequence)}`);
      }
    }
  }
}

/** What is to be tested is there: sums of many terms that groups of invocations share. */
function expectSplits(graph: Graph): void {
  const { dispatches, sequence } = lowerApart(graph, { x: 'byte' });
  const stages = dispatches.flatMap(dispatch =>
    scheduleDispatch(dispatch, sequence.kernels, 'gpu').jobs.flatMap(job => job.stages),
  );
  const splits = stages.map(stage => (stage.kind === 'tiled' ? stage.splits : 1));
  expect(splits.filter(count => count > 1).length).toBeGreaterThanOrEqual(2);
}

/** What is to be tested is there: long chains, blocks of several rows of which the last has fewer, jobs side by side. */
function expectLongChains(graph: Graph): void {
  const { dispatches, sequence } = lowerApart(graph, { x: 'byte' });
  const jobs = dispatches.flatMap(dispatch => dispatch.jobs);
  expect(Math.max(...jobs.map(job => job.stages.length))).toBeGreaterThanOrEqual(4);
  expect(Math.max(...dispatches.map(dispatch => dispatch.jobs.length))).toBeGreaterThanOrEqual(4);
  const blocks = dispatches.flatMap(dispatch =>
    scheduleDispatch(dispatch, sequence.kernels, 'gpu').jobs.map(({ block }, i) => [
      block,
      dispatch.jobs[i]!.units % block,
    ]),
  );
  expect(blocks).toContainEqual([2, 1]);
}

function modelCase(source: string, dataSize: number, batch: number) {
  const model = modelOf(source);
  const bindings: Bindings = {
    inputs: { 'mean.x': new Float64Array(dataSize).fill(0.5) },
    datasets: {
      x: {
        width: dataSize,
        values: Float64Array.from({ length: batch * dataSize }, (_, i) => (i * 37) % 256),
      },
    },
    clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 },
    noise: noiseOf(Number(seed), 3),
  };
  return {
    model,
    bindings: { ...bindings, inputs: { ...bindings.inputs, ...initialParameters(model, bindings) } },
  };
}

describeOnDevice('WGSL of lowered graphs', () => {
  const device = sharedDevice();

  it('has the values of random graphs', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(randomGraph, async description => {
        const { builder, nodes } = buildGraph(description);
        nodes.forEach((node, i) => {
          builder.output(`node ${i}`, node);
        });
        const graph = simplify.run(builder.build());
        fc.pre(graph.nodes.every(isAccurate));
        const bindings = { ...randomBindings(description.seed), noise: noiseOf(Number(seed), 3) };
        await expectSameOnDevice(await device(), graph, bindings, 100);
      }),
      { seed: 1906_02691, numRuns: 20 },
    );
  });

  it('shuffles rows as the definition does', async () => {
    const b: Axis = { name: 'b', kind: 'datum', size: 200 };
    const builder = new GraphBuilder('rows');
    const bytes = builder.dataset('x', [b, { name: 'f0', kind: 'feature', size: 2 }]);
    builder.output('x', bytes);
    const rowCount = 1000;
    const values = Float64Array.from({ length: 2 * rowCount }, (_, i) =>
      i % 2 === 0 ? i >> 9 : (i >> 1) & 255,
    );
    const artefact = wgslProgram(lowerApart(builder.build(), { x: 'byte' }), b.size, 'gpu');
    const facts = { shuffle: true, epoch: 4, position: 900 };
    const bindings = { datasets: { x: { width: 2, values } } };
    const found = await runLowered(await device(), artefact, bindings, { seed, rowCount }, facts);
    const rows = Array.from({ length: b.size }, (_, i) =>
      shuffledRow((facts.position + i) % rowCount, rowCount, Number(seed), 0, facts.epoch),
    );
    expect([...found('x')]).toEqual(rows.flatMap(row => [row >> 8, row & 255]));
  });

  it('has the bound and gradients of random models', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(randomModel, async ({ source, dataSize, batch, binary }) => {
        fc.pre(binary);
        const { model, bindings } = modelCase(source, dataSize, batch);
        // A software driver takes seconds to compile a kernel with barriers.
        await expectSameOnDevice(await device(), gradientGraph(model), bindings, batch, [
          'software',
          'subgroups',
        ]);
      }),
      { seed: 1312_6114, numRuns: 8 },
    );
  });

  it.each(['clip_norm 0.5', 'clip_norm 1e6', 'clip_value 0.25'])('has the update with %s', async clip => {
    const { training } = modelOf(smallModel({ train: `optimizer sgd(lr=1)  ${clip}` }));
    const size = 3000;
    const inputs = {
      parameters: new Float64Array(size),
      gradients: Float64Array.from({ length: size }, (_, i) => 3 * Math.sin(i + 1)),
      'state.velocity': new Float64Array(size),
    };
    const clocks = { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 };
    const bindings: Bindings = { inputs, datasets: {}, clocks };
    const graph = updateGraph(training, size);
    await expectSameOnDevice(await device(), graph, bindings, 1);
    inputs.gradients[7] = Number.NaN;
    const artefact = wgslProgram(lowerApart(graph, {}), 1, 'gpu');
    const found = await runLowered(await device(), artefact, bindings, { seed, rowCount: 1 });
    expect(found('parameters')[7]).toBeNaN();
  });

  it.each(['', ' using one_sample'])(
    'has those of a model larger than its tiles%s',
    { timeout: 600_000 },
    async using => {
      const source = `model tiles {
      data x: binary[101]
      recognition { h ~ gaussian_mlp(x, hidden=[33], size=37) }
      generative {
        h ~ normal(0, 1)[37]
        let y = h |> dense(67, tanh)
        x ~ bernoulli(logits = y |> dense(101))
      }
      bound iwae(k=9)${using}
      train { optimizer adam(lr=1e-3) batch 23 }
    }`;
      const { model, bindings } = modelCase(source, 101, 23);
      const graph = gradientGraph(model);
      if (using === '') {
        expectLongChains(graph);
        expectSplits(graph);
      }
      const variants: readonly Variant[] =
        using === '' ? ['gpu', 'software', 'subgroups'] : ['gpu', 'subgroups'];
      await expectSameOnDevice(await device(), graph, bindings, 23, variants);
    },
  );
});
