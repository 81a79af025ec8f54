import type { Graph, HostScalar, NodeId } from '../../tensor/ir.js';

/** Frame scalars of an entry: equal formulas share a slot. */
export class HostTable {
  readonly #slots = new Map<string, number>();
  readonly #scalars: HostScalar[] = [];

  get scalars(): readonly HostScalar[] {
    return this.#scalars;
  }

  slotOf(value: HostScalar): number {
    const key = JSON.stringify(value);
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = this.#scalars.push(value) - 1;
    this.#slots.set(key, slot);
    return slot;
  }
}

/**
 * The formula of every node that depends on nothing but the run's clocks: such nodes are evaluated by the host, in f64,
 * whole.
 */
export function hostScalars(graph: Graph): ReadonlyMap<NodeId, HostScalar> {
  const known = new Map<NodeId, HostScalar>();
  graph.nodes.forEach((node, id) => {
    if (node.op === 'constant') known.set(id, { kind: 'constant', value: node.value });
    else if (node.op === 'host') known.set(id, node.value);
    else if (node.op === 'stop') {
      const arg = known.get(node.arg);
      if (arg !== undefined) known.set(id, arg);
    } else if (node.op === 'map') {
      const args = node.args.map(arg => known.get(arg));
      if (args.every(arg => arg !== undefined)) known.set(id, { kind: 'scalar', op: node.scalar, args });
    }
  });
  return known;
}
