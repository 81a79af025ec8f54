import { type DriverOptions, stepGraphs } from '../../compiler/driver.js';
import type { Bindings } from '../../compiler/tensor/eval.js';
import type { Graph } from '../../compiler/tensor/ir.js';
import { initialParameters, modelOf, noiseOf } from './reference.js';

const width = 19;

/** Of the noise: what `runLowered` is told. */
export const mixedSeed = 7n;
export const mixedBatch = 11;

const model = modelOf(`model halves {
  data x: binary[${width}]
  recognition { h ~ gaussian_mlp(x, hidden=[13, 12], size=7) }
  generative {
    h ~ normal(0, 1)[7]
    x ~ bernoulli(logits = h |> dense(12, tanh) |> dense(${width}))
  }
  bound iwae(k=5)
  train { optimizer adam(lr=1e-3) batch ${mixedBatch} }
}`);

const plain: Bindings = {
  inputs: { 'mean.x': new Float64Array(width).fill(0.5) },
  datasets: {
    x: { width, values: Float64Array.from({ length: mixedBatch * width }, (_, i) => (i * 37) % 256) },
  },
  clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 },
  noise: noiseOf(Number(mixedSeed), 3),
};

/** What a training step of a small model is computed from. */
export const mixedBindings: Bindings = {
  ...plain,
  inputs: { ...plain.inputs, ...initialParameters(model, plain) },
};

/** Its bound and gradients. */
export const stepGraph = (precision: DriverOptions['precision']): Graph =>
  stepGraphs(model, { precision, verify: true })[0];

/** f32 and f64 may round a number that lies between two of 16 bits to either of them. */
export const mixedTolerance = 2 ** -10;
