import { noiseAt } from '../../compiler/program/index.js';
import type { Values } from './reference.js';

/*
 * A model that is linear and normal throughout, with one latent layer or two, whose every figure is known exactly:
 *   one layer:  h ~ N(0, I),  x ~ N(W'h + b, s² I)
 *   two layers: h2 ~ N(0, I), h1 ~ N(V'h2, t² I), x ~ N(W'h1 + b, s² I)
 * with q linear and normal too, and not the posterior.
 */
export const [dataSize, latentSize, topSize, scale, middleScale] = [5, 3, 2, 0.5, 0.7];

export const oneLayer = `model linear1 {
  data x: real[${dataSize}]
  recognition {
    param log_scale: real[${latentSize}] = 0
    h ~ normal(mean = dense(x, ${latentSize}), scale = exp(log_scale))
  }
  generative {
    h ~ normal(0, 1)[${latentSize}]
    x ~ normal(mean = dense(h, ${dataSize}), scale = ${scale})
  }
  bound iwae(k=5)
  train { optimizer adam(lr=1e-2) batch 20 }
}`;

export const twoLayers = `model linear2 {
  data x: real[${dataSize}]
  recognition {
    param log_scale1: real[${latentSize}] = 0
    param log_scale2: real[${topSize}] = 0
    h1 ~ normal(mean = dense(x, ${latentSize}), scale = exp(log_scale1))
    h2 ~ normal(mean = dense(h1, ${topSize}), scale = exp(log_scale2))
  }
  generative {
    h2 ~ normal(0, 1)[${topSize}]
    h1 ~ normal(mean = dense(h2, ${latentSize}), scale = ${middleScale})
    x ~ normal(mean = dense(h1, ${dataSize}), scale = ${scale})
  }
  bound iwae(k=5)
  train { optimizer adam(lr=1e-2) batch 20 }
}`;

export type Matrix = readonly (readonly number[])[];

/** [latent][data]; the last unit of the latent has no weight. */
export const weight: Matrix = [
  [0.9, -0.4, 0.2, 0.5, 0],
  [0.4, 0.9, -0.5, 0.2, 0.3],
  [0, 0, 0, 0, 0],
];
/** [top][latent]; the last unit of the middle layer is not reached from above. */
export const upper: Matrix = [
  [0.8, 0.3, 0],
  [-0.2, 0.6, 0],
];
export const bias = [0.3, -0.2, 0.1, 0.4, -0.5];
/** q's means: [data][latent] and [latent][top], with no word of the last unit of each. */
export const gain: Matrix = [
  [0.5, 0.1, 0],
  [-0.2, 0.5, 0],
  [0.1, -0.2, 0],
  [0.3, 0.1, 0],
  [0, 0.2, 0],
];
export const upperGain: Matrix = [
  [0.5, 0],
  [0.3, 0],
  [0, 0],
];
export const gainBias = [0.1, -0.1, 0];
/** The last units are drawn as p draws them. */
export const scales = { one: [0.5, 0.6, 1], middle: [0.5, 0.6, middleScale], top: [0.8, 1] } as const;

const flat = (matrix: Matrix) => Float64Array.from(matrix.flat());
const logs = (values: readonly number[]) => Float64Array.from(values, Math.log);

export const oneLayerParameters: Values = {
  'recognition.log_scale': logs(scales.one),
  'recognition.h.dense1.weight': flat(gain),
  'recognition.h.dense1.bias': Float64Array.from(gainBias),
  'generative.x.dense1.weight': flat(weight),
  'generative.x.dense1.bias': Float64Array.from(bias),
};

export const twoLayerParameters: Values = {
  'recognition.log_scale1': logs(scales.middle),
  'recognition.log_scale2': logs(scales.top),
  'recognition.h1.dense1.weight': flat(gain),
  'recognition.h1.dense1.bias': Float64Array.from(gainBias),
  'recognition.h2.dense1.weight': flat(upperGain),
  'recognition.h2.dense1.bias': new Float64Array(topSize),
  'generative.h1.dense1.weight': flat(upper),
  'generative.h1.dense1.bias': new Float64Array(latentSize),
  'generative.x.dense1.weight': flat(weight),
  'generative.x.dense1.bias': Float64Array.from(bias),
};

