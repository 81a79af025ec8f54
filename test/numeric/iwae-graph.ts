import { GraphBuilder } from '../../compiler/tensor/build.js';
import type { Axis, NodeId } from '../../compiler/tensor/ir.js';

/** Sizes of a one-layer model: x -> hidden -> hidden -> latent, and back. */
export interface IwaeSizes {
  readonly data: number;
  readonly hidden: number;
  readonly latent: number;
  readonly batch: number;
  readonly k: number;
}

export interface IwaeGraph {
  readonly builder: GraphBuilder;
  /** −mean over the batch of the bound. */
  readonly loss: NodeId;
  readonly logQ: NodeId;
  readonly parameters: readonly { readonly name: string; readonly axes: readonly Axis[] }[];
}

const feature = (name: string, size: number): Axis => ({ name, kind: 'feature', size });

/**
 * Burda et al. (2016), eq. 8, one stochastic layer, written by hand: the densities as their formulas say, with log q at
 * z = mean + scale · eps in the unsimplified form.
 */
export function iwaeGraph(sizes: IwaeSizes): IwaeGraph {
  const builder = new GraphBuilder('iwae');
  const g = builder;
  const b: Axis = { name: 'b', kind: 'datum', size: sizes.batch };
  const k: Axis = { name: 'k', kind: 'sample', size: sizes.k };
  const parameters: { name: string; axes: readonly Axis[] }[] = [];
  const parameter = (name: string, axes: readonly Axis[]) => {
    parameters.push({ name, axes });
    return g.input(name, axes);
  };
  const dense = (x: NodeId, name: string, from: number, to: number) => {
    const weight = parameter(name, [feature('c0', from), feature('f0', to)]);
    const bias = parameter(`b_${name}`, [feature('f0', to)]);
    return g.apply('add', g.contract(g.rename(x, 'f0', 'c0'), weight, [feature('c0', from)]), bias);
  };
  const square = (x: NodeId) => g.apply('power', x, g.constant(2));
  const normalLogProb = (x: NodeId, mean: NodeId, scale: NodeId) => {
    const standard = g.apply('divide', g.apply('subtract', x, mean), scale);
    const kernel = g.apply('multiply', g.constant(-0.5), square(standard));
    const normaliser = g.apply('add', g.apply('log', scale), g.constant(0.5 * Math.log(2 * Math.PI)));
    return g.apply('subtract', kernel, normaliser);
  };
  const { data, hidden, latent } = sizes;
  const over = (axes: readonly Axis[], x: NodeId) => g.reduce('sum', x, axes);

  const x = g.input('x', [b, feature('f0', data)]);
  const h1 = g.apply('tanh', dense(x, 'W1', data, hidden));
  const h2 = g.apply('tanh', dense(h1, 'W2', hidden, hidden));
  const mean = dense(h2, 'Wmu', hidden, latent);
  const scale = g.apply('exp', dense(h2, 'Wls', hidden, latent));
  const eps = g.noise('normal', 'q.h1', 'model', [b, k, feature('f0', latent)]);
  const z = g.apply('add', mean, g.apply('multiply', scale, eps));
  const logQ = over([feature('f0', latent)], normalLogProb(z, mean, scale));
  const logPrior = over([feature('f0', latent)], normalLogProb(z, g.constant(0), g.constant(1)));
  const h3 = g.apply('tanh', dense(z, 'W3', latent, hidden));
  const h4 = g.apply('tanh', dense(h3, 'W4', hidden, hidden));
  const logits = dense(h4, 'W5', hidden, data);
  const bernoulli = g.apply('subtract', g.apply('multiply', x, logits), g.apply('softplus', logits));
  const logLik = over([feature('f0', data)], bernoulli);

  const logWeight = g.apply('subtract', g.apply('add', logLik, logPrior), logQ);
  const largest = g.stop(g.reduce('max', logWeight, [k]));
  const total = over([k], g.apply('exp', g.apply('subtract', logWeight, largest)));
  const logSum = g.apply('add', largest, g.apply('log', total));
  const bound = g.apply('subtract', logSum, g.constant(Math.log(sizes.k)));
  const loss = g.apply('multiply', g.constant(-1 / sizes.batch), over([b], bound));
  return { builder, loss, logQ, parameters };
}
