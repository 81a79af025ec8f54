import type { BoundExpr, Expr, UpdateExpr } from '../model/ir.js';

type AnyExpr = Expr | BoundExpr | UpdateExpr;

/**
 * Equal expressions become the same object, so that sharing by reference is sharing by value. One for each check: an
 * interned object must not outlive what its names refer to.
 */
export type Interner = <Node extends AnyExpr>(node: Node) => Node;

export interface ExpressionStore {
  readonly intern: Interner;
  /** Nodes on the longest path from a formula to one of its leaves. */
  readonly depth: () => number;
}

export function makeExpressionStore(): ExpressionStore {
  const ids = new Map<object, number>();
  const known = new Map<string, AnyExpr>();
  const depths = new Map<object, number>();
  let deepest = 0;
  const idOf = (node: object): number => {
    const id = ids.get(node) ?? ids.size;
    ids.set(node, id);
    return id;
  };
  const field = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(field);
    if (typeof value === 'object' && value !== null) return `#${idOf(value)}`;
    // JSON writes -0 as 0 and an infinity as null.
    return typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value)) : value;
  };
  const intern: Interner = node => {
    const key = JSON.stringify(Object.entries(node).map(([name, value]) => [name, field(value)]));
    const same = known.get(key);
    if (same !== undefined) return same as typeof node;
    known.set(key, node);
    const depth = 1 + Math.max(0, ...argumentsOf(node).map(arg => depths.get(arg) ?? 0));
    depths.set(node, depth);
    deepest = Math.max(deepest, depth);
    return node;
  };
  return { intern, depth: () => deepest };
}

const argumentsOf = (node: AnyExpr): readonly object[] =>
  Object.values(node)
    .flat()
    .filter((value: unknown) => typeof value === 'object' && value !== null);
