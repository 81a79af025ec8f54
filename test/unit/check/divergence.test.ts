import { expect, test } from 'vitest';
import { outputName } from '../../../compiler/lower/model-to-tensor/entries.js';
import { objectiveGraph } from '../../../compiler/lower/model-to-tensor/index.js';
import { printModel, verifyModel } from '../../../compiler/model/index.js';
import { evaluate } from '../../../compiler/tensor/eval.js';
import { modelOf, noiseOf } from '../../support/reference.js';
import { checkText } from './checked.js';

/** Two layers, the deeper one drawn first in both networks, so that both divergences have a closed form. */
const twoLayers = (bound: string) => `
bound of_layer(k: int) = mean[k](log_lik + log_prior[a] - log_q[a] - kl[b])

model layers {
  data x: real[3]
  recognition {
    a ~ normal(mean = 0.3, scale = 0.8)[2]
    b ~ normal(mean = dense(a, 3), scale = 0.6)
  }
  generative {
    a ~ normal(0, 1)[2]
    b ~ normal(mean = dense(a, 3), scale = 1.5)
    x ~ normal(mean = dense(b, 3), scale = 1)
  }
  bound ${bound}
  train { optimizer sgd(lr=0.1) batch 2 }
}`;

const boundOf = (bound: string) => {
  const model = modelOf(twoLayers(bound));
  verifyModel(model);
  const at = (position: number) => Math.sin(3 + 2 * position);
  const inputs = Object.fromEntries(
    model.parameters.map(({ name, shape }) => [
      name,
      Float64Array.from({ length: shape.reduce((size, n) => size * n, 1) }, (_, i) => at(i)),
    ]),
  );
  const values = evaluate(objectiveGraph(model), {
    inputs,
    datasets: { x: { width: 3, values: [0.1, -0.4, 0.9, 1.2, 0.3, -0.8] } },
    clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 },
    noise: noiseOf(3, 1),
  });
  return values.get(outputName.bound)![0]!;
};

test.each(['elbo_analytic(k=20000)', 'of_layer(k=20000)'])(
  '%s over several layers has the expectation of elbo',
  bound => {
    const [analytic, sampled] = [boundOf(bound), boundOf('elbo(k=20000)')];
    expect(analytic).not.toBe(sampled);
    expect(Math.abs(analytic - sampled)).toBeLessThan(0.05);
  },
);

test('the divergence of numbers counts for every element', () => {
  // a: KL(N(0.3, 0.8) || N(0, 1)) = -log 0.8 + (0.64 + 0.09) / 2 - 1 / 2, twice; b's does not depend on the data.
  const alone = 'bound alone(k: int) = mean[k](log_lik - kl[a]) - mean[k](log_lik)';
  const text = twoLayers('alone(k=1)').replace('bound of_layer', `${alone}\n\nbound of_layer`);
  const { model } = checkText(text);
  const values = evaluate(objectiveGraph(model!), {
    inputs: Object.fromEntries(
      model!.parameters.map(({ name, shape }) => [name, new Float64Array(shape.reduce((n, m) => n * m, 1))]),
    ),
    datasets: { x: { width: 3, values: new Float64Array(6) } },
    clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 },
    noise: noiseOf(3, 1),
  });
  const expected = -2 * (-Math.log(0.8) + (0.64 + 0.09) / 2 - 0.5);
  expect(values.get(outputName.bound)![0]).toBeCloseTo(expected, 12);
});

test('a divergence is there where it has a closed form, asked for or not', () => {
  const [a, b] = modelOf(twoLayers('elbo(k=2)')).recognition;
  expect(a!.kl).not.toBeNull();
  expect(b!.kl).not.toBeNull();
  expect(printModel(modelOf(twoLayers('elbo_analytic(k=2)')))).toContain('kl       = ');
  // That of a Laplace to a normal distribution is not known.
  const later = twoLayers('elbo(k=2)').replace(
    'b ~ normal(mean = dense(a, 3), scale = 0.6)',
    'b ~ laplace(0, 1)[3]',
  );
  expect(modelOf(later).recognition.map(({ kl }) => kl === null)).toEqual([false, true]);
});
