import { describe, expect, test } from 'vitest';
import { verifyModel } from '../../../compiler/model/index.js';
import { checkText, modelFrom, readSpec } from './checked.js';

const parametersOf = (name: string) =>
  Object.fromEntries(
    modelFrom(readSpec(name)).parameters.map(parameter => [parameter.name, parameter.shape]),
  );

describe.each(['mnist1l', 'mnist1l_short', 'mnist1l_vae', 'mnist2l', 'ppca', 'my_bound'])(
  'specs/%s.iwae',
  name => {
    test('is checked without a word, and gives a sound model', () => {
      const { diagnostics, model } = checkText(readSpec(name));
      expect(diagnostics).toEqual([]);
      expect(model?.name).toBe(name);
      expect(() => verifyModel(model!)).not.toThrow();
    });
  },
);

test('mnist1l has the sizes and names of the paper', () => {
  expect(parametersOf('mnist1l')).toEqual({
    'recognition.h.dense1.weight': [784, 200],
    'recognition.h.dense1.bias': [200],
    'recognition.h.dense2.weight': [200, 200],
    'recognition.h.dense2.bias': [200],
    'recognition.h.dense3.weight': [200, 50],
    'recognition.h.dense3.bias': [50],
    'recognition.h.dense4.weight': [200, 50],
    'recognition.h.dense4.bias': [50],
    'generative.y.dense1.weight': [50, 200],
    'generative.y.dense1.bias': [200],
    'generative.y.dense2.weight': [200, 200],
    'generative.y.dense2.bias': [200],
    'generative.x.dense1.weight': [200, 784],
    'generative.x.dense1.bias': [784],
  });
});

test('mnist2l has its factors in sampling and in ancestral order', () => {
  const { recognition, generative, objective } = modelFrom(readSpec('mnist2l'));
  const facts = (factors: typeof recognition) =>
    factors.map(({ variable, kind, distribution, shape }) => [variable, kind, distribution, shape]);
  expect(facts(recognition)).toEqual([
    ['h1', 'latent', 'normal', [100]],
    ['h2', 'latent', 'normal', [50]],
  ]);
  expect(facts(generative)).toEqual([
    ['h2', 'latent', 'normal', [50]],
    ['h1', 'latent', 'normal', [100]],
    ['x', 'data', 'bernoulli', [784]],
  ]);
  expect(objective.text).toBe('iwae(k=50)');
  expect(objective.axes).toEqual([{ id: 'k', name: 'k', size: 50 }]);
});

test('mnist1l trains as the reference code does', () => {
  const { training } = modelFrom(readSpec('mnist1l'));
  expect(training.batch).toBe(20);
  expect(training.gradient).toBe('sum');
  expect(training.optimizer.text).toBe('adam(lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-4)');
  expect(training.optimizer.states.map(({ name, initial }) => [name, initial])).toEqual([
    ['m', 0],
    ['v', 0],
  ]);
  expect(training.schedule.epochs).toBe(3280);
});

test('ppca learns one scale for each latent, and starts x at the mean of the data', () => {
  const { parameters } = modelFrom(readSpec('ppca'));
  expect(parameters.map(({ name, shape }) => [name, shape])).toEqual([
    ['recognition.log_scale', [2]],
    ['recognition.h.dense1.weight', [5, 2]],
    ['recognition.h.dense1.bias', [2]],
    ['generative.x.dense1.weight', [2, 5]],
    ['generative.x.dense1.bias', [5]],
  ]);
  const bias = parameters.find(({ name }) => name === 'generative.x.dense1.bias');
  expect(bias?.initial).toMatchObject({ kind: 'statistic', statistic: 'mean', data: 'x' });
});
