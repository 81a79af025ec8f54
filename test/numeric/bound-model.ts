import type { Bindings } from '../../compiler/tensor/eval.js';
import { modelOf, noiseOf, type ReferenceCase, type Values } from '../support/reference.js';

/*
 * One small model twice: as a program, and as plain functions of its parameters, of the noise and of the data. Every
 * quantity that a bound may ask for is computed here from its definition, with the parameters of the samples and those of
 * log q apart.
 */
const [dataSize, latentSize] = [3, 2];

/** `before`: declarations that `bound` may use. */
export const sweepText = (bound: string, batch: number, before = '') => `${before}model sweep {
  data x: binary[${dataSize}]
  recognition {
    param log_scale: real[${latentSize}] = 0
    h ~ normal(mean = dense(x, ${latentSize}), scale = exp(log_scale))
  }
  generative {
    param centre: real[${latentSize}] = 0
    h ~ normal(mean = centre, scale = 0.8)
    x ~ bernoulli(logits = dense(h, ${dataSize}))
  }
  bound ${bound}
  train { optimizer sgd(lr=0.1) batch ${batch} }
}`;

/** Far enough from a posterior that the weights differ, and from 0 that no gradient vanishes. */
export const sweepParameters: Values = {
  'recognition.log_scale': Float64Array.of(-0.3, 0.2),
  'recognition.h.dense1.weight': Float64Array.of(0.7, -0.4, -0.9, 0.3, 0.5, 0.8),
  'recognition.h.dense1.bias': Float64Array.of(0.2, -0.3),
  'generative.centre': Float64Array.of(0.1, -0.2),
  'generative.x.dense1.weight': Float64Array.of(1.1, -0.8, 0.6, -0.5, 0.9, 1.3),
  'generative.x.dense1.bias': Float64Array.of(0.3, -0.1, 0.2),
};
const priorScale = 0.8;

/** Rows of the data set, and as the model sees them. */
export const sweepRows: readonly (readonly number[])[] = [
  [1, 0, 1],
  [0, 1, 1],
];

const clocks = { step: 1, epoch: 4, samples: 0, sample_offset: 0, threshold: 0 };

export function sweepCase(
  bound: string,
  seed: number,
  rows: readonly (readonly number[])[] = sweepRows,
  before = '',
): ReferenceCase {
  const values = rows.flat().map(bit => 255 * bit);
  const bindings: Bindings = {
    inputs: { 'mean.x': new Float64Array(dataSize).fill(0.5) },
    datasets: { x: { width: dataSize, values } },
    clocks,
    noise: noiseOf(seed, 3),
  };
  return { model: modelOf(sweepText(bound, rows.length, before)), bindings };
}

/** The quantities of one datum, one entry for each sample. */
export interface Quantities {
  readonly logLik: readonly number[];
  readonly logPrior: readonly number[];
  readonly logQ: readonly number[];
  readonly logW: readonly number[];
  /** KL(q ‖ p). */
  readonly kl: number;
}

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const logNormal = (x: number, mean: number, scale: number) =>
  -((x - mean) ** 2) / (2 * scale ** 2) - Math.log(scale) - Math.log(2 * Math.PI) / 2;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

interface Posterior {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

function posterior(parameters: Values, x: readonly number[]): Posterior {
  const weight = parameters['recognition.h.dense1.weight']!;
  const bias = parameters['recognition.h.dense1.bias']!;
  return {
    mean: range(latentSize).map(l => bias[l]! + sum(x.map((v, d) => v * weight[d * latentSize + l]!))),
    scale: range(latentSize).map(l => Math.exp(parameters['recognition.log_scale']![l]!)),
  };
}

/** Samples are drawn with the parameters `path`; log q is that of `density`; p is that of `path` too. */
export function quantitiesOf(
  path: Values,
  density: Values,
  row: number,
  samples: number,
  { bindings }: ReferenceCase,
): Quantities {
  const x = sweepRows[row]!;
  const drawn = posterior(path, x);
  const q = posterior(density, x);
  const centre = path['generative.centre']!;
  const weight = path['generative.x.dense1.weight']!;
  const bias = path['generative.x.dense1.bias']!;
  const h = range(samples).map(sample =>
    range(latentSize).map(element => {
      const eps = bindings.noise!('normal', { stream: 'q.h', clock: 'model', row, sample, element });
      return drawn.mean[element]! + drawn.scale[element]! * eps;
    }),
  );
  const logLik = h.map(latent =>
    sum(
      x.map((v, d) => {
        const logit = bias[d]! + sum(latent.map((value, l) => value * weight[l * dataSize + d]!));
        return v * logit - softplus(logit);
      }),
    ),
  );
  const logPrior = h.map(latent => sum(latent.map((v, l) => logNormal(v, centre[l]!, priorScale))));
  const logQ = h.map(latent => sum(latent.map((v, l) => logNormal(v, q.mean[l]!, q.scale[l]!))));
  const logW = h.map((_, s) => logLik[s]! + logPrior[s]! - logQ[s]!);
  const kl = sum(
    range(latentSize).map(l => {
      const [m, s] = [q.mean[l]!, q.scale[l]!];
      return Math.log(priorScale / s) + (s ** 2 + (m - centre[l]!) ** 2) / (2 * priorScale ** 2) - 0.5;
    }),
  );
  return { logLik, logPrior, logQ, logW, kl };
}
