import { describe, expect, it } from 'vitest';
import { noiseAt, shuffledRow, threefry4x32 } from '../../../compiler/program/index.js';

const address = { seedLow: 1, seedHigh: 2, step: 3, stream: 4, row: 5, sample: 6, element: 0 };

describe('threefry', () => {
  // Known answers of the Random123 distribution for threefry4x32 with 20 rounds.
  const ones = 0xffffffff;
  it.each([
    [[0, 0, 0, 0], [0, 0, 0, 0], '9c6ca96a e17eae66 fc10ecd4 5256a7d8'],
    [[ones, ones, ones, ones], [ones, ones, ones, ones], '2a881696 57012287 f6c7446e a16a6732'],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89],
      '59cd1dbb b8879579 86b5d00c ac8b6d84',
    ],
  ] as const)('gives the known answer for counter %j and key %j', (counter, key, expected) => {
    expect(
      threefry4x32(counter, key)
        .map(word => word.toString(16).padStart(8, '0'))
        .join(' '),
    ).toBe(expected);
  });
});

describe('noise', () => {
  const draws = (law: 'normal' | 'uniform') =>
    Array.from({ length: 40_000 }, (_, element) => noiseAt(law, { ...address, element }));
  const moment = (values: readonly number[], power: number) =>
    values.reduce((sum, value) => sum + value ** power, 0) / values.length;

  // Standard errors for n = 40,000: mean 0.005, variance 0.007, fourth moment 0.049 of the normal law.
  it('has the moments of a standard normal within four standard errors', () => {
    const values = draws('normal');
    expect(Math.abs(moment(values, 1))).toBeLessThan(0.02);
    expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(0.028);
    expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(0.2);
  });

  it('is uniform strictly inside (0, 1)', () => {
    const values = draws('uniform');
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(Math.abs(moment(values, 1) - 0.5)).toBeLessThan(0.006);
    expect(Math.abs(moment(values, 2) - 1 / 3)).toBeLessThan(0.006);
  });

  it.each(Object.keys(address) as (keyof typeof address)[])('changes with its %s', part => {
    expect(noiseAt('normal', { ...address, [part]: address[part] + 1 })).not.toBe(noiseAt('normal', address));
  });
});

describe('shuffled rows', () => {
  it.each([1, 2, 3, 4, 5, 16, 17, 1000, 60_000])('visit each of %i rows once', count => {
    const rows = new Set(Array.from({ length: count }, (_, i) => shuffledRow(i, count, 7, 8, 9)));
    expect(rows.size).toBe(count);
    expect(Math.max(...rows)).toBe(count - 1);
  });

  it('come in another order in each epoch and for each seed', () => {
    const order = (seed: number, epoch: number) =>
      Array.from({ length: 100 }, (_, i) => shuffledRow(i, 100, seed, 0, epoch)).join();
    expect(new Set([order(1, 0), order(1, 1), order(2, 0), order(2, 1)]).size).toBe(4);
  });
});
