import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/index.js';
import { evaluateActiveGraph, evaluateGraph } from '../../compiler/lower/model-to-tensor/index.js';
import { type Bindings, evaluate } from '../../compiler/tensor/eval.js';
import { countActive, datasetOf, openSession, type Session, unitActivity } from '../../runtime/index.js';
import { openCpuDevice } from '../../runtime/node.js';
import { symmetricEigenvalues } from '../../runtime/session/evaluation-units.js';
import {
  bias,
  column,
  dataRows,
  diagonal,
  divergence,
  dot,
  gain,
  gainBias,
  latentSize,
  logNormal,
  type Matrix,
  middleScale,
  normalAt,
  oneLayer,
  oneLayerParameters,
  plus,
  product,
  scale,
  scales,
  solve,
  topSize,
  transpose,
  twoLayerParameters,
  twoLayers,
  upper,
  upperGain,
  weight,
} from '../support/linear-model.js';
import { modelOf, noiseOf, type Values } from '../support/reference.js';

/*
 * Every figure of an evaluation, on the CPU device, against what is known of a linear normal model. Estimates with the
 * same samples differ from the exact value by sampling alone, which the tolerances of this file (in nats) are for.
 */
const rows = dataRows(60);
const k = 4000;
const device = openCpuDevice({ threads: 2 });
const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.dispose();
  device.dispose();
});

