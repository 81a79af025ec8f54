import type { Axis, Graph, Node, NodeId } from './ir.js';
import { nodeArguments } from './nodes.js';
import { operationText, printGraph, printNode } from './print.js';

/** A node as a picture of the graph needs it. */
export interface MappedNode {
  readonly op: Node['op'];
  /** What it computes, without its arguments: `tanh`, `contract over c0`. */
  readonly operation: string;
  readonly axes: readonly Axis[];
  /** Positions in the map's `nodes`, in order. */
  readonly arguments: readonly NodeId[];
  /** Its line in the graph's text. */
  readonly line: string;
}

/** One of an entry's graphs, for people to look at. */
export interface GraphMap {
  /** The entry, which may run several graphs one after the other; of an earlier stage's training step `train_step.0`. */
  readonly entry: string;
  readonly name: string;
  /** Each behind its arguments. */
  readonly nodes: readonly MappedNode[];
  readonly outputs: readonly { readonly name: string; readonly node: NodeId }[];
  readonly text: string;
}

export const graphMapOf = (entry: string, graph: Graph): GraphMap => ({
  entry,
  name: graph.name,
  nodes: graph.nodes.map((node, id) => ({
    op: node.op,
    operation: operationText(node, () => null),
    axes: node.axes,
    arguments: nodeArguments(node),
    line: printNode(node, id),
  })),
  outputs: graph.outputs.map(({ name, node }) => ({ name, node })),
  text: printGraph(graph),
});
