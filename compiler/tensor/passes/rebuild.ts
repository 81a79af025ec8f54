import { hasAxis } from '../axes.js';
import { GraphBuilder } from '../build.js';
import type { Axis, Graph, Node, NodeId } from '../ir.js';
import { nodeArguments, outputNodes, reachable } from '../nodes.js';

/**
 * The same operation in `builder`, on `args`, which stand for the node's arguments and may have fewer axes than these
 * (constant along those that went).
 */
function rebuildNode(
  builder: GraphBuilder,
  node: Node,
  args: readonly NodeId[],
  argumentAxes: readonly (readonly Axis[])[],
): NodeId {
  const summed = (names: readonly string[]) => argumentAxes[0]!.filter(axis => names.includes(axis.name));
  switch (node.op) {
    case 'constant':
      return builder.constant(node.value);
    case 'input':
      return builder.input(node.name, node.axes);
    case 'host':
      return builder.host(node.value);
    case 'dataset':
      return builder.dataset(node.name, node.axes);
    case 'noise':
      return builder.noise(node.law, node.stream, node.clock, node.axes, args[0]);
    case 'index':
      return builder.index(node.axes[0]!);
    case 'map':
      return builder.map(node.scalar, args);
    case 'contract': {
      const [left, right] = [args[0]!, args[1]!];
      const complete = args.every(arg => node.over.every(name => hasAxis(builder.axesOf(arg), name)));
      return complete
        ? builder.contract(left, right, summed(node.over))
        : builder.sumProduct(left, right, summed(node.over));
    }
    case 'reduce':
      return builder.reduce(node.combine, args[0]!, summed(node.over));
    case 'rename':
      return builder.rename(args[0]!, node.from, node.to);
    case 'stop':
      return builder.stop(args[0]!);
  }
}

/** Replaces a node by another, given what its arguments have become; null keeps it. */
export type Replacement = (node: Node, args: readonly NodeId[]) => NodeId | null;

/** Makes the part of `graph` that its outputs need in `builder`, and returns what each node has become there. */
export function copyInto(
  graph: Graph,
  builder: GraphBuilder,
  replace: Replacement = () => null,
): ReadonlyMap<NodeId, NodeId> {
  const live = reachable(graph.nodes, outputNodes(graph));
  const become = new Map<NodeId, NodeId>();
  graph.nodes.forEach((node, id) => {
    if (!live[id]) return;
    const oldArgs = nodeArguments(node);
    const args = oldArgs.map(arg => become.get(arg)!);
    const axes = oldArgs.map(arg => graph.nodes[arg]!.axes);
    become.set(id, replace(node, args) ?? rebuildNode(builder, node, args, axes));
  });
  return become;
}

/** `graph` made anew in `builder`, an empty one. */
export function rebuild(graph: Graph, builder: GraphBuilder, replace?: Replacement): Graph {
  const become = copyInto(graph, builder, replace);
  for (const output of graph.outputs) builder.output(output.name, become.get(output.node)!, output.axes);
  return builder.build();
}

/**
 * A builder that holds `graph`, for adding to it, and the node of each output by name. The outputs themselves are not
 * declared: the caller says which to keep.
 */
export function builderOf(graph: Graph): {
  readonly builder: GraphBuilder;
  readonly outputs: ReadonlyMap<string, NodeId>;
} {
  const builder = new GraphBuilder(graph.name);
  const become = copyInto(graph, builder);
  return { builder, outputs: new Map(graph.outputs.map(output => [output.name, become.get(output.node)!])) };
}
