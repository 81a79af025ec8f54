import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, suggest } from '../../../compiler/diagnostics/index.js';

describe('editDistance', () => {
  test.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('%s to %s is %i', (a, b, distance) => {
    expect(editDistance(a, b, 10)).toBe(distance);
    expect(editDistance(b, a, 10)).toBe(distance);
  });

  test('stops one above the limit', () => {
    expect(editDistance('abcdefgh', 'zzzzzzzz', 2)).toBe(3);
    expect(editDistance('a', 'abcdefgh', 2)).toBe(3);
  });

  test('the limit never changes a distance below it', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });
    fc.assert(
      fc.property(word, word, fc.nat(7), (a, b, limit) => {
        const exact = editDistance(a, b, 20);
        expect(editDistance(a, b, limit)).toBe(Math.min(exact, limit + 1));
      }),
      { seed: 2, numRuns: 1000 },
    );
  });
});

describe('suggest', () => {
  const names = ['gaussian_mlp', 'dense', 'bernoulli', 'normal', 'tanh', 'k'];
  test.each([
    ['gausian_mlp', 'gaussian_mlp'],
    ['gaussian-mlp', 'gaussian_mlp'],
    ['Normal', 'normal'],
    ['densse', 'dense'],
    ['ednse', 'dense'],
    ['bernouli', 'bernoulli'],
    ['thna', null],
    ['tahn', 'tanh'],
    ['relu', null],
    ['x', null],
    ['K', 'k'],
    ['', null],
  ])('%s: %s', (name, expected) => {
    expect(suggest(name, names)).toBe(expected);
  });

  test('the nearest wins, then the first; the name itself is no suggestion', () => {
    expect(suggest('log_q', ['log_w', 'log_p', 'log_q'])).toBe('log_w');
    expect(suggest('elbos', ['elb', 'elbo'])).toBe('elbo');
  });
});
