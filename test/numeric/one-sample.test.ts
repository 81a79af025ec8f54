import { describe, expect, it } from 'vitest';
import { checkBias, checkGradients } from '../../compiler/certify/index.js';
import { compile } from '../../compiler/index.js';
import { gradientValues, modelOf, type Values } from '../support/reference.js';
import { readSpec, smallModel } from '../unit/check/checked.js';
import { quantitiesOf, sweepCase, sweepParameters, sweepRows } from './bound-model.js';
import { relativeError, tolerances } from './tolerances.js';

const names = Object.keys(sweepParameters);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function softmax(values: readonly number[]): readonly number[] {
  const largest = Math.max(...values);
  const weights = values.map(value => Math.exp(value - largest));
  return weights.map(weight => weight / sum(weights));
}

/** dF / dlog w by hand, of log-weights in the order of their numbers. */
type Derivative = (logWeights: readonly number[]) => readonly number[];

/** The sample axes are k1, k2 in that order, so sample k1 · 32 + k2 belongs to the group k2. */
const ofGroups =
  (k2: number): Derivative =>
  logWeights =>
    logWeights.map((_, sample) => {
      const group = logWeights.flatMap((value, other) => (other % k2 === sample % k2 ? [value] : []));
      return softmax(group)[Math.floor(sample / k2)]! / k2;
    });

const cases: readonly (readonly [bound: string, samples: number, derivative: Derivative])[] = [
  ['iwae(k=1)', 1, softmax],
  ['iwae(k=8)', 8, softmax],
  ['power(k=5, p=-2)', 5, values => softmax(values.map(value => -2 * value))],
  ['elbo(k=4)', 4, values => values.map(() => 0.25)],
  ['miwae(k1=4, k2=32)', 128, ofGroups(32)],
  // The weights of iwae count twice, those of elbo against them.
  ['jackknifed(k=5)', 5, values => softmax(values).map(weight => 2 * weight - 0.2)],
];
const own = 'bound jackknifed(k: int) = 2 * iwae(k) - elbo(k)\n';
const caseOf = (bound: string, seed: number) => sweepCase(bound, seed, sweepRows, own);

describe('one_sample', () => {
  it.each(cases)('%s ascends log w of the sample that is drawn', (bound, samples, derivative) => {
    const seed = 23;
    const testCase = caseOf(`${bound} using one_sample`, seed);
    const logWeights = (row: number, parameters: Values) =>
      quantitiesOf(parameters, parameters, row, samples, testCase).logW;
    const draws = sweepRows.map((_, row) => {
      const slopes = derivative(logWeights(row, sweepParameters));
      const speeds = slopes.map((slope, sample) => {
        const address = { stream: 'one_sample.race', clock: 'model', row, sample, element: 0 } as const;
        return Math.abs(slope) / -Math.log(testCase.bindings.noise!('uniform', address));
      });
      const chosen = speeds.indexOf(Math.max(...speeds));
      return { chosen, scale: Math.sign(slopes[chosen]!) * sum(slopes.map(Math.abs)) };
    });
    const ascent = (parameters: Values) =>
      sum(draws.map(({ chosen, scale }, row) => scale * logWeights(row, parameters)[chosen]!)) / draws.length;
    const found = gradientValues(testCase, sweepParameters);
    const spacing = tolerances.gradient.spacings[0];
    for (const name of names) {
      const expected = sweepParameters[name]!.map((_, element) => {
        const at = (offset: number) => {
          const moved = Float64Array.from(sweepParameters[name]!);
          moved[element]! += offset * spacing;
          return ascent({ ...sweepParameters, [name]: moved });
        };
        return (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * spacing);
      });
      expect(relativeError(found.gradient(name), expected), name).toBeLessThan(1e-8);
    }
    const full = gradientValues(caseOf(bound, seed), sweepParameters);
    expect(found.bound).toBe(full.bound);
  });

  it('draws h1 and, given that, h2 of two layers again', () => {
    const model = modelOf(
      smallModel({
        recognition: 'h1 ~ gaussian_mlp(x, hidden=[4], size=3) h2 ~ gaussian_mlp(h1, hidden=[4], size=2)',
        generative:
          'h2 ~ normal(0, 1)[2] h1 ~ gaussian_mlp(h2, hidden=[4], size=3) x ~ bernoulli(logits = dense(h1, 6))',
        bound: 'iwae(k=4) using one_sample',
      }),
    );
    expect(checkGradients(model).ok).toBe(true);
    const bias = checkBias(model, { draws: 400 });
    expect(bias).toMatchObject({ ok: true, exact: [], biased: [] });
  });
});

describe('the program of one_sample', () => {
  it('has k forward passes and one backward pass', { timeout: 60_000 }, async () => {
    const operations = async (using: string) => {
      const text = readSpec('mnist1l').replace(/bound iwae\(.*\)/, `bound iwae(k=50)${using}`);
      const source = { path: 'mnist1l.iwae', text };
      const { artefact } = await compile({ source, readImport: () => null });
      const { kernels, entries } = artefact!.program;
      const of = (entry: 'train_step' | 'evaluate') =>
        sum(entries[entry].launches.map(launch => kernels[launch]!.flops));
      // An evaluation is a forward pass over as many rows and samples.
      expect(entries.evaluate).toMatchObject({ rows: 20, samples: 50 });
      return { step: of('train_step'), forward: of('evaluate') };
    };
    const full = await operations('');
    const one = await operations(' using one_sample');
    const backward = full.step - full.forward;
    expect(backward / full.forward).toBeGreaterThan(1.9);
    // One of 50, a forward pass of the one that is drawn, and the optimizer.
    expect((one.step - one.forward) / backward).toBeLessThan(3 / 50);
    expect(one.step - one.forward).toBeGreaterThan(0);
  });
});
