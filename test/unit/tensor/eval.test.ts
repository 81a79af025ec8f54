import { describe, expect, it } from 'vitest';
import { CompilerBug } from '../../../compiler/support/bug.js';
import { GraphBuilder } from '../../../compiler/tensor/build.js';
import { type Bindings, evaluate, type NoiseElement } from '../../../compiler/tensor/eval.js';
import type { Axis, NodeId } from '../../../compiler/tensor/ir.js';
import { b, c0, f0, f1, irregular, k, l } from './axes-fixture.js';

/** The value of one node, laid out along `axes` if given. */
function evaluated(
  build: (g: GraphBuilder) => NodeId,
  bindings: Bindings = {},
  axes?: readonly Axis[],
): number[] {
  const g = new GraphBuilder('t');
  const node = build(g);
  g.output('y', node, axes ?? g.axesOf(node));
  return [...evaluate(g.build(), bindings).get('y')!];
}

const expectClose = (actual: number[], expected: number[]) => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
};

/** Σ over naive loops of f(indices), for each point of `sizes`. */
const table = (sizes: readonly number[], f: (...at: number[]) => number): number[] =>
  sizes
    .reduce<number[][]>(
      (points, size) => points.flatMap(p => Array.from({ length: size }, (_, i) => [...p, i])),
      [[]],
    )
    .map(point => f(...point));

