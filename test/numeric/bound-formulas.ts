import type { Quantities } from './bound-model.js';

/*
 * Every bound of the standard library as its paper writes it, for one datum, in f64. Nothing here is stable, clever or
 * shared with the library: weights are exponentials and averages are averages.
 */

/** What φ ascends: `fixed` holds everything at the parameters where the gradient is taken. */
export interface Moved {
  readonly fixed: Quantities;
  /** Samples and log q with the moved φ. */
  readonly all: Quantities;
  /** Moved samples, log q of the fixed φ. */
  readonly path: Quantities;
  /** Fixed samples, log q of the moved φ. */
  readonly score: Quantities;
}

export interface BoundCase {
  /** As a model chooses it. */
  readonly text: string;
  readonly samples: number;
  readonly value: (quantities: Quantities) => number;
  /** Default: `value` of all that moves. */
  readonly recognition?: (moved: Moved) => number;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
const logMeanExp = (values: readonly number[]) => Math.log(mean(values.map(Math.exp)));
const normalised = (logWeights: readonly number[]) => {
  const weights = logWeights.map(Math.exp);
  return weights.map(weight => weight / sum(weights));
};
const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((value, i) => value * b[i]!));

const elbo = ({ logW }: Quantities) => mean(logW);
const iwae = ({ logW }: Quantities) => logMeanExp(logW);
const power = ({ logW }: Quantities, p: number) => Math.log(mean(logW.map(w => Math.exp(w) ** p))) / p;
const weightedDivergence = ({ logLik, logPrior, logQ }: Quantities, weight: number) =>
  mean(logLik.map((value, i) => value + weight * (logPrior[i]! - logQ[i]!)));
const median = ({ logW }: Quantities) => {
  const ordered = [...logW].sort((a, b) => a - b);
  const half = ordered.length / 2;
  return Number.isInteger(half) ? (ordered[half - 1]! + ordered[half]!) / 2 : ordered[Math.floor(half)]!;
};

/** Samples are numbered k1 outermost: inner averages over k1 for each of k2. */
const inner = ({ logW }: Quantities, k1: number, k2: number) =>
  Array.from({ length: k2 }, (_, j) => Array.from({ length: k1 }, (__, i) => logW[i * k2 + j]!));
const miwae = (quantities: Quantities, k1: number, k2: number) =>
  mean(inner(quantities, k1, k2).map(logMeanExp));

const jackknife = ({ logW }: Quantities) => {
  const k = logW.length;
  if (k === 1) return logW[0]!;
  const without = logW.map((_, i) => logMeanExp(logW.filter((__, j) => j !== i)));
  return k * logMeanExp(logW) - (k - 1) * mean(without);
};

/** E[f] under the self-normalised weights w^β. */
const tempered = ({ logW }: Quantities, beta: number) => dot(normalised(logW.map(w => beta * w)), logW);

/** E[∇f] + Cov[∇ log π_β, f] for φ: f = log p − log q, log π_β = β log p + (1 − β) log q, at fixed samples. */
const temperedCovariance = ({ fixed: { logW }, score: { logQ } }: Moved, beta: number) => {
  const weights = normalised(logW.map(w => beta * w));
  const expected = (values: readonly number[]) => dot(weights, values);
  const products = logQ.map((value, i) => value * logW[i]!);
  const covariance = expected(products) - expected(logQ) * expected(logW);
  return -expected(logQ) + (1 - beta) * covariance;
};
const riemann = (points: readonly number[], of: (beta: number) => number) =>
  sum(points.slice(1).map((next, j) => (next - points[j]!) * of(points[j]!)));
const partition = (n: number, first: number) => [
  0,
  ...Array.from({ length: n }, (_, j) => (n === 1 ? 1 : first ** (1 - j / (n - 1)))),
];

/** For one sample axis of size k, or for two of sizes k1 and k2. */
type Cases =
  | { readonly axes: 1; readonly cases: (k: number) => readonly BoundCase[] }
  | { readonly axes: 2; readonly cases: (k1: number, k2: number) => readonly BoundCase[] };
