import { type BufferElement, elementBytes } from '../support/element.js';
import { type Dispatch, stagesOf } from './dispatch.js';
import type { KernelBuffer, KernelSequence } from './ir.js';
import { kernelArrays } from './scalar.js';

export interface MemoryPlan {
  /** Temporary arrays have their place; those that no kernel touches are gone. */
  readonly sequence: KernelSequence;
  /** The most that temporary arrays occupy. */
  readonly peakBytes: number;
  /** Bytes of the temporary arrays if each had memory of its own. */
  readonly unsharedBytes: number;
}

/** First and last position, both included. */
type Interval = readonly [number, number];

interface Lifetime {
  readonly buffer: KernelBuffer;
  /** In kernels, for devices that run them one by one, and in dispatches, for those that run all of one at once. */
  readonly kernels: Interval;
  readonly dispatches: Interval;
}

interface Placed extends Lifetime {
  readonly offset: number;
}

/** Arrays start at multiples of this many elements: a cache line, and whatever a vector load asks for. */
const alignment = 16;
const align = (elements: number) => Math.ceil(elements / alignment) * alignment;

/**
 * Lays temporary arrays into one buffer for each type of element, largest first, each at the lowest offset where nothing lies that is alive
 * at the same time. What one kernel, or one dispatch, touches never shares.
 */
export function planMemory(
  sequence: KernelSequence,
  dispatches: readonly Dispatch[],
  isTemporary: (name: string) => boolean,
  arenas: Readonly<Record<BufferElement, string>>,
): MemoryPlan {
  const lifetimes = lifetimesOf(sequence, dispatches, isTemporary);
  const placed: Placed[] = [];
  for (const lifetime of lifetimes.toSorted(
    (a, b) => b.buffer.length - a.buffer.length || a.kernels[0] - b.kernels[0],
  )) {
    placed.push({ ...lifetime, offset: lowestOffset(lifetime, placed) });
  }
  const offsets = new Map(placed.map(({ buffer, offset }) => [buffer.name, offset]));
  const buffers = sequence.buffers.flatMap((buffer): readonly KernelBuffer[] => {
    if (!isTemporary(buffer.name)) return [buffer];
    const offset = offsets.get(buffer.name);
    return offset === undefined ? [] : [{ ...buffer, place: { buffer: arenas[buffer.element], offset } }];
  });
  return {
    sequence: { ...sequence, buffers },
    peakBytes: peakBytes(placed),
    unsharedBytes: placed.reduce((sum, { buffer }) => sum + buffer.length * elementBytes[buffer.element], 0),
  };
}

/** Of all arenas together. */
function peakBytes(placed: readonly Placed[]): number {
  const ends = new Map<BufferElement, number>();
  for (const { buffer, offset } of placed)
    ends.set(buffer.element, Math.max(ends.get(buffer.element) ?? 0, offset + buffer.length));
  return [...ends].reduce((sum, [element, end]) => sum + end * elementBytes[element], 0);
}

function lowestOffset(lifetime: Lifetime, placed: readonly Placed[]): number {
  const neighbours = placed
    .filter(other => other.buffer.element === lifetime.buffer.element)
    .filter(other => meet(other.kernels, lifetime.kernels) || meet(other.dispatches, lifetime.dispatches))
    .toSorted((a, b) => a.offset - b.offset);
  let offset = 0;
  for (const other of neighbours) {
    if (offset + lifetime.buffer.length <= other.offset) break;
    offset = Math.max(offset, align(other.offset + other.buffer.length));
  }
  return offset;
}

const meet = (a: Interval, b: Interval): boolean => a[0] <= b[1] && b[0] <= a[1];

function lifetimesOf(
  sequence: KernelSequence,
  dispatches: readonly Dispatch[],
  isTemporary: (name: string) => boolean,
): readonly Lifetime[] {
  const dispatchOf = new Map(
    dispatches.flatMap((dispatch, d) => stagesOf(dispatch).map(({ kernel }) => [kernel, d] as const)),
  );
  const users = new Map<string, number[]>();
  sequence.kernels.forEach((kernel, i) => {
    for (const { name } of kernelArrays(kernel)) users.set(name, [...(users.get(name) ?? []), i]);
  });
  return sequence.buffers
    .filter(({ name }) => isTemporary(name) && users.has(name))
    .map(buffer => {
      const kernels = users.get(buffer.name)!;
      const positions = kernels.map(kernel => dispatchOf.get(kernel)!);
      return {
        buffer,
        kernels: [kernels[0]!, kernels.at(-1)!],
        dispatches: [Math.min(...positions), Math.max(...positions)],
      };
    });
}
