import type { Pass } from '../../pipeline.js';
import { GraphBuilder } from '../build.js';
import type { Graph, Node, NodeId } from '../ir.js';
import { reachable } from '../nodes.js';
import { rebuild } from './rebuild.js';

/**
 * What a forward pass hands to matrix products: functions that vary from row to row and that `value` is computed from.
 * Gradients with respect to them are not among these: next to small weights they are too small for 16 bits.
 */
function activations({ nodes, outputs }: Graph, value: string): ReadonlySet<Node> {
  const roots = outputs.filter(({ name }) => name === value).map(({ node }) => node);
  const forward = reachable(nodes, roots);
  const behind = (id: NodeId): NodeId => {
    const node = nodes[id]!;
    return node.op === 'rename' || node.op === 'stop' ? behind(node.arg) : id;
  };
  const found = new Set<Node>();
  for (const [id, node] of nodes.entries()) {
    if (node.op !== 'contract' || !forward[id]) continue;
    for (const factor of [node.left, node.right].map(behind)) {
      const source = nodes[factor]!;
      if (source.op === 'map' && source.axes.some(axis => axis.kind !== 'feature')) found.add(source);
    }
  }
  return found;
}

/**
 * Mixed precision: rounds activations to 16 bits for everything that reads them, so that they can be stored so, and the
 * pass backward sees the same numbers as the one forward. Sums and parameters keep their 32 bits. It runs behind the last
 * derivative, because that of a rounding is zero. Micikevicius et al. (2018), https://arxiv.org/abs/1710.03740
 */
export const roundActivations = (value: string): Pass<Graph> => ({
  name: 'round-activations',
  purpose: 'let activations be stored in 16 bits',
  run: graph => {
    const chosen = activations(graph, value);
    const builder = new GraphBuilder(graph.name);
    return rebuild(graph, builder, (node, args) =>
      node.op === 'map' && chosen.has(node)
        ? builder.map('half_precision', [builder.map(node.scalar, args)])
        : null,
    );
  },
});