async function sessionOf(text: string, parameters: Values): Promise<Session> {
  const { artefact } = await compile({ source: { path: 'test.iwae', text }, readImport: () => null });
  const session = await openSession(device, artefact!, { seed: 5 });
  sessions.push(session);
  const data = datasetOf('rows', {
    shape: [rows.length, rows[0]!.length],
    values: Float32Array.from(rows.flat()),
  });
  session.bind({ train: { x: data }, test: { x: data } });
  await session.initialise();
  const start = await session.snapshot();
  const tensors = [...start.tensors].map(([name, tensor]) => {
    const values = name.startsWith('parameters/') ? parameters[name.slice('parameters/'.length)] : undefined;
    return [name, values === undefined ? tensor : { ...tensor, values: Float32Array.from(values) }] as const;
  });
  session.restore({ ...start, tensors: new Map(tensors) });
  return session;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const squares = (values: readonly number[]) => values.map(value => value ** 2);
const within = (found: number, exact: number, tolerance: number) =>
  expect(Math.abs(found - exact), `${found} for ${exact}`).toBeLessThan(tolerance);

/** Mean of q(h | x) in the first layer. */
const qMean = (x: readonly number[]) => gainBias.map((b, l) => b + dot(x, column(gain, l)));
const likelihoodCovariance = diagonal(bias.map(() => scale ** 2));

/** p(x) and p(h | x) where h ~ N(0, prior) and x ~ N(W'h + b, s² I). */
function exactOf(prior: Matrix) {
  const cross = product(prior, weight);
  const covariance = plus(product(transpose(weight), cross), likelihoodCovariance);
  const posteriorCovariance = plus(
    prior,
    cross.map(row => cross.map(other => -dot(row, solve(covariance, other)))),
  );
  return {
    logDensity: (x: readonly number[]) => logNormal(x, bias, covariance),
    posterior: (x: readonly number[]) => {
      const weighted = solve(
        covariance,
        x.map((value, d) => value - bias[d]!),
      );
      return [cross.map(row => dot(row, weighted)), posteriorCovariance] as const;
    },
  };
}

/** E[log N(x; W'h + b, s² I)] where h ~ N(m, C). */
const expectedLikelihood = (x: readonly number[], m: readonly number[], covariance: Matrix) => {
  const centre = bias.map((b, d) => b + dot(m, column(weight, d)));
  const spread = product(product(transpose(weight), covariance), weight);
  const noise = spread.reduce((sum, row, d) => sum + row[d]!, 0);
  return logNormal(x, centre, likelihoodCovariance) - (0.5 * noise) / scale ** 2;
};

describe('an evaluation of one linear layer', () => {
  const standard = diagonal(new Array<number>(latentSize).fill(1));
  const zero = new Array<number>(latentSize).fill(0);
  const exact = exactOf(standard);
  const qCovariance = diagonal(squares(scales.one));
  const logLikelihood = mean(rows.map(exact.logDensity));
  const reconstruction = mean(rows.map(x => expectedLikelihood(x, qMean(x), qCovariance)));
  const toPrior = mean(rows.map(x => divergence([qMean(x), qCovariance], [zero, standard])));
  const toPosterior = mean(rows.map(x => divergence([qMean(x), qCovariance], exact.posterior(x))));
  const open = () => sessionOf(oneLayer, oneLayerParameters);

  it('has the exact likelihood and bounds, and every part of them', async () => {
    const session = await open();
    const found = (await session.evaluate({ k: [1, 50, k] }))!;
    within(-found.nll, logLikelihood, 0.02);
    within(found.elbo, reconstruction - toPrior, 0.02);
    within(found.reconstruction.mean, reconstruction, 0.02);
    within(found.divergence.mean, toPrior, 0.02);
    expect(found.layers.map(({ name }) => name)).toEqual(['h']);
    within(found.layers[0]!.sampled.mean, toPrior, 0.02);
    within(found.layers[0]!.closedForm!.mean, toPrior, 1e-5);
    within(found.posteriorDivergence.mean, toPosterior, 0.02);
    within(found.reconstruction.mean - found.divergence.mean, found.elbo, 1e-9);
    within(logLikelihood - toPosterior, reconstruction - toPrior, 1e-9);
    const [one, fifty, all] = found.bounds;
    within(one!.mean, found.elbo, 1e-9);
    expect(all!.mean).toBe(-found.nll);
    expect(one!.mean).toBeLessThan(fifty!.mean);
    expect(fifty!.mean).toBeLessThan(all!.mean);
    const { mean: effective } = found.effectiveSamples;
    expect(effective).toBeGreaterThan(1);
    expect(effective).toBeLessThan(k);
  });

  it('has the standard error of the exact values over rows', async () => {
    const found = (await (await open()).evaluate({ k }))!;
    const values = rows.map(exact.logDensity);
    const variance = values.reduce((sum, value) => sum + (value - logLikelihood) ** 2, 0) / (rows.length - 1);
    within(found.nllStderr, Math.sqrt(variance / rows.length), 0.02);
  });

  it('gives the means of q and counts the units that they move', async () => {
    const found = (await (await open()).evaluate({ k: 7 }))!;
    const expected = rows.flatMap(x => qMean(x));
    found.means.h!.values.forEach((value, i) => {
      within(value, expected[i]!, 1e-5);
    });
    const { variances, eigenvalues } = unitActivity(found.means.h!);
    const exactVariance = (unit: number) => {
      const values = rows.map(x => qMean(x)[unit]!);
      return mean(squares(values)) - mean(values) ** 2;
    };
    for (let unit = 0; unit < latentSize; unit++) within(variances[unit]!, exactVariance(unit), 1e-5);
    expect(countActive(variances)).toBe(2);
    expect(countActive(eigenvalues)).toBe(2);
    within(
      eigenvalues.reduce((sum, value) => sum + value, 0),
      variances.reduce((sum, value) => sum + value, 0),
      1e-9,
    );
  });

  it('loses nothing without the units that q knows nothing of, and much without others', async () => {
    const session = await open();
    const whole = (await session.evaluate({ k }))!;
    const pruned = (await session.evaluate({ k, active: { h: [1, 1, 0] } }))!;
    within(pruned.nll, whole.nll, 0.01);
    within(pruned.elbo, whole.elbo, 0.02);
    // All units from the prior: log (1/k) Σ p(x | h), h ~ p(h), still an estimate of log p(x).
    const prior = (await session.evaluate({ k: 40_000, active: { h: [0, 0, 0] } }))!;
    within(prior.nll, whole.nll, 0.05);
    within(prior.elbo, mean(rows.map(x => expectedLikelihood(x, zero, standard))), 0.2);
    expect(prior.means).toEqual({});
    await expect(session.evaluate({ active: { h: [1] } })).rejects.toMatchObject({ code: 'option-invalid' });
  });

  it('parts the divergence into mutual information and the marginal divergence', async () => {
    const session = await open();
    const found = (await session.surgery())!;
    const { mutualInformation, marginalDivergence } = found;
    const error = Math.hypot(mutualInformation.standardError, marginalDivergence.standardError);
    within(mutualInformation.mean + marginalDivergence.mean, toPrior, 4 * error);
    expect(mutualInformation.mean).toBeLessThan(Math.log(rows.length));
    // The same expectation in f64, by draws of its own.
    const mixture = (h: readonly number[]) =>
      Math.log(mean(rows.map(x => Math.exp(logNormal(h, qMean(x), qCovariance)))));
    const information = rows.flatMap((x, r) =>
      Array.from({ length: 20 }, (_, i) => {
        const h = qMean(x).map((m, l) => m + scales.one[l]! * normalAt(9, (r * 20 + i) * latentSize + l));
        return logNormal(h, qMean(x), qCovariance) - mixture(h);
      }),
    );
    within(mutualInformation.mean, mean(information), 4 * mutualInformation.standardError);
    const all = Array.from({ length: rows.length }, (_, i) => i);
    expect(found).toMatchObject({ rows: rows.length, draws: rows.length });
    const few = (await session.surgery({ rows: all.slice(0, 1) }))!;
    within(few.mutualInformation.mean, 0, 1e-6);
  });

  it('has the densities at given latents, and decodes them', async () => {
    const session = await open();
    const points = [
      [0.5, -1, 0.2],
      [0, 0, 0],
    ];
    const latents = { h: { shape: [2, latentSize], values: Float32Array.from(points.flat()) } };
    const { joint, recognition } = await session.densities(latents, [3, 41]);
    expect(joint.shape).toEqual([2, 2]);
    for (const [r, row] of [3, 41].entries()) {
      const x = rows[row]!;
      for (const [i, h] of points.entries()) {
        const centre = bias.map((b, d) => b + dot(h, column(weight, d)));
        const exactJoint = logNormal(h, zero, standard) + logNormal(x, centre, likelihoodCovariance);
        within(joint.values[2 * r + i]!, exactJoint, 1e-4);
        within(recognition.values[2 * r + i]!, logNormal(h, qMean(x), qCovariance), 1e-4);
      }
    }
    const { x } = await session.decode(latents);
    points
      .flatMap(h => bias.map((b, d) => b + dot(h, column(weight, d))))
      .forEach((value, i) => {
        within(x!.values[i]!, value, 1e-5);
      });
    await expect(session.decode({})).rejects.toMatchObject({ code: 'option-invalid' });
  });
});

describe('an evaluation of two linear layers', () => {
  const open = () => sessionOf(twoLayers, twoLayerParameters);
  const prior = plus(
    product(transpose(upper), upper),
    diagonal(new Array<number>(latentSize).fill(middleScale ** 2)),
  );
  const exact = exactOf(prior);
  const first = diagonal(squares(scales.middle));
  const top = diagonal(squares(scales.top));
  /** Of h2 under q(h2 | x) = ∫ q(h2 | h1) q(h1 | x) dh1. */
  const topMean = (x: readonly number[]) =>
    Array.from({ length: topSize }, (_, t) => dot(qMean(x), column(upperGain, t)));
  const logLikelihood = mean(rows.map(exact.logDensity));
  const reconstruction = mean(rows.map(x => expectedLikelihood(x, qMean(x), first)));
  /** E KL(q(h2 | h1) ‖ p(h2)) = ½ Σ (s² + E m² − 1 − log s²), m = B'h1. */
  const topDivergence = mean(
    rows.map(x => {
      const spread = product(product(transpose(upperGain), first), upperGain);
      return scales.top.reduce((sum, s, t) => {
        const square = topMean(x)[t]! ** 2 + spread[t]![t]!;
        return sum + 0.5 * (s ** 2 + square - 1 - 2 * Math.log(s));
      }, 0);
    }),
  );
  /** E log q(h1 | x) − log p(h1 | h2): h1 − V'h2 is normal, of mean m − V'B'm and covariance (I − V'B') C (…)' + V'TV. */
  const middleDivergence = mean(
    rows.map(x => {
      const through = product(upperGain, upper);
      const rest = diagonal(new Array<number>(latentSize).fill(1)).map((row, i) =>
        row.map((value, j) => value - through[i]![j]!),
      );
      const centre = product([qMean(x)], rest)[0]!;
      const spread = plus(
        product(product(transpose(rest), first), rest),
        product(product(transpose(upper), top), upper),
      );
      const square = dot(centre, centre) + spread.reduce((sum, row, i) => sum + row[i]!, 0);
      const entropy = scales.middle.reduce((sum, s) => sum + Math.log(s) + 0.5, 0);
      return (0.5 * square) / middleScale ** 2 + latentSize * Math.log(middleScale) - entropy;
    }),
  );

  it('has the exact likelihood and bounds, and every part of them', async () => {
    const found = (await (await open()).evaluate({ k: 20_000 }))!;
    within(-found.nll, logLikelihood, 0.03);
    within(found.reconstruction.mean, reconstruction, 0.02);
    const [middle, upmost] = found.layers;
    within(middle!.sampled.mean, middleDivergence, 0.02);
    expect(middle!.closedForm).toBeNull();
    within(upmost!.sampled.mean, topDivergence, 0.02);
    within(upmost!.closedForm!.mean, topDivergence, 0.01);
    within(found.elbo, reconstruction - middleDivergence - topDivergence, 0.02);
    within(found.divergence.mean, middleDivergence + topDivergence, 0.02);
    const expected = rows.flatMap(topMean);
    found.means.h2!.values.forEach((value, i) => {
      within(value, expected[i]!, 0.03);
    });
    expect(countActive(unitActivity(found.means.h2!).variances)).toBe(1);
    expect(countActive(unitActivity(found.means.h1!).variances)).toBe(2);
  });

  it('draws units from the prior given the units above them that are drawn from it too', async () => {
    const session = await open();
    const whole = (await session.evaluate({ k: 20_000 }))!;
    const pruned = (await session.evaluate({ k: 20_000, active: { h1: [1, 1, 0], h2: [1, 0] } }))!;
    within(pruned.nll, whole.nll, 0.02);
    const ancestral = (await session.evaluate({ k: 40_000, active: { h1: [0, 0, 0], h2: [0, 0] } }))!;
    within(-ancestral.nll, logLikelihood, 0.05);
    within(
      ancestral.elbo,
      mean(rows.map(x => expectedLikelihood(x, new Array<number>(latentSize).fill(0), prior))),
      0.2,
    );
  });

  it('refuses surgery', async () => {
    await expect((await open()).surgery()).rejects.toMatchObject({ code: 'option-invalid' });
  });
});

describe('the terms of an evaluation', () => {
  it('are on the device those of the f64 graph, for the same draws', async () => {
    const session = await sessionOf(twoLayers, twoLayerParameters);
    const size = 50;
    const visited = Array.from({ length: 20 }, (_, i) => i);
    const bindings: Bindings = {
      inputs: { ...twoLayerParameters, 'active.h1': [1, 0, 1], 'active.h2': [0, 1] },
      datasets: { x: { width: rows[0]!.length, values: rows.flat() } },
      rows: visited,
      clocks: { step: 0, epoch: 0, samples: size, sample_offset: 0, threshold: 0 },
      noise: noiseOf(5, 0xffffffff),
    };
    const model = modelOf(twoLayers);
    for (const active of [undefined, { h1: [1, 0, 1], h2: [0, 1] }]) {
      const graph = active === undefined ? evaluateGraph(model) : evaluateActiveGraph(model);
      const terms = evaluate(graph, bindings);
      const total = (name: string) => mean([...terms.get(name)!]);
      const found = (await session.evaluate({ k: size, rows: visited, ...(active && { active }) }))!;
      within(found.reconstruction.mean, total('log_lik.x'), 1e-4);
      for (const { name, sampled, closedForm } of found.layers) {
        within(sampled.mean, total(`log_q.${name}`) - total(`log_prior.${name}`), 1e-4);
        const closed = terms.get(`kl.${name}`);
        expect(closed === undefined).toBe(closedForm === null);
        if (closed !== undefined) within(closedForm!.mean, mean([...closed]), 1e-4);
      }
      const weights = visited.map(r => {
        const at = (name: string, i: number) => terms.get(name)![r * size + i]!;
        return Array.from({ length: size }, (_, i) => {
          const latents = ['h1', 'h2'].map(h => at(`log_prior.${h}`, i) - at(`log_q.${h}`, i));
          return at('log_lik.x', i) + latents[0]! + latents[1]!;
        });
      });
      const bounds = weights.map(row => Math.log(mean(row.map(Math.exp))));
      within(-found.nll, mean(bounds), 1e-4);
      const effective = weights.map(row => {
        const plain = row.map(Math.exp);
        return (mean(plain) ** 2 / mean(squares(plain))) * size;
      });
      within(found.effectiveSamples.mean, mean(effective), 1e-3 * size);
    }
  });
});

describe('eigenvalues', () => {
  it('are those of a matrix with known ones', () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turn: Matrix = [
      [c, -s, 0],
      [s * c, c * c, -s],
      [s * s, s * c, c],
    ];
    const values = [3, 1e-9, 0.25];
    const matrix = product(product(turn, diagonal(values)), transpose(turn));
    const found = symmetricEigenvalues(matrix.map(row => Float64Array.from(row)));
    values
      .sort((a, b) => b - a)
      .forEach((value, i) => {
        within(found[i]!, value, 1e-12);
      });
    expect([...symmetricEigenvalues([Float64Array.of(2)])]).toEqual([2]);
  });
});