const single = (of: (k: number) => readonly Omit<BoundCase, 'samples'>[]): Cases => ({
  axes: 1,
  cases: k => of(k).map(found => ({ ...found, samples: k })),
});
const double = (of: (k1: number, k2: number) => Omit<BoundCase, 'samples'>): Cases => ({
  axes: 2,
  cases: (k1, k2) => [{ ...of(k1, k2), samples: k1 * k2 }],
});

const temperatures = [0, 0.3, 1];

export const boundCases: Readonly<Record<string, Cases>> = {
  iwae: single(k => [{ text: `iwae(k=${k})`, value: iwae }]),
  elbo: single(k => [{ text: `elbo(k=${k})`, value: elbo }]),
  elbo_analytic: single(k => [
    { text: `elbo_analytic(k=${k})`, value: ({ logLik, kl }) => mean(logLik) - kl },
  ]),
  power: single(k =>
    [-1, 0.5, 3].map(p => ({ text: `power(k=${k}, p=${p})`, value: (q: Quantities) => power(q, p) })),
  ),
  median: single(k => [{ text: `median(k=${k})`, value: median }]),
  max: single(k => [{ text: `max(k=${k})`, value: ({ logW }) => Math.max(...logW) }]),
  ciwae: single(k => [{ text: `ciwae(k=${k}, beta=0.3)`, value: q => 0.3 * elbo(q) + (1 - 0.3) * iwae(q) }]),
  miwae: double((k1, k2) => ({ text: `miwae(k1=${k1}, k2=${k2})`, value: q => miwae(q, k1, k2) })),
  piwae: double((k1, k2) => ({
    text: `piwae(k1=${k1}, k2=${k2})`,
    value: iwae,
    recognition: ({ all }) => miwae(all, k1, k2),
  })),
  alpha: single(k => [{ text: `alpha(k=${k}, alpha=0.4)`, value: q => weightedDivergence(q, 0.4) }]),
  beta: single(k => [
    { text: `beta(k=${k}, beta=4)`, value: q => weightedDivergence(q, 4) },
    // The clock of these tests stands at epoch 4.
    { text: `beta(k=${k}, beta=ramp(epoch, 2, 7))`, value: q => weightedDivergence(q, 0.4) },
    { text: `beta(k=${k}, beta=ramp(epoch, 5, 7))`, value: q => weightedDivergence(q, 0) },
  ]),
  vr: single(k =>
    [-1, 0.5, 2].map(alpha => ({
      text: `vr(k=${k}, alpha=${alpha})`,
      value: ({ logW }: Quantities) =>
        Math.log(mean(logW.map(w => Math.exp(w) ** (1 - alpha)))) / (1 - alpha),
    })),
  ),
  iwae_dreg: single(k => [
    {
      text: `iwae_dreg(k=${k})`,
      value: iwae,
      recognition: ({ fixed, path }) =>
        dot(
          normalised(fixed.logW).map(weight => weight ** 2),
          path.logW,
        ),
    },
  ]),
  iwae_stl: single(k => [
    {
      text: `iwae_stl(k=${k})`,
      value: iwae,
      recognition: ({ fixed, path }) => dot(normalised(fixed.logW), path.logW),
    },
  ]),
  rws: single(k => [
    {
      text: `rws(k=${k})`,
      value: iwae,
      recognition: ({ fixed, score }) => dot(normalised(fixed.logW), score.logQ),
    },
  ]),
  jvi: single(k => [{ text: `jvi(k=${k})`, value: jackknife, recognition: ({ all }) => iwae(all) }]),
  tempered: single(k =>
    temperatures.map(beta => ({
      text: `tempered(k=${k}, beta=${beta})`,
      value: (q: Quantities) => tempered(q, beta),
      recognition: (moved: Moved) => temperedCovariance(moved, beta),
    })),
  ),
  tvo: single(k =>
    [1, 2, 5].map(n => ({
      text: `tvo(k=${k}, partitions=${n}, first=0.2)`,
      value: (q: Quantities) => riemann(partition(n, 0.2), beta => tempered(q, beta)),
      recognition: (moved: Moved) => riemann(partition(n, 0.2), beta => temperedCovariance(moved, beta)),
    })),
  ),
};
