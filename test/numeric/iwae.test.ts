import { describe, expect, it } from 'vitest';
import { gradient } from '../../compiler/tensor/autodiff.js';
import { evaluate } from '../../compiler/tensor/eval.js';
import type { Graph } from '../../compiler/tensor/ir.js';
import {
  builderOf,
  eraseStops,
  passesAfterGradient,
  passesBeforeGradient,
  simplify,
} from '../../compiler/tensor/passes/index.js';
import { printGraph } from '../../compiler/tensor/print.js';
import { verifyGraph } from '../../compiler/tensor/verify.js';
import { type IwaeSizes, iwaeGraph } from './iwae-graph.js';
import { relativeError, tolerances } from './tolerances.js';

const sizes: IwaeSizes = { data: 4, hidden: 3, latent: 2, batch: 2, k: 3 };

const irregular = (count: number, seed: number) =>
  Float64Array.from({ length: count }, (_, i) => (((i + 1 + 31 * seed) * Math.SQRT2) % 1) * 2 - 1);

const eps = irregular(sizes.batch * sizes.k * sizes.latent, 99);
const noise = (_law: string, { row, sample, element }: { row: number; sample: number; element: number }) =>
  eps[(row * sizes.k + sample) * sizes.latent + element]!;

const model = iwaeGraph(sizes);
const names = model.parameters.map(({ name }) => name);
const inputs: Record<string, Float64Array> = {
  x: irregular(sizes.batch * sizes.data, 50).map(value => (value > 0 ? 1 : 0)),
  ...Object.fromEntries(
    model.parameters.map(({ name, axes }, i) => [
      name,
      irregular(
        axes.reduce((n, axis) => n * axis.size, 1),
        i,
      ),
    ]),
  ),
};

/** [in, out] weights and biases applied to a vector. */
function dense(x: readonly number[], name: string): number[] {
  const [weight, bias] = [inputs[name]!, inputs[`b_${name}`]!];
  return [...bias].map((start, j) =>
    x.reduce((sum, value, i) => sum + value * weight[i * bias.length + j]!, start),
  );
}

const tanh = (x: readonly number[]) => x.map(Math.tanh);

const logNormal = (x: number, mean: number, scale: number) =>
  -0.5 * ((x - mean) / scale) ** 2 - Math.log(scale) - 0.5 * Math.log(2 * Math.PI);

const sum = (values: readonly number[]) => values.reduce((a, c) => a + c, 0);

/** log p(x, z) − log q(z | x) for one datum and one sample, with plain loops. */
function logWeight(datum: number, sample: number): number {
  const x = [...inputs.x!.slice(datum * sizes.data, (datum + 1) * sizes.data)];
  const hidden = tanh(dense(tanh(dense(x, 'W1')), 'W2'));
  const [mean, scale] = [dense(hidden, 'Wmu'), dense(hidden, 'Wls').map(Math.exp)];
  const z = mean.map((m, i) => m + scale[i]! * noise('normal', { row: datum, sample, element: i }));
  const logits = dense(tanh(dense(tanh(dense(z, 'W3')), 'W4')), 'W5');
  const logLik = sum(logits.map((logit, i) => x[i]! * logit - Math.log1p(Math.exp(logit))));
  return logLik + sum(z.map((value, i) => logNormal(value, 0, 1) - logNormal(value, mean[i]!, scale[i]!)));
}

/** Burda et al. (2016), eq. 8, averaged over the batch. */
function loss(): number {
  const bounds = Array.from({ length: sizes.batch }, (_, datum) =>
    Math.log(
      sum(Array.from({ length: sizes.k }, (_, sample) => Math.exp(logWeight(datum, sample)))) / sizes.k,
    ),
  );
  return -sum(bounds) / sizes.batch;
}

/** Loss and gradients, simplified before and after differentiation. */
function trainingGraph(): Graph {
  const { builder: source, loss: node } = iwaeGraph(sizes);
  source.output('loss', node);
  const before = passesBeforeGradient.reduce((graph, pass) => pass.run(graph), source.build());
  const { builder, outputs } = builderOf(before);
  const objective = outputs.get('loss')!;
  const gradients = gradient(builder, objective, names);
  builder.output('loss', objective);
  model.parameters.forEach(({ name, axes }, i) => {
    builder.output(name, gradients[i]!, axes);
  });
  return passesAfterGradient.reduce((graph, pass) => pass.run(graph), builder.build());
}

describe('the importance-weighted bound', () => {
  const graph = trainingGraph();
  const values = evaluate(graph, { inputs, noise });

  it('is what plain loops compute', () => {
    verifyGraph(graph);
    expect(relativeError(values.get('loss')!, [loss()])).toBeLessThan(tolerances.recorded);
  });

  it.each(names)('has the gradient of %s that differences of the plain loops have', name => {
    const parameter = inputs[name]!;
    const [h] = tolerances.gradient.spacings;
    const at = (i: number, shift: number) => {
      const original = parameter[i]!;
      parameter[i] = original + shift;
      const value = loss();
      parameter[i] = original;
      return value;
    };
    const numerical = Array.from(
      parameter,
      (_, i) => (at(i, -2 * h) - 8 * at(i, -h) + 8 * at(i, h) - at(i, 2 * h)) / (12 * h),
    );
    expect(numerical.some(slope => Math.abs(slope) > 1e-3)).toBe(true);
    expect(relativeError(values.get(name)!, numerical)).toBeLessThan(tolerances.gradient.relative);
  });

  it('computes for each sample only what depends on it', () => {
    const text = printGraph(graph);
    const encoder = graph.nodes.filter(
      node => node.op === 'contract' && node.axes.every(axis => axis.name !== 'k'),
    );
    // Four products of the encoder, their backward ones (none into the data), and every weight gradient.
    expect(encoder).toHaveLength(4 + 3 + 7);
    expect(text).not.toMatch(/divide %\d+ %\d+.*f0/);
  });

  it('leaves nothing of the mean and nothing to divide by in log q at its own sample', () => {
    const { builder, logQ } = iwaeGraph(sizes);
    builder.output('log q', logQ);
    const graphOfQ = simplify.run(eraseStops.run(builder.build()));
    const operations = graphOfQ.nodes.map(node => (node.op === 'map' ? node.scalar : node.op));
    expect(operations).not.toContain('divide');
    expect(operations).not.toContain('exp');
    expect(graphOfQ.nodes.some(node => node.op === 'input' && node.name === 'Wmu')).toBe(false);
  });
});
