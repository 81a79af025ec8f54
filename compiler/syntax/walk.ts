import type { Span } from '../support/source.js';

/** Any node of the tree, seen without its type. */
export interface AnyNode {
  readonly span: Span;
  readonly kind?: unknown;
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'span' in value;

/** The fields of a node that hold nodes, each with its nodes, in order. */
export function childFields(
  node: AnyNode,
): readonly (readonly [field: string, children: readonly AnyNode[]])[] {
  return Object.entries(node).flatMap(([field, value]): [string, AnyNode[]][] => {
    const nodes = (Array.isArray(value) ? value : [value]).filter(isNode);
    return nodes.length === 0 ? [] : [[field, nodes]];
  });
}

export const childrenOf = (node: AnyNode): readonly AnyNode[] =>
  childFields(node).flatMap(([, nodes]) => nodes);

const expressionKinds: ReadonlySet<unknown> = new Set([
  'number',
  'name',
  'list',
  'data-reference',
  'unary',
  'binary',
  'call',
  'index',
  'fold',
  'hole',
]);

/** The first node at which more than `limit` expressions stand in one another, or null. Does not recurse. */
export function tooDeep(root: AnyNode, limit: number): AnyNode | null {
  const pending: { readonly node: AnyNode; readonly depth: number }[] = [{ node: root, depth: 0 }];
  for (let top = pending.pop(); top; top = pending.pop()) {
    const depth = top.depth + (expressionKinds.has(top.node.kind) ? 1 : 0);
    if (depth > limit) return top.node;
    for (const node of childrenOf(top.node)) pending.push({ node, depth });
  }
  return null;
}
