import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../compiler/tensor/build.js';
import { evaluate } from '../../../compiler/tensor/eval.js';
import type { Graph, NodeId } from '../../../compiler/tensor/ir.js';
import { dropDead, eraseStops, share, simplify } from '../../../compiler/tensor/passes/index.js';
import { simplifyGraph, simplifyRules } from '../../../compiler/tensor/passes/simplify.js';
import { printGraph } from '../../../compiler/tensor/print.js';
import { verifyGraph } from '../../../compiler/tensor/verify.js';
import { b, c0, f0, f1, irregular, k } from './axes-fixture.js';

/** What the examples are made of: x and y are signed, p is positive, s lacks the sample axis, w is a matrix. */
interface Leaves {
  readonly x: NodeId;
  readonly y: NodeId;
  readonly p: NodeId;
  readonly s: NodeId;
  readonly w: NodeId;
}

type Example = (g: GraphBuilder, leaves: Leaves, c: (value: number) => NodeId) => NodeId;

const clock = (g: GraphBuilder) => g.host({ kind: 'clock', clock: 'step' });

/** Where each rule must fire. */
const examples: Readonly<Record<string, Example>> = {
  'add-zero': (g, { x }, c) => g.apply('add', x, c(0)),
  'subtract-constant': (g, { x }, c) => g.apply('subtract', x, c(2)),
  'subtract-from-zero': (g, { x }, c) => g.apply('subtract', c(0), x),
  'collect-terms': (g, { x, y }) => g.apply('subtract', g.apply('add', x, y), x),
  'factor-common': (g, { x, y, s }) =>
    g.apply('subtract', g.apply('multiply', s, x), g.apply('multiply', y, s)),
  'add-negated': (g, { x, y }) => g.apply('add', g.apply('negate', x), y),
  'subtract-negated': (g, { x, y }) => g.apply('subtract', x, g.apply('negate', y)),
  'negate-negated': (g, { x }) => g.apply('negate', g.apply('negate', x)),
  'negate-difference': (g, { x, y }) => g.apply('negate', g.apply('subtract', x, y)),
  'negate-scaled': (g, { x }, c) => g.apply('negate', g.apply('multiply', c(3), x)),
  'add-order': (g, { x }, c) => g.apply('add', x, c(3)),
  'multiply-zero': (g, { x }, c) => g.apply('multiply', x, c(0)),
  'multiply-one': (g, { x }, c) => g.apply('multiply', x, c(1)),
  'multiply-minus-one': (g, { x }, c) => g.apply('multiply', x, c(-1)),
  'multiply-order': (g, { x }, c) => g.apply('multiply', x, c(3)),
  'cancel-factors': (g, { x, p }) => g.apply('divide', g.apply('multiply', p, x), p),
  'equal-cancel-terms': (g, { x, y, s }) => g.apply('equal', g.apply('add', x, s), g.apply('add', y, s)),
  'multiply-constants': (g, { x, y }, c) => g.apply('multiply', g.apply('multiply', c(3), x), y),
  'multiply-negated': (g, { x, y }) => g.apply('multiply', g.apply('negate', x), y),
  'multiply-quotient': (g, { x, p }, c) => g.apply('multiply', x, g.apply('divide', c(1), p)),
  'multiply-itself': (g, { x }) => g.apply('multiply', x, x),
  'multiply-mask': (g, { x, y }, c) =>
    g.apply('multiply', x, g.apply('select', g.apply('less', x, y), c(0), c(1))),
  'divide-zero': (g, { p }, c) => g.apply('divide', c(0), p),
  'divide-by-constant': (g, { x }, c) => g.apply('divide', x, c(4)),
  'divide-by-host': (g, { x }) => g.apply('divide', x, clock(g)),
  'divide-constants': (g, { x, p }, c) => g.apply('divide', x, g.apply('multiply', c(4), p)),
  'divide-negated': (g, { x, p }) => g.apply('divide', x, g.apply('negate', p)),
  'power-constant': (g, { x }, c) => g.apply('power', x, c(2)),
  'square-sign': (g, { x }) => g.apply('square', g.apply('negate', x)),
  'square-scaled': (g, { x }, c) => g.apply('square', g.apply('multiply', c(3), x)),
  'square-root': (g, { p }) => g.apply('square', g.apply('sqrt', p)),
  'root-square': (g, { x }) => g.apply('sqrt', g.apply('square', x)),
  'root-exponential': (g, { x }) => g.apply('sqrt', g.apply('exp', x)),
  'abs-negated': (g, { x }) => g.apply('abs', g.apply('negate', x)),
  'log-exp': (g, { x }) => g.apply('log', g.apply('exp', x)),
  'log-sigmoid': (g, { x }) => g.apply('log', g.apply('sigmoid', x)),
  'log-root': (g, { p }) => g.apply('log', g.apply('sqrt', p)),
  'log-scaled': (g, { p }, c) => g.apply('log', g.apply('multiply', c(3), p)),
  'log-reciprocal': (g, { p }, c) => g.apply('log', g.apply('divide', c(3), p)),
  'log-product-exp': (g, { p, x }) => g.apply('log', g.apply('multiply', p, g.apply('exp', x))),
  'log-one-plus': (g, { p }, c) => g.apply('log', g.apply('add', c(1), p)),
  'log-one-minus': (g, { x }, c) => g.apply('log', g.apply('subtract', c(1), g.apply('tanh', x))),
  'log1p-exp': (g, { x }, c) => g.apply('log', g.apply('add', g.apply('exp', x), c(1))),
  'log1p-sigmoid': (g, { x }, c) => g.apply('log', g.apply('subtract', c(1), g.apply('sigmoid', x))),
  'log1p-expm1': (g, { x }) => g.apply('log1p', g.apply('expm1', x)),
  'log-sum-exp': (g, { x }) => g.apply('log', g.reduce('sum', g.apply('exp', x), [k])),
  'exp-log': (g, { p }) => g.apply('exp', g.apply('log', p)),
  'exp-minus-log': (g, { p }) => g.apply('exp', g.apply('negate', g.apply('log', p))),
  'exp-log1p': (g, { p }) => g.apply('exp', g.apply('log1p', p)),
  'exp-minus-one': (g, { x }, c) => g.apply('subtract', g.apply('exp', x), c(1)),
  'expm1-log1p': (g, { p }) => g.apply('expm1', g.apply('log1p', p)),
  'select-known': (g, { x, y }, c) => g.apply('select', c(1), x, y),
  'extreme-of-itself': (g, { x }) => g.apply('maximum', x, x),
  'reduce-nested': (g, { x }) => g.reduce('max', g.reduce('max', x, [k]), [b]),
  'sum-split-terms': (g, { x, s }) => g.reduce('sum', g.apply('subtract', x, s), [f0]),
  'sum-pull-factors': (g, { x, s }) => g.reduce('sum', g.apply('multiply', s, x), [k]),
  'sum-of-products': (g, { w }) => g.reduce('sum', g.apply('multiply', g.input('v', [b, k, c0]), w), [c0]),
  'max-pull-terms': (g, { x, s }) => g.reduce('max', g.apply('add', x, s), [k]),
  'contract-constants': (g, { x, w }, c) => g.contract(g.apply('multiply', c(3), x), w, [f0]),
  'contract-form': (g, { x, y }) => g.contract(x, y, [f0]),
  'rename-chain': (g, { x }) => g.rename(g.rename(x, 'f0', 'f2'), 'f2', 'f3'),
  'stop-underived': g => g.stop(g.index(k)),
  'fold-host': g => g.apply('exp', clock(g)),
};

