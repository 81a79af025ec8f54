import type { Pass } from '../../pipeline.js';
import type { Graph, Node, NodeId } from '../ir.js';
import { outputNodes, reachable } from '../nodes.js';

function withArguments(node: Node, renumber: (id: NodeId) => NodeId): Node {
  switch (node.op) {
    case 'map':
      return { ...node, args: node.args.map(renumber) };
    case 'contract':
      return { ...node, left: renumber(node.left), right: renumber(node.right) };
    case 'reduce':
    case 'rename':
    case 'stop':
      return { ...node, arg: renumber(node.arg) };
    case 'noise':
      return { ...node, sample: node.sample === null ? null : renumber(node.sample) };
    case 'constant':
    case 'input':
    case 'host':
    case 'dataset':
    case 'index':
      return node;
  }
}

/** Removes the nodes that no output needs and closes the gaps in the numbering. */
export const dropDead: Pass<Graph> = {
  name: 'drop-dead',
  purpose: 'remove what no output needs',
  run: graph => {
    const live = reachable(graph.nodes, outputNodes(graph));
    let next = 0;
    const numbers = live.map(alive => (alive ? next++ : -1));
    const renumber = (id: NodeId) => numbers[id]!;
    return {
      name: graph.name,
      nodes: graph.nodes.filter((_, id) => live[id]).map(node => withArguments(node, renumber)),
      outputs: graph.outputs.map(output => ({ ...output, node: renumber(output.node) })),
    };
  },
};
