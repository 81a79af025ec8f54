import { describe, expect, it } from 'vitest';
import { numberAlgebra } from '../../../compiler/scalar/algebra.js';
import { isScalarOp, type Range, scalarOps, scalars } from '../../../compiler/scalar/registry.js';

/** Central differences in f64 with a step of the cube root of the unit roundoff. */
const tolerance = 1e-7;

/** A seeded linear congruential generator (Knuth's MMIX constants would need 64 bits; these are Numerical Recipes'). */
function uniforms(seed: number) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

const pointsIn = (domain: readonly Range[], count: number) => {
  const next = uniforms(20150901);
  return Array.from({ length: count }, () => domain.map(([low, high]) => low + (high - low) * next()));
};

const extremes = [-1e4, -1e-30, -0, 0, 1e-30, 1e4];

/** Every combination of the extremes that lie in the ranges, and of the ranges' own ends. */
function extremesIn(ranges: readonly Range[]): number[][] {
  return ranges.reduce<number[][]>(
    (points, [low, high]) => {
      const values = [...extremes.filter(value => value >= low && value <= high), low, high];
      return points.flatMap(point => values.map(value => [...point, value]));
    },
    [[]],
  );
}

describe('scalar registry', () => {
  it('knows its own names and no other', () => {
    expect(scalarOps).toEqual(Object.keys(scalars));
    expect(isScalarOp('softplus')).toBe(true);
    expect(isScalarOp('constructor')).toBe(false);
  });

  it.each(scalarOps)('%s: facts fit the arity', op => {
    const row = scalars[op];
    const names = ['a', 'b', 'c'].slice(0, row.arity);
    expect(row.test.domain).toHaveLength(row.arity);
    expect(row.doc).not.toBe('');
    for (const name of names) expect(row.wgsl(...names)).toContain(name);
    const called = /scalar_\w+/.exec(row.wgsl(...names))?.[0];
    if (called !== undefined) expect(row.wgslPrelude).toContain(`fn ${called}(`);
  });

  it.each(scalarOps)('%s: derivative agrees with central differences', op => {
    const row = scalars[op];
    for (const point of pointsIn(row.test.domain, 200)) {
      const partials = row.derivative(numberAlgebra, point, row.evaluate(...point));
      expect(partials).toHaveLength(row.arity);
      if (row.test.isStaircase) {
        expect(partials.every(partial => partial === null)).toBe(true);
        continue;
      }
      point.forEach((value, argument) => {
        const h = 6e-6 * Math.max(1e-2, Math.abs(value));
        const at = (x: number) => row.evaluate(...point.with(argument, x));
        if (op === 'select' && argument === 0) return;
        const difference = (at(value + h) - at(value - h)) / (2 * h);
        const partial = partials[argument] ?? 0;
        expect(Math.abs(partial - difference)).toBeLessThan(tolerance * Math.max(1, Math.abs(difference)));
      });
    }
  });

  it.each(scalarOps)('%s: finite at the extremes its row allows', op => {
    const row = scalars[op];
    for (const point of extremesIn(row.test.finite ?? row.test.domain)) {
      expect(Math.fround(row.evaluate(...point)), point.join(', ')).toSatisfy(Number.isFinite);
    }
  });

  it('prelude names belong to one row each', () => {
    const defined = scalarOps.flatMap(op =>
      [...(scalars[op].wgslPrelude ?? '').matchAll(/fn (\w+)/g)].map(m => m[1]),
    );
    expect(new Set(defined).size).toBe(defined.length);
  });

  it('keeps relative accuracy where naive forms lose it', () => {
    expect(scalars.softplus.evaluate(-50)).toBeCloseTo(Math.exp(-50), 30);
    expect(scalars.softplus.evaluate(1e4)).toBe(1e4);
    expect(scalars.sigmoid.evaluate(-700) / Math.exp(-700)).toBeCloseTo(1, 12);
    expect(scalars.sigmoid.evaluate(-1e4)).toBe(0);
    expect(scalars.tanh.evaluate(1e-30)).toBe(1e-30);
  });
});
