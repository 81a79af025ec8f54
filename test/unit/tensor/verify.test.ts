import { describe, expect, it } from 'vitest';
import { CompilerBug } from '../../../compiler/support/bug.js';
import { GraphBuilder } from '../../../compiler/tensor/build.js';
import type { Graph, Node } from '../../../compiler/tensor/ir.js';
import { printGraph } from '../../../compiler/tensor/print.js';
import { verifyGraph } from '../../../compiler/tensor/verify.js';
import { b, c0, f0, k } from './axes-fixture.js';

/** One node of each operation. */
function everything(): Graph {
  const g = new GraphBuilder('all');
  const x = g.rename(g.dataset('x', [b, { ...f0, size: c0.size }]), 'f0', 'c0');
  const y = g.contract(x, g.input('w', [c0, f0]), [c0]);
  const z = g.apply('add', y, g.apply('multiply', g.noise('normal', 'q.z', 'model', [b, k, f0]), g.index(k)));
  const chosen = g.noise('normal', 'q.z', 'model', [b, f0], g.reduce('max', z, [k, f0]));
  const rate = g.host({
    kind: 'scalar',
    op: 'power',
    args: [
      { kind: 'constant', value: 0.9 },
      { kind: 'clock', clock: 'step' },
    ],
  });
  const scaled = g.apply('multiply', g.stop(z), rate);
  g.output('y', g.reduce('max', scaled, [f0]));
  g.output('one', g.constant(1), [b]);
  g.output('chosen', chosen);
  return g.build();
}

describe('printGraph', () => {
  it('prints a node a line, with axes and sizes', () => {
    expect(printGraph(everything())).toBe(`graph all
  %0 [b:2 f0:4] dataset x
  %1 [b:2 c0:4] rename %0 f0 -> c0
  %2 [c0:4 f0:5] input w
  %3 [b:2 f0:5] contract %1 %2 over c0
  %4 [b:2 k:3 f0:5] noise normal q.z (model clock)
  %5 [k:3] index k
  %6 [b:2 k:3 f0:5] multiply %4 %5
  %7 [b:2 k:3 f0:5] add %3 %6
  %8 [b:2] max %7 over k f0
  %9 [b:2 f0:5] noise normal q.z (model clock) of sample %8
  %10 [] host power(0.9, step)
  %11 [b:2 k:3 f0:5] stop %7
  %12 [b:2 k:3 f0:5] multiply %11 %10
  %13 [b:2 k:3] max %12 over f0
  %14 [] 1
  output y [b:2 k:3] = %13
  output one [b:2] = %14
  output chosen [b:2 f0:5] = %9
`);
  });
});

describe('verifyGraph', () => {
  const valid = everything();
  const withNode = (id: number, change: Partial<Node>): Graph => ({
    ...valid,
    nodes: valid.nodes.map((node, i) => (i === id ? ({ ...node, ...change } as Node) : node)),
  });
  const find = (op: Node['op']) => valid.nodes.findIndex(node => node.op === op);

  it('accepts what the builder makes', () => {
    expect(() => verifyGraph(valid)).not.toThrow();
  });

  it.each<[string, () => Graph]>([
    [
      'an argument that comes later',
      () => withNode(find('stop'), { arg: valid.nodes.length - 1 } as Partial<Node>),
    ],
    ['axes that are not the arguments’', () => withNode(find('stop'), { axes: [b] })],
    [
      'a reduction over an axis that is not there',
      () => withNode(find('reduce'), { over: ['q'] } as Partial<Node>),
    ],
    ['a reduction over nothing', () => withNode(find('reduce'), { over: [] } as Partial<Node>)],
    ['a wrong number of arguments', () => withNode(find('map'), { args: [0] } as Partial<Node>)],
    [
      'an unknown scalar operation',
      () => withNode(find('map'), { scalar: 'toString' } as unknown as Partial<Node>),
    ],
    ['a rename of an axis that is not there', () => withNode(find('rename'), { from: 'q' } as Partial<Node>)],
    [
      'a constant that is not finite',
      () => withNode(find('constant'), { value: Number.NaN } as Partial<Node>),
    ],
    ['noise of one sample with a sample axis', () => withNode(find('noise'), { sample: 0 } as Partial<Node>)],
    [
      'a sample number for each feature',
      () =>
        withNode(
          valid.nodes.findLastIndex(({ op }) => op === 'noise'),
          { sample: 3 } as Partial<Node>,
        ),
    ],
    ['an axis of size 0', () => withNode(find('input'), { axes: [{ ...f0, size: 0 }] })],
    ['a data set without a datum axis', () => withNode(find('dataset'), { axes: [f0] })],
    [
      'two layouts of one input',
      () => ({ ...valid, nodes: [...valid.nodes, { op: 'input', name: 'w', axes: [f0] }] }),
    ],
    ['an output of no node', () => ({ ...valid, outputs: [{ name: 'q', node: 99, axes: [] }] })],
    [
      'an output without an axis of its node',
      () => ({ ...valid, outputs: [{ name: 'q', node: find('stop'), axes: [b] }] }),
    ],
    ['two outputs of one name', () => ({ ...valid, outputs: [...valid.outputs, ...valid.outputs] })],
  ])('refuses %s, with the graph’s text', (_what, broken) => {
    const graph = broken();
    try {
      verifyGraph(graph);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CompilerBug);
      expect((error as CompilerBug).dump).toContain('graph all');
    }
  });
});
