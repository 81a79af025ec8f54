import { scalars } from '../../scalar/registry.js';
import type { Graph, Node, NodeId } from '../../tensor/ir.js';
import { nodeArguments } from '../../tensor/nodes.js';

/** Nodes that are stored whatever reads them, and why. */
export const forcedNodes = (graph: Graph): Map<NodeId, string> =>
  new Map([
    ...choicesOf(graph).map(id => [id, 'stored: it is the number of the sample that was chosen'] as const),
    ...comparedForEquality(graph).map(id => [id, 'stored: it is compared for equality'] as const),
    ...completeBeforeReader(graph).map(
      id =>
        [id, 'stored: it is complete where its product is computed, before its reader can start'] as const,
    ),
  ]);

const behindRename = (graph: Graph, id: NodeId): NodeId => {
  const node = graph.nodes[id]!;
  return node.op === 'rename' || node.op === 'stop' ? behindRename(graph, node.arg) : id;
};

/**
 * What is compared for equality (a maximum with what it was taken of, a sample's weight with the others in its rank) is
 * stored, so that each reader sees the same bits: a device may fuse a multiplication and an addition in one kernel and not
 * in another, and then a value would not even equal itself.
 */
const comparedForEquality = (graph: Graph): readonly NodeId[] =>
  graph.nodes
    .flatMap(node => (node.op === 'map' && node.scalar === 'equal' ? node.args : []))
    .map(id => behindRename(graph, id));

/** All that reads noise of a chosen sample must agree on which it is. */
const choicesOf = (graph: Graph): readonly NodeId[] =>
  graph.nodes
    .flatMap(node => (node.op === 'noise' && node.sample !== null ? [node.sample] : []))
    .map(id => behindRename(graph, id));

/**
 * x − sigmoid(logits) waits for the importance weights, which wait for a reduction of the same logits. It is stored in the
 * logits' place: its costly part is computed beside theirs, while they are in registers, and what is left for the reader
 * is cheap enough to be a factor of its products.
 */
function completeBeforeReader(graph: Graph): readonly NodeId[] {
  const { nodes } = graph;
  const levels = reductionLevels(nodes);
  const costly = costlySinceProduct(graph);
  return nodes.flatMap((node, id) => {
    if (node.op !== 'map') return [];
    return node.args.filter(
      arg => costly[arg] && levels[arg]! < levels[id]! && nodes[arg]!.axes.length === node.axes.length,
    );
  });
}

/** How many reductions lie behind each node, one behind another. */
function reductionLevels(nodes: readonly Node[]): readonly number[] {
  const levels: number[] = [];
  for (const node of nodes) {
    const below = Math.max(0, ...nodeArguments(node).map(arg => levels[arg]!));
    levels.push(node.op === 'contract' || node.op === 'reduce' ? below + 1 : below);
  }
  return levels;
}

/** Elementwise expressions of a matrix product that hold a costly function, other than factors of the next product. */
function costlySinceProduct(graph: Graph): readonly boolean[] {
  const { nodes } = graph;
  const factors = new Set(
    nodes
      .flatMap(node => (node.op === 'contract' ? nodeArguments(node) : []))
      .map(id => behindRename(graph, id)),
  );
  const fromProduct: boolean[] = [];
  const costly: boolean[] = [];
  for (const [id, node] of nodes.entries()) {
    const args = node.op === 'map' ? node.args.filter(arg => !factors.has(arg)) : [];
    const carried = args.filter(arg => fromProduct[arg] && nodes[arg]!.axes.length === node.axes.length);
    fromProduct[id] = node.op === 'contract' || carried.length > 0;
    const isFunction = node.op === 'map' && scalars[node.scalar].cost === 'transcendental';
    costly[id] = carried.length > 0 && (isFunction || carried.some(arg => costly[arg]));
  }
  return costly;
}
