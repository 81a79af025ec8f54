import { describe, expect, it } from 'vitest';
import { gradientGraph } from '../../compiler/driver.js';
import { evaluate } from '../../compiler/tensor/eval.js';
import { noiseOf } from '../support/reference.js';
import { sweepCase, sweepParameters } from './bound-model.js';

/*
 * What the papers say of the gradient estimators of one bound, over many draws. Rows of a batch are the same datum with
 * noise of their own, so that one evaluation is many draws.
 */
const rows = 250;
/** No bit is 0, where the gradient of its weights would be. */
const data = Array.from({ length: rows }, () => [1, 1, 1]);
const recognition = Object.keys(sweepParameters).filter(name => name.startsWith('recognition'));
const generative = Object.keys(sweepParameters).filter(name => name.startsWith('generative'));

/** Gradients of `batches` batches; one and the same noise for every bound of as many samples. */
function gradients(
  bound: string,
  names: readonly string[],
  batches: number,
  before = '',
): readonly number[][] {
  const { model, bindings } = sweepCase(bound, 0, data, before);
  const graph = gradientGraph(model);
  const inputs = { ...bindings.inputs, ...sweepParameters };
  return Array.from({ length: batches }, (_, batch) => {
    const values = evaluate(graph, { ...bindings, inputs, noise: noiseOf(1000 + batch, 1) });
    return names.flatMap(name => [...values.get(`gradient.${name}`)!]);
  });
}

interface Moments {
  readonly mean: number;
  /** Of one draw, of a batch of which `rows` the mean is. */
  readonly variance: number;
  readonly error: number;
}

function moments(batches: readonly number[]): Moments {
  const mean = batches.reduce((sum, value) => sum + value, 0) / batches.length;
  const squares = batches.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const ofBatch = squares / (batches.length - 1);
  return { mean, variance: rows * ofBatch, error: Math.sqrt(ofBatch / batches.length) };
}

const elementwise = (batches: readonly number[][]): readonly Moments[] =>
  batches[0]!.map((_, element) => moments(batches.map(batch => batch[element]!)));

const difference = (a: readonly number[][], b: readonly number[][]) =>
  a.map((batch, i) => batch.map((value, element) => value - b[i]![element]!));

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** |E g| / sd g, averaged over elements: Rainforth et al. (2018). */
const signalToNoise = (found: readonly Moments[]) =>
  total(found.map(({ mean, variance }) => Math.abs(mean) / Math.sqrt(variance))) / found.length;

describe('estimators of the gradient of iwae, 20,000 draws', () => {
  const batches = 80;
  const k = 5;
  const full = gradients(`iwae(k=${k})`, recognition, batches);

  it('dreg has the expectation of the full gradient, and less variance', () => {
    const dreg = gradients(`iwae_dreg(k=${k})`, recognition, batches);
    for (const { mean, error } of elementwise(difference(dreg, full))) {
      expect(error).toBeGreaterThan(0);
      expect(Math.abs(mean)).toBeLessThan(4 * error);
    }
    const variance = (found: readonly number[][]) => total(elementwise(found).map(each => each.variance));
    expect(variance(dreg)).toBeLessThan(0.5 * variance(full));
  });

  it('sticking the landing is biased for k > 1 and not for k = 1', () => {
    const worst = (a: readonly number[][], b: readonly number[][]) =>
      Math.max(...elementwise(difference(a, b)).map(({ mean, error }) => Math.abs(mean) / error));
    expect(worst(gradients(`iwae_stl(k=${k})`, recognition, batches), full)).toBeGreaterThan(20);
    const single = gradients('iwae(k=1)', recognition, batches);
    expect(worst(gradients('iwae_stl(k=1)', recognition, batches), single)).toBeLessThan(4);
  });

  it('leaves the generative network alone', () => {
    const own = gradients(`iwae(k=${k})`, generative, 2);
    for (const bound of ['iwae_dreg', 'iwae_stl', 'rws']) {
      const found = gradients(`${bound}(k=${k})`, generative, 2);
      expect(Math.max(...difference(found, own).flat().map(Math.abs)), bound).toBeLessThan(1e-12);
    }
  });
});

describe('one_sample, 20,000 draws', () => {
  const own = 'bound signed(k: int) = 2 * iwae(k) - elbo(k)\n';

  it.each(['iwae(k=5)', 'miwae(k1=3, k2=4)', 'signed(k=5)'])(
    'of %s has the expectation of the full gradient, for both networks',
    bound => {
      const names = [...generative, ...recognition];
      const [full, one] = ['', ' using one_sample'].map(using => gradients(bound + using, names, 80, own));
      for (const { mean, error } of elementwise(difference(one!, full!))) {
        expect(error).toBeGreaterThan(0);
        expect(Math.abs(mean)).toBeLessThan(4 * error);
      }
    },
  );
});

describe('signal to noise of the recognition gradient', () => {
  const of = (bound: string, k: number) =>
    signalToNoise(elementwise(gradients(`${bound}(k=${k})`, recognition, 40)));

  it('falls with k for iwae and not for dreg', () => {
    const [few, many] = [2, 32];
    const full = { few: of('iwae', few), many: of('iwae', many) };
    const dreg = { few: of('iwae_dreg', few), many: of('iwae_dreg', many) };
    // In theory by 1 / 4 for 16 times the samples, and up by as much.
    expect(full.many / full.few).toBeLessThan(0.5);
    expect(dreg.many / dreg.few).toBeGreaterThan(1);
  });
});
