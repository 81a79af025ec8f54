import { describe, expect, it } from 'vitest';
import { GroupedBound, StreamingLogSumExp, WeightSpread } from '../../../runtime/metrics.js';

const addAll = (
  to: { add(row: number, logWeight: number): void },
  row: number,
  values: readonly number[],
) => {
  for (const value of values) to.add(row, value);
};

describe('sums over log-weights', () => {
  it('bear weights that are far beyond what exp can hold', () => {
    const spread = new WeightSpread(2);
    addAll(spread, 0, [-5000, -90, -2000, -90]);
    addAll(spread, 1, [900, 900 + Math.log(3)]);
    const [first, second] = spread.effectiveSamples();
    expect(first).toBeCloseTo(2, 12);
    // (1 + 3)² / (1 + 9)
    expect(second).toBeCloseTo(1.6, 12);
    const sum = new StreamingLogSumExp(1);
    addAll(sum, 0, [-5000, 900, -90]);
    expect(sum.value(0)).toBe(900);
    sum.clear(0);
    expect(sum.value(0)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('count a weight of zero, and carry what is no number', () => {
    const spread = new WeightSpread(1);
    addAll(spread, 0, [Number.NEGATIVE_INFINITY, -3, Number.NEGATIVE_INFINITY]);
    expect(spread.effectiveSamples()[0]).toBe(1);
    const bound = new GroupedBound(2, 2);
    addAll(bound, 0, [0, Number.NEGATIVE_INFINITY]);
    addAll(bound, 1, [0, Number.NaN, 0, 0]);
    const [zero, broken] = bound.values();
    expect(zero).toBeCloseTo(-Math.log(2), 12);
    expect(broken).toBeNaN();
  });
});

describe('a bound over groups', () => {
  it('leaves out a group that is not complete, and keeps rows apart', () => {
    const bound = new GroupedBound(2, 3);
    addAll(bound, 0, [Math.log(1), Math.log(3), Math.log(5), Math.log(7), 1e9]);
    addAll(bound, 1, [Math.log(4), Math.log(4)]);
    addAll(bound, 2, [1]);
    const [both, one, none] = bound.values();
    expect(both).toBeCloseTo((Math.log(2) + Math.log(6)) / 2, 12);
    expect(one).toBeCloseTo(Math.log(4), 12);
    expect(none).toBeNaN();
  });
});
