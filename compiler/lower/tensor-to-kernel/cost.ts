import { scalars } from '../../scalar/registry.js';
import type { Axis, Graph, NodeId } from '../../tensor/ir.js';

/** A reduction in an expression, its axes under the names that the expression's root knows them by. */
export interface InnerReduction {
  readonly node: NodeId;
  readonly axes: readonly string[];
}

/** What computing one element of a node anew would take, if stored nodes are loaded and reductions are too. */
export interface Cost {
  /** Distinct arrays loaded: inputs, data sets, stored nodes, reductions. */
  readonly loads: ReadonlySet<NodeId>;
  readonly transcendental: boolean;
  readonly noise: boolean;
  /** Reductions in the expression that are not stored, outermost ones only. */
  readonly reductions: readonly InnerReduction[];
}

const nothing: Cost = { loads: new Set(), transcendental: false, noise: false, reductions: [] };

/** Costs of a graph's nodes, given the nodes that are stored. */
export interface Costs {
  /** Of computing the node, though it may be stored. */
  readonly own: (node: NodeId) => Cost;
  /** Of having its value: a load, if it is stored or a reduction. */
  readonly asArgument: (node: NodeId) => Cost;
}

export function costs(graph: Graph, isStored: (node: NodeId) => boolean): Costs {
  const known = new Map<NodeId, Cost>();
  const asArgument = (id: NodeId): Cost => {
    if (isStored(id)) return { ...nothing, loads: new Set([id]) };
    const node = graph.nodes[id]!;
    if (node.op === 'reduce' || node.op === 'contract') {
      const axes = node.axes.map(axis => axis.name);
      return { ...nothing, loads: new Set([id]), reductions: [{ node: id, axes }] };
    }
    return own(id);
  };
  const own = (id: NodeId): Cost => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const cost = compute(id);
    known.set(id, cost);
    return cost;
  };
  const compute = (id: NodeId): Cost => {
    const node = graph.nodes[id]!;
    switch (node.op) {
      case 'input':
      case 'dataset':
        return { ...nothing, loads: new Set([id]) };
      case 'noise':
        return { ...(node.sample === null ? nothing : asArgument(node.sample)), noise: true };
      case 'stop':
        return asArgument(node.arg);
      case 'rename': {
        const cost = asArgument(node.arg);
        const renamed = (name: string) => (name === node.from ? node.to : name);
        return {
          ...cost,
          reductions: cost.reductions.map(({ node, axes }) => ({ node, axes: axes.map(renamed) })),
        };
      }
      case 'map':
        return together(node.args.map(asArgument), scalars[node.scalar].cost === 'transcendental');
      default:
        return nothing;
    }
  };
  return { own, asArgument };
}

function together(args: readonly Cost[], transcendental: boolean): Cost {
  const reductions = new Map<string, InnerReduction>();
  for (const reduction of args.flatMap(arg => arg.reductions)) {
    reductions.set(`${reduction.node} ${reduction.axes.join(' ')}`, reduction);
  }
  return {
    loads: new Set(args.flatMap(arg => [...arg.loads])),
    transcendental: transcendental || args.some(arg => arg.transcendental),
    noise: args.some(arg => arg.noise),
    reductions: [...reductions.values()],
  };
}

export const sameNames = (a: readonly string[], axes: readonly Axis[]): boolean =>
  a.length === axes.length && axes.every(axis => a.includes(axis.name));
