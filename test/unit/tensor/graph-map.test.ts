import { describe, expect, it } from 'vitest';
import { compile } from '../../../compiler/index.js';

const text = `model small {
  data x: binary[6]
  recognition { h ~ gaussian_mlp(x, hidden=[5], size=2) }
  generative { h ~ normal(0, 1)[2]
    x ~ bernoulli(logits = h |> dense(6)) }
  bound elbo(k=2) for 1 epochs then iwae(k=3)
  train { optimizer adam(lr=1e-3)
    batch 4
    schedule constant(epochs=2) }
}
`;

const compiled = (source: string) =>
  compile({ source: { path: 'small.iwae', text: source }, readImport: () => null });

describe('the maps of tensor graphs', () => {
  it('are the graphs that are printed, in the same order, each stage with its own', async () => {
    const { graphs, print } = await compiled(text);
    expect(
      graphs()
        .map(map => map.text)
        .join('\n'),
    ).toBe(print('tensor'));
    const steps = graphs().filter(({ entry }) => entry.startsWith('train_step'));
    expect(steps.map(({ entry, name }) => [entry, name])).toEqual([
      ['train_step', 'train_step'],
      ['train_step', 'update'],
      ['train_step.0', 'train_step.0'],
      ['train_step.0', 'update'],
    ]);
  });

  it('name the arguments of each node by their places, as its line does', async () => {
    const { graphs } = await compiled(text);
    for (const { nodes } of graphs()) {
      nodes.forEach(({ line, arguments: used, operation }, id) => {
        const [own, ...others] = [...line.matchAll(/%(\d+)/g)].map(match => Number(match[1]));
        expect(own).toBe(id);
        expect(used).toEqual(others);
        expect(operation).not.toContain('%');
      });
    }
  });

  it('are none of a program that does not compile', async () => {
    expect((await compiled('model')).graphs()).toEqual([]);
  });
});
