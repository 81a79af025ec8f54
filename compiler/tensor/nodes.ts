import type { Graph, Node, NodeId } from './ir.js';

/** The nodes that a node is computed from, in order. */
export function nodeArguments(node: Node): readonly NodeId[] {
  switch (node.op) {
    case 'map':
      return node.args;
    case 'contract':
      return [node.left, node.right];
    case 'reduce':
    case 'rename':
    case 'stop':
      return [node.arg];
    case 'noise':
      return node.sample === null ? [] : [node.sample];
    case 'constant':
    case 'input':
    case 'host':
    case 'dataset':
    case 'index':
      return [];
  }
}

/** Which nodes the roots need, by id. */
export function reachable(nodes: readonly Node[], roots: readonly NodeId[]): readonly boolean[] {
  const live = new Array<boolean>(nodes.length).fill(false);
  for (const root of roots) live[root] = true;
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (live[id]) for (const argument of nodeArguments(nodes[id]!)) live[argument] = true;
  }
  return live;
}

export const outputNodes = (graph: Graph): readonly NodeId[] => graph.outputs.map(output => output.node);
