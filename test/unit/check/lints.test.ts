import { describe, expect, test } from 'vitest';
import { checkGradients } from '../../../compiler/certify/index.js';
import { codesOf, modelFrom, smallModel } from './checked.js';

/** A bound with this formula for q, and what is reported of a model that trains with it. */
const withRecognition = (formula: string, value = 'logmeanexp[k](log_w)', choice = 'mine(k=5)') =>
  codesOf(
    smallModel({
      before: `bound mine(k: int, j: int = 3) { value ${value} generative ${value} recognition ${formula} }`,
      bound: choice,
    }),
  );

describe('log_w_path averaged by weights of its own samples', () => {
  test.each([
    ['the library', 'sum[k](stop(softmax[k](log_w)) * log_w_path)'],
    ['the derivative of a logarithm of a mean', 'logmeanexp[k](log_w_path)'],
    ['weights of a power', 'sum[k](stop(softmax[k](0.5 * log_w)) * log_w_path)'],
    ['another name for the same number', 'sum[k](stop(exp(log_w)) * log_w_path) / stop(sum[k](exp(log_w)))'],
    ['in part', '0.3 * mean[k](log_w_path) + 0.7 * sum[k](stop(softmax[k](log_w)) * log_w_path)'],
    ['inside of a mean', 'mean[j](sum[k](stop(softmax[k](log_w)) * log_w_path))'],
    ['the largest', 'max[k](log_w_path)'],
    ['the middle', 'median[k](log_w_path)'],
    ['late in training', 'sum[k](stop(softmax[k](ramp(epoch, 20, 50) * log_w)) * log_w_path)'],
  ])('is biased: %s', (_, formula) => {
    expect(withRecognition(formula)).toEqual(['biased-path-gradient']);
  });

  test.each([
    ['doubly reparameterised', 'sum[k](stop(softmax[k](log_w))^2 * log_w_path)'],
    ['inside of a mean', 'mean[j](sum[k](stop(softmax[k](log_w))^2 * log_w_path))'],
    ['in part', '0.3 * mean[k](log_w_path) + 0.7 * sum[k](stop(softmax[k](log_w))^2 * log_w_path)'],
    ['equal weights', 'mean[k](log_w_path)'],
    ['no path', 'sum[k](stop(softmax[k](log_w)) * log_w)'],
    [
      // c = V_i - V_ii of V = logmeanexp(p log_w) / p, with p = 0.5
      'doubly reparameterised power',
      'sum[k](stop(0.5 * softmax[k](0.5 * log_w) + 0.5 * softmax[k](0.5 * log_w)^2) * log_w_path)',
    ],
  ])('is not: %s', (_, formula) => {
    expect(withRecognition(formula)).not.toContain('biased-path-gradient');
  });

  test('is not with one sample, where the weight is 1', () => {
    expect(codesOf(smallModel({ bound: 'iwae_stl(k=1)' }))).toEqual([]);
    expect(codesOf(smallModel({ bound: 'iwae_stl(k=2)' }))).toEqual(['biased-path-gradient']);
    expect(codesOf(smallModel({ bound: 'iwae_stl(k=5000)' }))).toEqual(['biased-path-gradient']);
  });
});

describe('a latent without a pathwise gradient', () => {
  const binary = {
    recognition: 'h ~ bernoulli(logits = dense(x, 2))',
    generative: 'h ~ bernoulli(logits = 0)[2]  x ~ bernoulli(logits = dense(h, 6))',
  };

  test('fits bounds that hold the draw fixed, and their gradients are right', () => {
    expect(codesOf(smallModel({ ...binary, bound: 'rws(k=5)' }))).toEqual([]);
    const { rows } = checkGradients(modelFrom(smallModel({ ...binary, bound: 'rws(k=3)' })));
    expect(rows.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  test.each(['iwae(k=5)', 'elbo', 'iwae_dreg(k=5)', 'jvi(k=5)', 'max(k=5)'])('does not fit %s', bound => {
    expect(codesOf(smallModel({ ...binary, bound }))).toEqual(['not-reparameterised']);
  });
});
