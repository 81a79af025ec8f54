import type { Axis, Graph, NodeId } from '../../tensor/ir.js';
import type { ContractNode } from './plan.js';
import { domainLoop, type View } from './view.js';

export interface Factors {
  readonly left: NodeId;
  readonly right: NodeId;
}

/**
 * The factors of a contraction as a matrix product over a kernel's domain: `right` varies along the last domain axis and
 * along no other, `left` does not vary along it. null if it cannot be seen like that.
 */
export function productForm(
  graph: Graph,
  node: ContractNode,
  view: View,
  domain: readonly Axis[],
): Factors | null {
  const column = domainLoop(domain.length - 1);
  if (domain.length === 0 || ![...view.values()].includes(column)) return null;
  const loops = (id: NodeId) =>
    graph.nodes[id]!.axes.filter(axis => !node.over.includes(axis.name)).map(axis => view.get(axis.name)!);
  const isColumn = (id: NodeId) => loops(id).every(loop => loop === column);
  const isRow = (id: NodeId) => !loops(id).includes(column);
  if (isRow(node.left) && isColumn(node.right)) return { left: node.left, right: node.right };
  if (isRow(node.right) && isColumn(node.left)) return { left: node.right, right: node.left };
  return null;
}
