import { GraphBuilder } from '../tensor/build.js';
import { type Bindings, evaluate } from '../tensor/eval.js';
import type { Graph, NodeId } from '../tensor/ir.js';
import { copyInto, rebuild } from '../tensor/passes/rebuild.js';

/**
 * The graph as its derivative sees it: every `stop` is an array that stays what it is under these bindings. The result's
 * inputs are those of `graph` and `inputs`.
 */
export function freezeStops(
  graph: Graph,
  bindings: Bindings,
): { readonly graph: Graph; readonly inputs: Readonly<Record<string, Float64Array>> } {
  const nameOf = (position: number) => `stopped.${position}`;
  const stopped: NodeId[] = [];
  const builder = new GraphBuilder(graph.name);
  copyInto(graph, builder, (node, [arg]) => {
    if (node.op === 'stop') stopped.push(arg!);
    return null;
  });
  for (const [position, node] of stopped.entries())
    builder.output(nameOf(position), node, builder.axesOf(node));
  const inputs = Object.fromEntries(evaluate(builder.build(), bindings));
  let position = 0;
  const frozenBuilder = new GraphBuilder(graph.name);
  const frozen = rebuild(graph, frozenBuilder, (node, [arg]) =>
    // The argument may have lost axes along which it is constant, here as above.
    node.op === 'stop' ? frozenBuilder.input(nameOf(position++), frozenBuilder.axesOf(arg!)) : null,
  );
  return { graph: frozen, inputs };
}