const inputs = {
  x: irregular(30, 1),
  y: irregular(30, 2),
  p: irregular(30, 3).map(value => value + 1.5),
  s: irregular(10, 4),
  w: irregular(20, 5),
  v: irregular(24, 6),
};

function graphOf(example: Example): Graph {
  const g = new GraphBuilder('t');
  const leaves: Leaves = {
    x: g.input('x', [b, k, f0]),
    y: g.input('y', [b, k, f0]),
    p: g.input('p', [b, k, f0]),
    s: g.input('s', [b, f0]),
    w: g.input('w', [c0, f0]),
  };
  const node = example(g, leaves, value => g.constant(value));
  g.output('y', node);
  return g.build();
}

const valuesOf = (graph: Graph) => [...evaluate(graph, { inputs, clocks: { step: 3 } }).get('y')!];

/** The simplified graph's text without its header and outputs. */
const simplified = (example: Example): string[] =>
  printGraph(simplify.run(graphOf(example)))
    .split('\n')
    .filter(line => line.startsWith('  %'))
    .map(line => line.trim());

describe('every rewrite rule', () => {
  it('has an example', () => {
    const names = simplifyRules.map(rule => rule.name);
    expect(new Set(names).size).toBe(names.length);
    expect([...names].sort()).toEqual(Object.keys(examples).sort());
  });

  it.each(Object.entries(examples))('%s fires and keeps the values', (name, example) => {
    const graph = graphOf(example);
    const { graph: after, fired } = simplifyGraph(graph);
    expect(fired.get(name)).toBeGreaterThan(0);
    verifyGraph(after);
    const [before, now] = [valuesOf(graph), valuesOf(after)];
    expect(now).toHaveLength(before.length);
    now.forEach((value, i) => {
      expect(value).toBeCloseTo(before[i]!, 10);
    });
    expect(simplifyGraph(after).fired.size).toBe(0);
  });
});

