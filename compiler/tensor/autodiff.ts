import type { Algebra } from '../scalar/algebra.js';
import { scalars } from '../scalar/registry.js';
import { invariant } from '../support/bug.js';
import { axesWithout, axisNames, hasAxis } from './axes.js';
import type { GraphBuilder } from './build.js';
import type { Axis, Node, NodeId } from './ir.js';
import { nodeArguments } from './nodes.js';

/*
 * Reverse mode. The cotangent of a node y is ∂objective/∂y, with y's axes or fewer: an axis that it lacks is one along
 * which it is constant, so what does not depend on a sample axis is never expanded along it.
 */

type NodeOf<Op extends Node['op']> = Extract<Node, { op: Op }>;

/** One contribution to the cotangent of an argument. */
type Contribution = readonly [argument: NodeId, cotangent: NodeId];

/** Contributions of `cotangent`, that of node `id`, to its arguments' cotangents; only for those that `isActive`. */
type VjpRule<Op extends Node['op']> = (
  builder: GraphBuilder,
  node: NodeOf<Op>,
  id: NodeId,
  cotangent: NodeId,
  isActive: (argument: NodeId) => boolean,
) => readonly Contribution[];

/** Axes of `outer` that `inner` lacks: those along which `inner` was broadcast. */
const broadcastAxes = (outer: readonly Axis[], inner: readonly Axis[]) =>
  axesWithout(outer, axisNames(inner));

/** Σ over `over` of cotangent · partial, with the products that are no work left out. */
function weighted(builder: GraphBuilder, cotangent: NodeId, partial: NodeId, over: readonly Axis[]): NodeId {
  const factor = builder.constantValue(partial);
  if (factor === 1) return builder.reduce('sum', cotangent, over);
  if (factor === -1) return builder.apply('negate', builder.reduce('sum', cotangent, over));
  return builder.sumProduct(cotangent, partial, over);
}

const mapRule: VjpRule<'map'> = (builder, node, id, cotangent, isActive) => {
  const algebra: Algebra<NodeId> = builder;
  const partials = scalars[node.scalar].derivative(algebra, node.args, id);
  return node.args.flatMap((argument, i) => {
    const partial = partials[i];
    if (partial === null || partial === undefined || !isActive(argument)) return [];
    const over = broadcastAxes(node.axes, builder.axesOf(argument));
    return [[argument, weighted(builder, cotangent, partial, over)] as const];
  });
};

/** y = Σ l r: the cotangent of l is Σ over r's other axes of ȳ r, and the same the other way round. */
const contractRule: VjpRule<'contract'> = (builder, node, _id, cotangent, isActive) => {
  const pairs = [
    [node.left, node.right],
    [node.right, node.left],
  ] as const;
  return pairs
    .filter(([argument]) => isActive(argument))
    .map(([argument, other]) => {
      const over = broadcastAxes(builder.axesOf(other), builder.axesOf(argument));
      return [argument, builder.sumProduct(cotangent, other, over)] as const;
    });
};

/** A sum passes the cotangent on. A maximum gives each of its ties the same share: [x = y] / (number of ties) · ȳ. */
const reduceRule: VjpRule<'reduce'> = (builder, node, id, cotangent) => {
  if (node.combine === 'sum') return [[node.arg, cotangent]];
  const over = builder.axesOf(node.arg).filter(axis => node.over.includes(axis.name));
  const isLargest = builder.apply('equal', node.arg, id);
  const share = builder.apply('divide', cotangent, builder.reduce('sum', isLargest, over));
  return [[node.arg, builder.apply('multiply', isLargest, share)]];
};

const renameRule: VjpRule<'rename'> = (builder, node, _id, cotangent) => [
  [node.arg, builder.rename(cotangent, node.to, node.from)],
];

/** null: no derivative passes. */
const vjpRules: { readonly [Op in Node['op']]: VjpRule<Op> | null } = {
  constant: null,
  input: null,
  host: null,
  dataset: null,
  noise: null,
  index: null,
  map: mapRule,
  contract: contractRule,
  reduce: reduceRule,
  rename: renameRule,
  stop: null,
};

function contributions<Op extends Node['op']>(
  builder: GraphBuilder,
  node: NodeOf<Op>,
  id: NodeId,
  cotangent: NodeId,
  isActive: (argument: NodeId) => boolean,
): readonly Contribution[] {
  const rule: VjpRule<Op> | null = vjpRules[node.op as Op];
  return rule === null ? [] : rule(builder, node, id, cotangent, isActive);
}

/** By id, whether a node is one of `wanted` or depends on one by a path that derivatives pass. */
function activity(builder: GraphBuilder, last: NodeId, wanted: ReadonlySet<NodeId>): readonly boolean[] {
  const active: boolean[] = [];
  for (let id = 0; id <= last; id++) {
    const node = builder.node(id);
    const passes = vjpRules[node.op] !== null && nodeArguments(node).some(argument => active[argument]);
    active.push(passes || wanted.has(id));
  }
  return active;
}

/**
 * Adds to `builder` the nodes of ∂objective/∂input for each name in `withRespectTo`, and returns them in that order. The
 * objective has no axes. A gradient has its input's axes or fewer (constant along those it lacks); that of an input the
 * objective does not reach is the constant 0.
 */
export function gradient(
  builder: GraphBuilder,
  objective: NodeId,
  withRespectTo: readonly string[],
): readonly NodeId[] {
  const inputs = new Map<string, NodeId>();
  for (let id = 0; id <= objective; id++) {
    const node = builder.node(id);
    if (node.op === 'input') inputs.set(node.name, id);
  }
  const nodes = withRespectTo.flatMap(name => inputs.get(name) ?? []);
  const found = gradientAt(builder, objective, nodes);
  return withRespectTo.map(name => found.get(inputs.get(name) ?? -1) ?? builder.constant(0));
}

/** The same for nodes of the graph, none behind another, by node; those that the objective does not reach are left out. */
export function gradientAt(
  builder: GraphBuilder,
  objective: NodeId,
  nodes: readonly NodeId[],
): ReadonlyMap<NodeId, NodeId> {
  invariant(builder.axesOf(objective).length === 0, 'an objective has no axes');
  const wanted = new Set(nodes);
  const active = activity(builder, objective, wanted);
  const isActive = (id: NodeId) => active[id] === true;
  const cotangents = new Map<NodeId, NodeId>([[objective, builder.constant(1)]]);
  const found = new Map<NodeId, NodeId>();
  for (let id = objective; id >= 0; id--) {
    const cotangent = cotangents.get(id);
    if (cotangent === undefined || !isActive(id)) continue;
    const node = builder.node(id);
    if (wanted.has(id)) {
      found.set(id, cotangent);
      continue;
    }
    for (const [argument, contribution] of contributions(builder, node, id, cotangent, isActive)) {
      const before = cotangents.get(argument);
      cotangents.set(
        argument,
        before === undefined ? contribution : builder.apply('add', before, contribution),
      );
    }
    invariant(
      builder.axesOf(cotangent).every(axis => hasAxis(node.axes, axis.name)),
      () => `the cotangent of %${id} has axes that %${id} lacks`,
    );
  }
  return found;
}
