import { describe, expect, it } from 'vitest';
import { gradientValues, initialParameters, modelOf, noiseOf } from '../support/reference.js';

/** With one sample every bound of the family is log w itself. */
const bounds = ['iwae(k=1)', 'elbo(k=1)', 'power(k=1, p=2)', 'median(k=1)'];
/** Relative to the largest gradient; the formulas differ in rounding only. */
const tolerance = 1e-12;

const modelWith = (bound: string) =>
  modelOf(`model single {
  data x: binary[6]
  recognition {
    h1 ~ gaussian_mlp(x, hidden=[4], size=3)
    h2 ~ gaussian_mlp(h1, hidden=[3], size=2)
  }
  generative {
    h2 ~ normal(0, 1)[2]
    h1 ~ gaussian_mlp(h2, hidden=[3], size=3)
    x ~ bernoulli(logits = h1 |> dense(5, tanh) |> dense(6))
  }
  bound ${bound}
  train { optimizer sgd(lr=0.1)  batch 4 }
}`);

function resultOf(bound: string) {
  const model = modelWith(bound);
  const bindings = {
    datasets: { x: { width: 6, values: Float64Array.from({ length: 24 }, (_, i) => (i * 37) % 256) } },
    clocks: { step: 1, epoch: 0, samples: 0, sample_offset: 0, threshold: 0 },
    noise: noiseOf(5, 1),
  };
  const found = gradientValues({ model, bindings }, initialParameters(model, bindings));
  return { bound: found.bound, gradient: model.parameters.flatMap(({ name }) => [...found.gradient(name)]) };
}

describe('one sample', () => {
  const reference = resultOf(bounds[0]!);
  it.each(bounds.slice(1))('%s equals iwae in value and gradient', bound => {
    const found = resultOf(bound);
    const scale = Math.max(...reference.gradient.map(Math.abs));
    expect(Math.abs(found.bound - reference.bound)).toBeLessThan(tolerance * Math.abs(reference.bound));
    expect(found.gradient.length).toBe(reference.gradient.length);
    found.gradient.forEach((value, i) => {
      expect(Math.abs(value - reference.gradient[i]!)).toBeLessThan(tolerance * scale);
    });
    expect(scale).toBeGreaterThan(0.01);
  });
});
