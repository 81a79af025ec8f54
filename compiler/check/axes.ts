import type { SampleAxis } from '../model/ir.js';
import type { Span } from '../support/source.js';

/**
 * A number that a bound was given as an argument, and may use as a sample axis. It becomes an axis of the objective,
 * once, when a reduction names it; the same binding passed on to another bound is the same axis.
 */
export interface AxisBinding {
  readonly name: string;
  readonly size: number;
  /** The argument. */
  readonly span: Span;
}

/** The sample axes of one objective, outermost declaration first. */
export interface AxisTable {
  /** A binding for this key: the three clauses of an objective bind the same call only once. */
  readonly bind: (key: string, binding: AxisBinding) => AxisBinding;
  /** The axis that `binding` is; from now on one of `used`. */
  readonly use: (binding: AxisBinding) => SampleAxis;
  readonly used: () => readonly SampleAxis[];
  /** The argument that an axis was given by. */
  readonly spanOf: (id: string) => Span | null;
  /** These ids, each once, in the order of the table. */
  readonly join: (ids: readonly string[]) => readonly string[];
}

/** Names that the tensor graph gives to the batch and to features: a sample axis must not be mistaken for one. */
const reservedIds = /^(b|[fc]\d+)$/;

export function makeAxisTable(): AxisTable {
  const bindings = new Map<string, AxisBinding>();
  const axes = new Map<AxisBinding, SampleAxis>();
  const inOrder = () => [...bindings.values()].flatMap(binding => axes.get(binding) ?? []);
  const freshId = (name: string): string => {
    const taken = new Set([...axes.values()].map(axis => axis.id));
    const free = (id: string) => !taken.has(id) && !reservedIds.test(id);
    let id = name;
    for (let count = 2; !free(id); count++) id = `${name}_${count}`;
    return id;
  };
  return {
    bind: (key, binding) => {
      const known = bindings.get(key);
      if (known === undefined) bindings.set(key, binding);
      return known ?? binding;
    },
    use: binding => {
      const known = axes.get(binding);
      if (known !== undefined) return known;
      const axis: SampleAxis = { id: freshId(binding.name), name: binding.name, size: binding.size };
      axes.set(binding, axis);
      return axis;
    },
    used: inOrder,
    spanOf: wanted => [...axes].find(([, { id }]) => id === wanted)?.[0].span ?? null,
    join: ids => {
      const wanted = new Set(ids);
      return inOrder().flatMap(axis => (wanted.has(axis.id) ? [axis.id] : []));
    },
  };
}
