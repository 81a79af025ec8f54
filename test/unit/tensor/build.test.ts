import { describe, expect, it } from 'vitest';
import { CompilerBug } from '../../../compiler/support/bug.js';
import { compareNames } from '../../../compiler/tensor/axes.js';
import { GraphBuilder } from '../../../compiler/tensor/build.js';
import { b, c0, f0, f1, k, l } from './axes-fixture.js';

const names = (g: GraphBuilder, id: number) => g.axesOf(id).map(axis => axis.name);

describe('axis names', () => {
  it('sort naturally', () => {
    expect(['f10', 'f2', 'c1', 'f0', 'c0', 'k'].sort(compareNames)).toEqual([
      'c0',
      'c1',
      'f0',
      'f2',
      'f10',
      'k',
    ]);
    expect(compareNames('a1', 'a')).toBeGreaterThan(0);
    expect(compareNames('a', 'a')).toBe(0);
  });
});

describe('GraphBuilder', () => {
  it('gives the same operation on the same arguments the same node', () => {
    const g = new GraphBuilder('t');
    const x = g.input('x', [b, f0]);
    expect(g.input('x', [b, f0])).toBe(x);
    expect(g.apply('tanh', x)).toBe(g.apply('tanh', x));
    expect(g.apply('tanh', x)).not.toBe(g.apply('exp', x));
    expect(g.noise('normal', 's', 'model', [b])).not.toBe(g.noise('normal', 's', 'data', [b]));
    expect(g.index(k)).not.toBe(g.index(l));
    expect(g.reduce('sum', x, [b, f0])).toBe(g.reduce('sum', x, [f0, b]));
  });

  it('broadcasts by name into canonical order, whatever the order of arguments', () => {
    const g = new GraphBuilder('t');
    const perFeature = g.input('u', [f0]);
    const perSample = g.input('v', [b, k]);
    expect(names(g, g.apply('add', perFeature, perSample))).toEqual(['b', 'k', 'f0']);
    expect(names(g, g.apply('add', perSample, perFeature))).toEqual(['b', 'k', 'f0']);
  });

  it('infers the axes of contractions, reductions and renames', () => {
    const g = new GraphBuilder('t');
    const x = g.input('x', [b, k, c0]);
    const w = g.input('w', [c0, f0]);
    const y = g.contract(x, w, [c0]);
    expect(names(g, y)).toEqual(['b', 'k', 'f0']);
    expect(names(g, g.reduce('max', y, [k]))).toEqual(['b', 'f0']);
    expect(names(g, g.rename(g.input('p', [c0, f1]), 'c0', 'f3'))).toEqual(['f1', 'f3']);
  });

  it('treats an axis that an argument lacks as one along which it is constant', () => {
    const g = new GraphBuilder('t');
    const x = g.input('x', [b]);
    expect(g.reduce('max', x, [k])).toBe(x);
    expect(g.reduce('sum', x, [k])).toBe(g.apply('multiply', g.constant(3), x));
    expect(g.rename(x, 'k', 'l')).toBe(x);
  });

  it('chooses the form of a sum of products', () => {
    const g = new GraphBuilder('t');
    const x = g.input('x', [b, k, c0]);
    const w = g.input('w', [c0, f0]);
    const u = g.input('u', [b]);
    expect(g.sumProduct(x, w, [c0])).toBe(g.contract(x, w, [c0]));
    expect(g.sumProduct(x, x, [c0])).toBe(g.reduce('sum', g.apply('multiply', x, x), [c0]));
    expect(g.sumProduct(u, x, [k, c0])).toBe(g.apply('multiply', u, g.reduce('sum', x, [k, c0])));
    // k is in the left argument alone, so it goes before the product is made.
    expect(g.sumProduct(x, w, [k, c0])).toBe(g.contract(g.reduce('sum', x, [k]), w, [c0]));
    expect(g.sumProduct(u, w, [l])).toBe(g.reduce('sum', g.apply('multiply', u, w), [l]));
  });

  it('folds constants, but not into what a device cannot hold', () => {
    const g = new GraphBuilder('t');
    expect(g.constantValue(g.apply('add', g.constant(2), g.constant(3)))).toBe(5);
    expect(g.constantValue(g.apply('log', g.constant(0)))).toBeNull();
    expect(g.constant(-0)).toBe(g.constant(0));
    expect(g.host({ kind: 'constant', value: 2 })).toBe(g.constant(2));
  });

  it.each<[string, (g: GraphBuilder) => unknown]>([
    ['a name of two sizes', g => g.apply('add', g.input('x', [f0]), g.input('y', [{ ...f0, size: 6 }]))],
    [
      'a name of two kinds',
      g => g.apply('add', g.input('x', [k]), g.input('y', [{ ...k, kind: 'feature' }])),
    ],
    ['wrong arity', g => g.apply('add', g.constant(1))],
    ['a leaf laid out in another order', g => g.input('x', [f0, b])],
    ['an axis twice', g => g.input('x', [f0, f0])],
    ['contraction over an axis that one lacks', g => g.contract(g.input('x', [b]), g.input('y', [k]), [b])],
    ['contraction over nothing', g => g.contract(g.input('x', [b]), g.input('y', [b]), [])],
    ['a rename onto an axis', g => g.rename(g.input('x', [c0, f0]), 'c0', 'f0')],
    ['a constant that is not finite', g => g.constant(Number.NaN)],
    ['a node that is not there', g => g.axesOf(17)],
    [
      'two outputs of one name',
      g => {
        g.output('y', g.constant(1));
        g.output('y', g.constant(2));
      },
    ],
  ])('refuses %s', (_what, build) => {
    expect(() => build(new GraphBuilder('t'))).toThrow(CompilerBug);
  });
});