describe('simplify', () => {
  it('makes log q at a sampled point exactly -eps²/2 - log scale, with nothing left of the mean', () => {
    const example: Example = (g, { x: eps, s: mean }, c) => {
      const logScale = g.input('s2', [b, f0]);
      const scale = g.apply('exp', logScale);
      const z = g.apply('add', mean, g.apply('multiply', scale, eps));
      const standard = g.apply('divide', g.apply('subtract', z, mean), scale);
      const quadratic = g.apply('multiply', c(-0.5), g.apply('power', standard, c(2)));
      return g.apply('subtract', quadratic, g.apply('log', scale));
    };
    expect(simplified(example)).toEqual([
      '%0 [b:2 k:3 f0:5] input x',
      '%1 [b:2 f0:5] input s2',
      '%2 [] -0.5',
      '%3 [b:2 k:3 f0:5] square %0',
      '%4 [b:2 k:3 f0:5] multiply %2 %3',
      '%5 [b:2 k:3 f0:5] subtract %4 %1',
    ]);
  });

  it('does so for a variance given by its logarithm', () => {
    const example: Example = (g, { x: eps, s: logVariance }) => {
      const variance = g.apply('exp', logVariance);
      const z = g.apply('multiply', g.apply('sqrt', variance), eps);
      return g.apply('divide', g.apply('square', z), variance);
    };
    expect(simplified(example).at(-1)).toBe('%1 [b:2 k:3 f0:5] square %0');
  });

  it('sums what lacks the sample axis without it', () => {
    const lines = simplified((g, { x, s }) => g.reduce('sum', g.apply('add', g.apply('square', x), s), [f0]));
    const sums = lines.filter(line => line.includes(' sum ')).map(line => line.replace(/%\d+ /g, ''));
    expect(sums.sort()).toEqual(['[b:2 k:3] sum over f0', '[b:2] sum over f0']);
  });

  it('keeps a sum of terms with the same axes in one reduction', () => {
    const lines = simplified((g, { x, y }) => g.reduce('sum', g.apply('add', g.apply('tanh', x), y), [f0]));
    expect(lines.filter(line => line.includes(' sum '))).toHaveLength(1);
  });

  it('shifts a log-sum-exp once, and leaves one that is already shifted alone', () => {
    const shifted: Example = (g, { x }) => {
      const largest = g.reduce('max', x, [k]);
      return g.apply('log', g.reduce('sum', g.apply('exp', g.apply('subtract', x, largest)), [k]));
    };
    expect(simplifyGraph(graphOf(shifted)).fired.has('log-sum-exp')).toBe(false);
    const huge = graphOf((g, { x }, c) =>
      g.apply('log', g.reduce('sum', g.apply('exp', g.apply('multiply', c(2000), x)), [k])),
    );
    expect(valuesOf(huge).every(Number.isFinite)).toBe(false);
    expect(valuesOf(simplify.run(huge)).every(Number.isFinite)).toBe(true);
  });

  it('writes a product with a matrix as a contraction, wherever the other factors stand', () => {
    const lines = simplified((g, { w }) => {
      const weight = g.input('r', [b, k]);
      const activation = g.input('v', [b, k, c0]);
      const product = g.apply('multiply', g.apply('multiply', weight, w), activation);
      return g.reduce('sum', product, [c0]);
    });
    expect(lines.filter(line => line.includes(' contract '))).toHaveLength(1);
    expect(lines.every(line => !line.includes('c0:4 f0:5] multiply'))).toBe(true);
  });

  it('does not change a graph that is already simple', () => {
    const graph = dropDead.run(graphOf((g, { x, s }) => g.apply('tanh', g.apply('add', x, s))));
    const { graph: after, fired } = simplifyGraph(graph);
    expect(fired.size).toBe(0);
    expect(after).toEqual(graph);
  });

  it('leaves stop in the way of cancelling before differentiation, and not after', () => {
    const graph = graphOf((g, { x }) => g.apply('subtract', x, g.stop(x)));
    expect(simplify.run(graph).nodes).toHaveLength(3);
    expect(simplify.run(eraseStops.run(graph)).nodes).toEqual([{ op: 'constant', axes: [], value: 0 }]);
  });
});

describe('share and drop-dead', () => {
  it('merge equal nodes and close the gaps', () => {
    const [x, t] = [
      { op: 'input', axes: [f1], name: 'x' } as const,
      { op: 'map', axes: [f1], scalar: 'tanh', args: [0] } as const,
    ];
    const sum = { op: 'map', axes: [f1], scalar: 'add', args: [1, 2] } as const;
    const graph: Graph = {
      name: 't',
      nodes: [x, t, t, { op: 'stop', axes: [f1], arg: 1 }, sum],
      outputs: [{ name: 'y', node: 4, axes: [f1] }],
    };
    expect(share.run(graph).nodes).toEqual([x, t, { ...sum, args: [1, 1] }]);
    expect(dropDead.run(graph).nodes).toEqual([x, t, t, sum]);
    expect(dropDead.run(graph).outputs[0]!.node).toBe(3);
  });
});
