import type { Kernel, KernelBuffer, KernelSequence, RowsKernel, Scalar, Store } from './ir.js';
import { kernelBuffers, kernelRoots, scalarArguments, scalarsOf } from './scalar.js';

export interface MemoryPlan {
  readonly sequence: KernelSequence;
  /** Bytes of all slots together: the most that temporary arrays occupy. */
  readonly peakBytes: number;
  /** Bytes of the temporary arrays if each had memory of its own. */
  readonly unsharedBytes: number;
}

interface Lifetime {
  readonly buffer: KernelBuffer;
  /** Positions of the first and last launch that touch it, both included: what a launch reads and writes never shares. */
  readonly from: number;
  readonly to: number;
}

interface Slot {
  readonly lifetimes: Lifetime[];
  /** Of its largest tenant, which is its first. */
  readonly length: number;
}

/**
 * Lays temporary arrays whose lifetimes do not overlap into the same slots, largest first, so that a slot never has to
 * grow. A slot is a buffer `${prefix}${number}`.
 */
export function planMemory(
  sequence: KernelSequence,
  isTemporary: (name: string) => boolean,
  prefix: string,
): MemoryPlan {
  const lifetimes = lifetimesOf(sequence, isTemporary);
  const slots: Slot[] = [];
  for (const lifetime of lifetimes.toSorted((a, b) => b.buffer.length - a.buffer.length || a.from - b.from)) {
    const free = slots.find(slot => slot.lifetimes.every(other => !overlap(other, lifetime)));
    if (free) free.lifetimes.push(lifetime);
    else slots.push({ lifetimes: [lifetime], length: lifetime.buffer.length });
  }
  const slotNames = new Map(
    slots.flatMap((slot, i) => slot.lifetimes.map(({ buffer }) => [buffer.name, `${prefix}${i}`] as const)),
  );
  const rename = (name: string) => slotNames.get(name) ?? name;
  const slotBuffers = slots.map(
    ({ length }, i): KernelBuffer => ({ name: `${prefix}${i}`, element: 'f32', length, slotted: false }),
  );
  const bytesOf = (buffers: readonly KernelBuffer[]) =>
    buffers.reduce((sum, { length }) => sum + 4 * length, 0);
  return {
    sequence: {
      name: sequence.name,
      kernels: sequence.kernels.map(kernel => renameBuffers(kernel, rename)),
      buffers: [...sequence.buffers.filter(({ name }) => !isTemporary(name)), ...slotBuffers],
    },
    peakBytes: bytesOf(slotBuffers),
    unsharedBytes: bytesOf(lifetimes.map(({ buffer }) => buffer)),
  };
}

const overlap = (a: Lifetime, b: Lifetime): boolean => a.from <= b.to && b.from <= a.to;

function lifetimesOf(sequence: KernelSequence, isTemporary: (name: string) => boolean): readonly Lifetime[] {
  const touched = sequence.kernels.map(kernel => {
    if (kernel.kind === 'rows') return new Set([kernel.buffer]);
    const { read, written } = kernelBuffers(kernel);
    return new Set([...read, ...written]);
  });
  return sequence.buffers
    .filter(({ name }) => isTemporary(name))
    .map(buffer => ({
      buffer,
      from: touched.findIndex(names => names.has(buffer.name)),
      to: touched.findLastIndex(names => names.has(buffer.name)),
    }))
    .filter(({ from }) => from >= 0);
}

function renameBuffers(kernel: Kernel | RowsKernel, rename: (name: string) => string): Kernel | RowsKernel {
  if (kernel.kind === 'rows') return { ...kernel, buffer: rename(kernel.buffer) };
  const renamed = new Map<Scalar, Scalar>();
  for (const scalar of scalarsOf(kernelRoots(kernel)))
    renamed.set(scalar, renameScalar(scalar, rename, renamed));
  const of = (scalar: Scalar) => renamed.get(scalar)!;
  return {
    ...kernel,
    reductions: kernel.reductions.map(reduction =>
      reduction.kind === 'fold'
        ? { ...reduction, body: of(reduction.body) }
        : { ...reduction, left: of(reduction.left), right: of(reduction.right) },
    ),
    stores: kernel.stores.map(
      (store): Store => ({ ...store, buffer: rename(store.buffer), value: of(store.value) }),
    ),
  };
}

function renameScalar(
  scalar: Scalar,
  rename: (name: string) => string,
  renamed: ReadonlyMap<Scalar, Scalar>,
): Scalar {
  switch (scalar.kind) {
    case 'load':
      return { ...scalar, buffer: rename(scalar.buffer) };
    case 'apply':
      return { ...scalar, args: scalarArguments(scalar).map(arg => renamed.get(arg)!) };
    default:
      return scalar;
  }
}
