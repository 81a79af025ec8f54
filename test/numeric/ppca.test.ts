import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noiseAt } from '../../compiler/program/index.js';
import { modelOf, noiseOf, objectiveOf, type Values } from '../support/reference.js';

/*
 * Probabilistic principal component analysis: p(x) = N(b, W'W + s² I) is known, so every bound has an exact target, and
 * with orthogonal rows of W the exact posterior N(M⁻¹ W (x − b), s² M⁻¹), M = W W' + s² I, is in q's family.
 */
const text = readFileSync(new URL('../../specs/ppca.iwae', import.meta.url), 'utf8');
const [dataSize, latentSize, rows, scale] = [5, 2, 20, 0.5];

/** [latent][data], orthogonal rows. */
const weight = [
  [0.9, -0.4, 0.2, 0.5, 0],
  [0.4, 0.9, -0.5, 0.2, 0.3],
];
const bias = [0.3, -0.2, 0.1, 0.4, -0.5];
const normalAt = (stream: number, element: number) =>
  noiseAt('normal', { seedLow: 3, seedHigh: 0, step: 0, stream, row: 0, sample: 0, element });
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

const data = Array.from({ length: rows }, (_, r) => {
  const h = [normalAt(1, 2 * r), normalAt(1, 2 * r + 1)];
  return bias.map(
    (b, d) => b + dot(h, [weight[0]![d]!, weight[1]![d]!]) + scale * normalAt(2, dataSize * r + d),
  );
});

/** log N(x; b, Σ) by Cholesky: −½ |L⁻¹(x − b)|² − Σ log L_ii − ½ n log 2π. */
function exactLogDensity(x: readonly number[]): number {
  const covariance = (i: number, j: number) =>
    dot([weight[0]![i]!, weight[1]![i]!], [weight[0]![j]!, weight[1]![j]!]) + (i === j ? scale ** 2 : 0);
  const factor: number[][] = [];
  const solved: number[] = [];
  for (let i = 0; i < dataSize; i++) {
    const row: number[] = [];
    for (let j = 0; j < i; j++)
      row.push((covariance(i, j) - dot(row, factor[j]!.slice(0, j))) / factor[j]![j]!);
    row.push(Math.sqrt(covariance(i, i) - dot(row, row)));
    factor.push(row);
    solved.push((x[i]! - bias[i]! - dot(row.slice(0, i), solved)) / row[i]!);
  }
  const logDeterminant = factor.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);
  return -0.5 * dot(solved, solved) - logDeterminant - (dataSize / 2) * Math.log(2 * Math.PI);
}
const exact = data.reduce((sum, x) => sum + exactLogDensity(x), 0) / rows;

/** The posterior's parameters, its mean and scale made worse by the given amounts. */
function parametersWith(meanError: number, scaleFactor: number): Values {
  const precision = weight.map(row => dot(row, row) + scale ** 2);
  const gain = weight.map((row, l) => row.map(w => w / precision[l]!));
  const qWeight = Array.from(
    { length: dataSize * latentSize },
    (_, i) => gain[i % latentSize]![Math.floor(i / latentSize)]!,
  );
  return {
    'recognition.log_scale': Float64Array.from(precision, m =>
      Math.log((scaleFactor * scale) / Math.sqrt(m)),
    ),
    'recognition.h.dense1.weight': Float64Array.from(qWeight),
    'recognition.h.dense1.bias': Float64Array.from(gain, row => meanError - dot(row, bias)),
    'generative.x.dense1.weight': Float64Array.from(weight.flat()),
    'generative.x.dense1.bias': Float64Array.from(bias),
  };
}

function boundOf(k: number, seed: number, parameters: Values): number {
  const model = modelOf(text.replace('iwae(k=5)', `iwae(k=${k})`));
  const bindings = {
    inputs: { 'mean.x': Float64Array.from(bias) },
    datasets: { x: { width: dataSize, values: data.flat() } },
    clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 },
    noise: noiseOf(seed, 1),
  };
  return objectiveOf({ model, bindings })(parameters).bound;
}

function meanAndError(k: number, parameters: Values, repeats: number) {
  const values = Array.from({ length: repeats }, (_, seed) => boundOf(k, seed, parameters));
  const mean = values.reduce((sum, value) => sum + value, 0) / repeats;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (repeats - 1);
  return { mean, error: Math.sqrt(variance / repeats) };
}

describe('ppca', () => {
  it('names the parameters that these tests set', () => {
    expect(
      modelOf(text)
        .parameters.map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(parametersWith(0, 1)).sort());
  });

  it('has bounds below the exact log-likelihood that do not fall as k grows', () => {
    const rough = parametersWith(0.2, 1.4);
    const [one, five, fifty] = [1, 5, 50].map(k => meanAndError(k, rough, 60)) as [
      Estimate,
      Estimate,
      Estimate,
    ];
    const within = (a: Estimate, b: Estimate) => 3 * Math.hypot(a.error, b.error);
    for (const { mean, error } of [one, five, fifty]) expect(mean).toBeLessThan(exact + 3 * error);
    expect(five.mean).toBeGreaterThan(one.mean - within(one, five));
    expect(fifty.mean).toBeGreaterThan(five.mean - within(five, fifty));
    // The gap that importance sampling closes is there to be closed.
    expect(exact - one.mean).toBeGreaterThan(0.1);
    expect(exact - fifty.mean).toBeLessThan(0.1 * (exact - one.mean));
  });

  it('reaches the exact log-likelihood at k = 5000 with the exact posterior as q', () => {
    expect(Math.abs(boundOf(5000, 0, parametersWith(0, 1)) - exact)).toBeLessThan(0.02);
  });
});

interface Estimate {
  readonly mean: number;
  readonly error: number;
}