export const normalAt = (stream: number, element: number) =>
  noiseAt('normal', { seedLow: 3, seedHigh: 0, step: 0, stream, row: 0, sample: 0, element });

/** Rows that are near what the model expects, exact in f32. */
export const dataRows = (count: number): Matrix =>
  Array.from({ length: count }, (_, r) => {
    const h = Array.from({ length: latentSize }, (_, l) => normalAt(1, latentSize * r + l));
    return bias.map((b, d) =>
      Math.fround(b + dot(h, column(weight, d)) + scale * normalAt(2, dataSize * r + d)),
    );
  });

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
export const column = (matrix: Matrix, j: number): readonly number[] => matrix.map(row => row[j]!);
export const transpose = (a: Matrix): Matrix => a[0]!.map((_, j) => column(a, j));
export const product = (a: Matrix, b: Matrix): Matrix =>
  a.map(row => b[0]!.map((_, j) => dot(row, column(b, j))));
export const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((v, j) => v + b[i]![j]!));
export const diagonal = (values: readonly number[]): Matrix =>
  values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));
export const trace = (a: Matrix): number => a.reduce((sum, row, i) => sum + row[i]!, 0);

/** L with L L' = a. */
export function cholesky(a: Matrix): Matrix {
  const factor: number[][] = [];
  for (const [i, line] of a.entries()) {
    const row: number[] = [];
    for (let j = 0; j < i; j++) row.push((line[j]! - dot(row, factor[j]!.slice(0, j))) / factor[j]![j]!);
    row.push(Math.sqrt(line[i]! - dot(row, row)));
    factor.push(row);
  }
  return factor;
}

export const logDeterminant = (a: Matrix): number =>
  2 * cholesky(a).reduce((sum, row, i) => sum + Math.log(row[i]!), 0);

/** a⁻¹ b by Cholesky. */
export function solve(a: Matrix, b: readonly number[]): readonly number[] {
  const factor = cholesky(a);
  const half: number[] = [];
  for (const [i, row] of factor.entries()) half.push((b[i]! - dot(row.slice(0, i), half)) / row[i]!);
  const found = new Array<number>(b.length).fill(0);
  for (let i = b.length - 1; i >= 0; i--) {
    let rest = half[i]!;
    for (let j = i + 1; j < b.length; j++) rest -= factor[j]![i]! * found[j]!;
    found[i] = rest / factor[i]![i]!;
  }
  return found;
}

export const inverse = (a: Matrix): Matrix =>
  transpose(
    a.map((_, j) =>
      solve(
        a,
        a.map((_, i) => (i === j ? 1 : 0)),
      ),
    ),
  );

/** log N(x; mean, covariance) */
export function logNormal(x: readonly number[], mean: readonly number[], covariance: Matrix): number {
  const difference = x.map((value, i) => value - mean[i]!);
  const quadratic = dot(difference, solve(covariance, difference));
  return -0.5 * (quadratic + logDeterminant(covariance) + x.length * Math.log(2 * Math.PI));
}

/** KL(N(mean, covariance) ‖ N(otherMean, otherCovariance)) */
export function divergence(
  [mean, covariance]: readonly [readonly number[], Matrix],
  [otherMean, otherCovariance]: readonly [readonly number[], Matrix],
): number {
  const precision = inverse(otherCovariance);
  const difference = mean.map((value, i) => otherMean[i]! - value);
  return (
    0.5 *
    (trace(product(precision, covariance)) +
      dot(
        difference,
        product(precision, transpose([difference])).map(row => row[0]!),
      ) -
      mean.length +
      logDeterminant(otherCovariance) -
      logDeterminant(covariance))
  );
}