describe('evaluate', () => {
  const x = irregular(2 * 3 * 4);
  const w = irregular(4 * 5, 1);
  const at = (n: number, s: number, c: number) => x[(n * 3 + s) * 4 + c]!;

  it('contracts as naive loops do', () => {
    const actual = evaluated(g => g.contract(g.input('x', [b, k, c0]), g.input('w', [c0, f0]), [c0]), {
      inputs: { x, w },
    });
    expectClose(
      actual,
      table([2, 3, 5], (n, s, f) =>
        table([4], c => at(n!, s!, c!) * w[c! * 5 + f!]!).reduce((p, q) => p + q),
      ),
    );
  });

  it('contracts over several axes, with one that both keep', () => {
    const y = irregular(2 * 3 * 5, 2);
    const actual = evaluated(g => g.contract(g.input('x', [b, k, c0]), g.input('y', [b, k, f0]), [k]), {
      inputs: { x, y },
    });
    expectClose(
      actual,
      table([2, 4, 5], (n, c, f) =>
        table([3], s => at(n!, s!, c!) * y[(n! * 3 + s!) * 5 + f!]!).reduce((p, q) => p + q),
      ),
    );
    const both = evaluated(g => g.contract(g.input('x', [b, k, c0]), g.input('y', [b, k, f0]), [b, k]), {
      inputs: { x, y },
    });
    expectClose(
      both,
      table([4, 5], (c, f) =>
        table([2, 3], (n, s) => at(n!, s!, c!) * y[(n! * 3 + s!) * 5 + f!]!).reduce((p, q) => p + q),
      ),
    );
  });

  it('reduces the middle, the outer and several axes', () => {
    const reduced = (combine: 'sum' | 'max', over: readonly Axis[]) =>
      evaluated(g => g.reduce(combine, g.input('x', [b, k, c0]), over), { inputs: { x } });
    expectClose(
      reduced('sum', [k]),
      table([2, 4], (n, c) => at(n!, 0, c!) + at(n!, 1, c!) + at(n!, 2, c!)),
    );
    expectClose(
      reduced('max', [b, c0]),
      table([3], s => Math.max(...table([2, 4], (n, c) => at(n!, s!, c!)))),
    );
    expectClose(reduced('sum', [b, k, c0]), [x.reduce((p, q) => p + q)]);
  });

  it('broadcasts one, two and three arguments', () => {
    const u = irregular(4, 3);
    const actual = evaluated(
      g => {
        const [big, small] = [g.input('x', [b, k, c0]), g.input('u', [c0])];
        return g.apply('select', g.apply('less', big, small), g.apply('negate', big), small);
      },
      { inputs: { x, u } },
    );
    expectClose(
      actual,
      table([2, 3, 4], (n, s, c) => (at(n!, s!, c!) < u[c!]! ? -at(n!, s!, c!) : u[c!]!)),
    );
  });

  it('renames into canonical order and stores outputs in the order asked for', () => {
    const p = irregular(4 * 2, 4);
    const renamed = (axes?: readonly Axis[]) =>
      evaluated(g => g.rename(g.input('p', [c0, f1]), 'c0', 'f3'), { inputs: { p } }, axes);
    expectClose(
      renamed(),
      table([2, 4], (i, j) => p[j! * 2 + i!]!),
    );
    expectClose(renamed([{ name: 'f3', kind: 'feature', size: 4 }, f1]), p);
    expectClose(
      evaluated(g => g.constant(7), {}, [b, k]),
      [7, 7, 7, 7, 7, 7],
    );
  });

  it('addresses noise by data row, sample over all sample axes, and element over all features', () => {
    const seen: NoiseElement[] = [];
    const noise = (_law: string, element: NoiseElement) => {
      seen.push(element);
      return 1000 * element.row + 10 * element.sample + element.element;
    };
    const values = evaluated(g => g.noise('uniform', 'site', 'model', [b, k, l, f1]), {
      noise,
      rows: [7, 4],
      sampleOffset: 100,
    });
    expectClose(
      values,
      table([2, 3, 2, 2], (n, s, t, f) => 1000 * [7, 4][n!]! + 10 * (100 + s! * 2 + t!) + f!),
    );
    expect(seen[0]).toEqual({ stream: 'site', clock: 'model', row: 7, sample: 100, element: 0 });
    // Data are the same in every block of samples.
    const data = evaluated(g => g.noise('uniform', 'site', 'data', [k]), { noise, sampleOffset: 100 });
    expect(data).toEqual([0, 10, 20]);
    expect(evaluated(g => g.noise('normal', 'p', 'model', [k]), { noise })).toEqual([0, 10, 20]);
  });

  it('gives the noise of the sample whose number is computed, for each datum or for all', () => {
    const noise = (_law: string, element: NoiseElement) =>
      1000 * element.row + 10 * element.sample + element.element;
    const bindings = { noise, rows: [7, 4], sampleOffset: 100, inputs: { chosen: [2, 5] } };
    const chosen = evaluated(g => g.noise('normal', 'p', 'model', [b, f1], g.input('chosen', [b])), bindings);
    expectClose(
      chosen,
      table([2, 2], (n, f) => 1000 * [7, 4][n!]! + 10 * (100 + [2, 5][n!]!) + f!),
    );
    const all = evaluated(g => g.noise('normal', 'p', 'model', [b, k, f1]), bindings);
    const second = evaluated(g => g.noise('normal', 'p', 'model', [b, f1], g.constant(1)), bindings);
    expect(second).toEqual([...all.slice(2, 4), ...all.slice(8, 10)]);
  });

  it('reads data-set rows, positions and host scalars', () => {
    const datasets = { x: { width: 2, values: [0, 1, 10, 11, 20, 21] } };
    expect(evaluated(g => g.dataset('x', [b, f1]), { datasets, rows: [2, 0] })).toEqual([20, 21, 0, 1]);
    expect(evaluated(g => g.index(k))).toEqual([0, 1, 2]);
    const host = (g: GraphBuilder) =>
      g.host({
        kind: 'scalar',
        op: 'power',
        args: [
          { kind: 'constant', value: 2 },
          { kind: 'clock', clock: 'step' },
        ],
      });
    expect(evaluated(host, { clocks: { step: 5 } })).toEqual([32]);
  });

  it.each<[string, (g: GraphBuilder) => NodeId, Bindings]>([
    ['an input that is not bound', g => g.input('x', [b]), {}],
    ['an inherited property of the inputs', g => g.input('toString', [b]), { inputs: {} }],
    ['an input of another size', g => g.input('x', [b]), { inputs: { x: [1] } }],
    [
      'a row that the data set lacks',
      g => g.dataset('x', [b]),
      { datasets: { x: { width: 1, values: [1] } } },
    ],
    [
      'rows of another width',
      g => g.dataset('x', [b, f1]),
      { datasets: { x: { width: 3, values: [1, 2, 3] } } },
    ],
    ['noise that is not bound', g => g.noise('normal', 's', 'model', [b]), {}],
    ['a clock that is not bound', g => g.host({ kind: 'clock', clock: 'step' }), {}],
  ])('refuses %s', (_what, build, bindings) => {
    expect(() => evaluated(build, bindings)).toThrow(CompilerBug);
  });
});
