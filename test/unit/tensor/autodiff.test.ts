import { describe, expect, it } from 'vitest';
import { CompilerBug } from '../../../compiler/support/bug.js';
import { gradient } from '../../../compiler/tensor/autodiff.js';
import { GraphBuilder } from '../../../compiler/tensor/build.js';
import { evaluate } from '../../../compiler/tensor/eval.js';
import type { Axis, NodeId } from '../../../compiler/tensor/ir.js';
import { verifyGraph } from '../../../compiler/tensor/verify.js';
import { b, c0, f0, irregular, k } from './axes-fixture.js';

/** The gradient with respect to `x`, laid out along its axes. */
function gradientOf(
  axes: readonly Axis[],
  objective: (g: GraphBuilder, x: NodeId) => NodeId,
  inputs: Record<string, readonly number[]>,
): number[] {
  const g = new GraphBuilder('t');
  const node = objective(g, g.input('x', axes));
  g.output('dx', gradient(g, node, ['x'])[0]!, axes);
  const graph = g.build();
  verifyGraph(graph);
  return [...evaluate(graph, { inputs }).get('dx')!];
}

const total = (g: GraphBuilder, node: NodeId) => g.reduce('sum', node, g.axesOf(node));

describe('gradient', () => {
  it('shares a maximum equally among ties', () => {
    expect(gradientOf([k], (g, x) => g.reduce('max', x, [k]), { x: [1, 3, 3] })).toEqual([0, 0.5, 0.5]);
  });

  it('is zero for an input that the objective does not reach, or reaches only through stop', () => {
    const g = new GraphBuilder('t');
    const [x, y] = [g.input('x', [b]), g.input('y', [b])];
    const objective = total(g, g.apply('multiply', x, g.stop(y)));
    const [dx, dy, dz] = gradient(g, objective, ['x', 'y', 'z']);
    expect(g.axesOf(dx!)).toEqual([b]);
    expect(dy).toBe(g.constant(0));
    expect(dz).toBe(g.constant(0));
  });

  it('passes no derivative through a rank', () => {
    const ranked = (g: GraphBuilder, x: NodeId) => {
      const other = g.rename(x, 'k', 'k2');
      const rank = g.reduce('sum', g.apply('less', other, x), [{ ...k, name: 'k2' }]);
      return total(g, g.apply('multiply', g.apply('equal', rank, g.constant(1)), x));
    };
    expect(gradientOf([k], ranked, { x: [5, -1, 2] })).toEqual([0, 0, 1]);
  });

  it('sums over the axes along which an argument was broadcast, and counts those that nothing else has', () => {
    const y = irregular(6);
    const sums = (g: GraphBuilder, x: NodeId) => total(g, g.apply('multiply', x, g.input('y', [b, k])));
    const dx = gradientOf([b], sums, { x: [1, 2], y });
    expect(dx[0]).toBeCloseTo(y[0]! + y[1]! + y[2]!, 12);
    expect(dx[1]).toBeCloseTo(y[3]! + y[4]! + y[5]!, 12);
    const copies = (g: GraphBuilder, x: NodeId) => g.reduce('sum', g.reduce('sum', x, [k]), [b]);
    expect(gradientOf([b], copies, { x: [1, 2] })).toEqual([3, 3]);
  });

  it('makes the weight gradient of a dense layer one matrix product over data and samples', () => {
    const g = new GraphBuilder('t');
    const y = g.contract(g.input('x', [b, k, c0]), g.input('w', [c0, f0]), [c0]);
    const [dw, dx] = gradient(g, total(g, g.apply('square', y)), ['w', 'x']);
    const weight = g.node(dw!);
    expect(weight).toMatchObject({ op: 'contract', over: ['b', 'k'], axes: [c0, f0] });
    expect(g.node(dx!)).toMatchObject({ op: 'contract', over: ['f0'], axes: [b, k, c0] });
  });

  it('does not expand along a sample axis what does not depend on it', () => {
    const g = new GraphBuilder('t');
    // x lacks k, so its product with the cotangent is made after the sum over k.
    const y = g.contract(g.input('x', [b, c0]), g.input('w', [c0, f0]), [c0]);
    const z = g.apply('tanh', g.apply('add', y, g.noise('normal', 's', 'model', [b, k, f0])));
    const [dw] = gradient(g, total(g, z), ['w']);
    const weight = g.node(dw!);
    expect(weight).toMatchObject({ op: 'contract', over: ['b'], axes: [c0, f0] });
    const sizes = g.nodes.map(node => node.axes.length);
    expect(Math.max(...sizes)).toBe(3);
    expect(g.nodes.filter(node => node.op === 'contract').every(node => node.axes.length === 2)).toBe(true);
  });

  it('renames cotangents back', () => {
    const w = irregular(20, 2);
    const objective = (g: GraphBuilder, x: NodeId) => {
      const renamed = g.rename(x, 'f0', 'f7');
      const weights = g.input('w', [c0, { ...f0, name: 'f7' }]);
      return total(g, g.apply('multiply', renamed, weights));
    };
    expect(gradientOf([c0, f0], objective, { x: irregular(20), w })).toEqual(w);
  });

  it('refuses an objective with axes', () => {
    const g = new GraphBuilder('t');
    expect(() => gradient(g, g.input('x', [b]), ['x'])).toThrow(CompilerBug);
  });
});
