import { describe, expect, it } from 'vitest';
import { type Overrides, withOverrides } from '../../compiler/overrides.js';
import { parse } from '../../compiler/syntax/index.js';

const model = (body: string) => `model m { ${body} }`;

function overridden(body: string, overrides: Overrides): string {
  const { file, diagnostics } = parse({ path: 'a.iwae', text: model(body) });
  expect(diagnostics).toEqual([]);
  const { text } = withOverrides(file, overrides);
  expect(parse({ path: 'a.iwae', text }).diagnostics).toEqual([]);
  return text;
}

describe('overrides', () => {
  it.each([
    ['a named k', 'bound iwae(k=5)', 'bound iwae(k=7)'],
    ['one among others', 'bound power(k=50, p=2)', 'bound power(k=7, p=2)'],
    ['a default beside others', 'bound power(p=2)', 'bound power(p=2, k=7)'],
    ['a default alone', 'bound elbo()', 'bound elbo(k=7)'],
    ['a default without parentheses', 'bound elbo', 'bound elbo(k=7)'],
  ])('replace %s', (_, before, after) => {
    expect(overridden(before, { k: 7 })).toBe(model(after));
  });

  it.each([
    [
      'a batch',
      'bound elbo train { batch 20 optimizer sgd(lr=1) }',
      'bound elbo train { batch 3 optimizer sgd(lr=1) }',
    ],
    [
      'a batch that is not written',
      'train { optimizer sgd(lr=1) }',
      'train { optimizer sgd(lr=1)  batch 3 }',
    ],
    ['a whole block that is not written', 'bound elbo', 'bound elbo  train { batch 3 } '],
  ])('replace %s', (_, before, after) => {
    expect(overridden(before, { batch: 3 }).replace(/\s+/g, ' ')).toBe(model(after).replace(/\s+/g, ' '));
  });

  it('go together, and leave the rest alone', () => {
    const body = 'bound iwae(k=5) train { batch 20 }';
    expect(overridden(body, { k: 100, batch: 1 })).toBe(model('bound iwae(k=100) train { batch 1 }'));
    expect(overridden(body, {})).toBe(model(body));
  });
});
