import { maxBuffers } from '../../kernel/verify.js';
import type { NodeId } from '../../tensor/ir.js';
import { nodeArguments } from '../../tensor/nodes.js';
import { arrayOf, type BuildContext } from './build.js';
import type { Root } from './plan.js';

/**
 * The part of a kernel that loads the most arrays and still fits a kernel of its own: stored first, it leaves its reader
 * one array to load in place of many. null if there is none.
 */
export function costliestPart(context: BuildContext, root: Root): NodeId | null {
  const known = new Map<NodeId, ReadonlySet<string>>();
  const below = (id: NodeId): ReadonlySet<string> => {
    const found = known.get(id) ?? buffersBelow(context, root, id, below);
    known.set(id, found);
    return found;
  };
  below(root.node);
  const isRootItself = (id: NodeId) => id === root.node && root.partial === null;
  const parts = [...known]
    .filter(([id, buffers]) => !isRootItself(id) && buffers.size > 1 && buffers.size < maxBuffers)
    .toSorted(([a, x], [b, y]) => y.size - x.size || b - a);
  return parts[0]?.[0] ?? null;
}

function buffersBelow(
  context: BuildContext,
  root: Root,
  id: NodeId,
  below: (id: NodeId) => ReadonlySet<string>,
): ReadonlySet<string> {
  const { graph, options, plan } = context;
  const node = graph.nodes[id]!;
  const stored = plan.rootOf.get(id);
  if (stored !== undefined && stored !== root) return new Set([arrayOf(context, stored).buffer]);
  if (node.op === 'input') return new Set([options.inputs[node.name]!.buffer]);
  if (node.op === 'dataset') return new Set([options.datasets[node.name]!.buffer, options.rows.buffer]);
  const partial = plan.partialOf.get(id);
  if (partial !== undefined) return new Set([arrayOf(context, partial).buffer]);
  const rows = node.op === 'noise' && node.axes[0]?.kind === 'datum' ? [options.rows.buffer] : [];
  return new Set([...rows, ...nodeArguments(node).flatMap(arg => [...below(arg)])]);
}
