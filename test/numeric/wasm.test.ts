import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { printSequence } from '../../compiler/kernel/print.js';
import { type Bindings, evaluate } from '../../compiler/tensor/eval.js';
import type { Graph } from '../../compiler/tensor/ir.js';
import { simplify } from '../../compiler/tensor/passes/index.js';
import { printGraph } from '../../compiler/tensor/print.js';
import type { Device } from '../../runtime/device.js';
import { openCpuDevice } from '../../runtime/node.js';
import { gradientCase, gradientSeed } from '../support/gradient-case.js';
import { lowerApart } from '../support/lowering.js';
import { randomModel } from '../support/random-model.js';
import { noiseOf } from '../support/reference.js';
import { runLowered, wasmProgram } from '../support/run-lowered.js';
import { buildGraph, randomBindings, randomGraph } from './random-graph.js';
import { relativeError } from './tolerances.js';

/** f32 on the CPU against f64, relative to the largest element of the array or to 1. */
const tolerance = 1e-4;
const device: Device = openCpuDevice({ threads: 2 });
afterAll(() => device.dispose());

async function expectSame(graph: Graph, bindings: Bindings, rows: number) {
  const lowered = lowerApart(graph, { x: 'byte' });
  const found = await runLowered(device, await wasmProgram(lowered, rows), bindings, {
    seed: gradientSeed,
    rowCount: rows,
  });
  for (const [name, values] of evaluate(graph, bindings)) {
    const error = relativeError(found(name), values);
    if (error > tolerance) {
      expect.fail(`${name}: ${error}\n${printGraph(graph)}\n${printSequence(lowered.sequence)}`);
    }
  }
}

/** The bound of a model of binary data and its gradients. */
async function expectSameGradients(source: string, dataSize: number, batch: number) {
  const { graph, bindings } = gradientCase(source, dataSize, batch);
  await expectSame(graph, bindings, batch);
}

describe('WebAssembly of lowered graphs', () => {
  it('has the values of random graphs', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(randomGraph, async description => {
        const { builder, nodes } = buildGraph(description);
        nodes.forEach((node, i) => {
          builder.output(`node ${i}`, node);
        });
        const bindings = { ...randomBindings(description.seed), noise: noiseOf(Number(gradientSeed), 3) };
        await expectSame(simplify.run(builder.build()), bindings, 100);
      }),
      { seed: 1906_02691, numRuns: 30 },
    );
  });

  it('has the bound and gradients of random models', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(randomModel, async ({ source, dataSize, batch, binary }) => {
        fc.pre(binary);
        await expectSameGradients(source, dataSize, batch);
      }),
      { seed: 1312_6114, numRuns: 8 },
    );
  });

  it.each(['', ' using one_sample'])(
    'has those of a model larger than its tiles%s',
    { timeout: 120_000 },
    async using => {
      const source = `model tiles {
      data x: binary[101]
      recognition {
        h1 ~ gaussian_mlp(x, hidden=[70, 33], size=37)
        h2 ~ gaussian_mlp(h1, hidden=[19], size=5)
      }
      generative {
        h2 ~ normal(0, 1)[5]
        h1 ~ gaussian_mlp(h2, hidden=[41], size=37)
        let y = h1 |> dense(67, tanh)
        x ~ bernoulli(logits = y |> dense(101))
      }
      bound iwae(k=7)${using}
      train { optimizer adam(lr=1e-3) batch 23 }
    }`;
      await expectSameGradients(source, 101, 23);
    },
  );
});
