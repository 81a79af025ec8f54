import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  contains,
  elementOf,
  elementRanges,
  makeRange,
  pointRange,
  type Range,
} from '../../../compiler/check/range.js';
import { scalarRange } from '../../../compiler/check/scalar-range.js';
import { type ScalarOp, scalarOps, scalars } from '../../../compiler/scalar/registry.js';
import { codesOf, smallModel } from './checked.js';

const ranges: readonly Range[] = [
  ...Object.values(elementRanges),
  makeRange(-1, 1),
  makeRange(0, 1, true, true),
  makeRange(0, Infinity),
  makeRange(-Infinity, 0),
  makeRange(2, 5),
  pointRange(2),
  pointRange(0),
];

/** A value that a range says is possible. */
const valueIn = (range: Range) =>
  fc
    .double({ min: Math.max(range.low, -20), max: Math.min(range.high, 20), noNaN: true })
    .map(value => (range.whole ? Math.round(value) : value))
    .filter(value => contains(range, pointRange(value)));

const valued = fc.constantFrom(...ranges).chain(range => valueIn(range).map(value => ({ range, value })));

describe('what is known of a value', () => {
  test.each(scalarOps)('the range of %s holds every result', (op: ScalarOp) => {
    const { arity, evaluate } = scalars[op];
    const args = fc.array(valued, { minLength: arity, maxLength: arity });
    fc.assert(
      fc.property(args, given => {
        const result = evaluate(...given.map(({ value }) => value));
        // Outside of an operation's domain there is no result to be held.
        if (!Number.isFinite(result)) return;
        const { low, high, whole } = scalarRange[op](...given.map(({ range }) => range));
        const slack = 1e-9 * (1 + Math.abs(result));
        expect(result).toBeGreaterThanOrEqual(low - slack);
        expect(result).toBeLessThanOrEqual(high + slack);
        if (whole) expect(Number.isInteger(result)).toBe(true);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('elements are named by the narrowest type', () => {
    expect(elementOf(makeRange(0, 1, true, true))).toBe('unit');
    expect(elementOf(scalarRange.exp(elementRanges.real))).toBe('positive');
    expect(elementOf(scalarRange.softplus(elementRanges.real))).toBe('positive');
    expect(elementOf(scalarRange.sigmoid(elementRanges.real))).toBe('unit');
    expect(elementOf(scalarRange.tanh(elementRanges.real))).toBe('real');
    expect(elementOf(scalarRange.multiply(elementRanges.positive, elementRanges.positive))).toBe('positive');
    expect(elementOf(scalarRange.subtract(pointRange(1), elementRanges.unit))).toBe('unit');
    expect(elementOf(pointRange(200))).toBe('byte');
  });
});

describe('supports of arguments', () => {
  const scale = (text: string) =>
    codesOf(smallModel({ recognition: `let y = dense(x, 2)  h ~ normal(mean = y, scale = ${text})` }));
  test.each([
    'exp(y)',
    'softplus(y) + 0.1',
    'sqrt(exp(y)) * 2',
    '1 / exp(y)',
    'maximum(y, 0.1)',
    'exp(y)^2',
    '1',
  ])('%s is positive', text => {
    expect(scale(text)).toEqual([]);
  });
  test.each(['y', 'abs(y)', 'y^2', 'tanh(y)', 'exp(y) - 1', '0', '-1', 'maximum(y, 0)', 'sigmoid(y) - 0.5'])(
    '%s may not be',
    text => {
      expect(scale(text)).toEqual(['support-mismatch']);
    },
  );

  test.each([
    ['real[6]', 'normal(mean = dense(h, 6), scale = 1)', []],
    ['unit[6]', 'normal(mean = dense(h, 6), scale = 1)', []],
    ['positive[6]', 'normal(mean = dense(h, 6), scale = 1)', []],
    ['binary[6]', 'bernoulli(logits = dense(h, 6))', []],
    ['binary[6]', 'normal(mean = dense(h, 6), scale = 1)', ['likelihood-support']],
    ['byte[6]', 'normal(mean = dense(h, 6), scale = 1)', ['likelihood-support']],
    ['int[6]', 'normal(mean = dense(h, 6), scale = 1)', ['likelihood-support']],
    ['real[6]', 'bernoulli(logits = dense(h, 6))', ['likelihood-support']],
    ['unit[6]', 'bernoulli(logits = dense(h, 6))', ['likelihood-support']],
  ])('data of type %s under %s', (type, likelihood, codes) => {
    const generative = `h ~ normal(0, 1)[2]  x ~ ${likelihood}`;
    expect(codesOf(smallModel({ data: `data x: ${type}`, generative }))).toEqual(codes);
  });
});
