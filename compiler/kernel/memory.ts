import { type BufferElement, elementBytes } from '../support/element.js';
import { type DispatchedSequence, stagesOf } from './dispatch.js';
import type { KernelBuffer, Launch } from './ir.js';
import { kernelArrays } from './scalar.js';

export interface MemoryPlan {
  /** Temporary arrays have their place; those that no kernel touches are gone. */
  readonly buffers: readonly KernelBuffer[];
  /** The most that temporary arrays occupy. */
  readonly peakBytes: number;
  /** Bytes of the temporary arrays if each had memory of its own. */
  readonly unsharedBytes: number;
}

/** First and last position, both included. */
type Interval = readonly [number, number];

interface Lifetime {
  readonly buffer: KernelBuffer;
  /**
   * For each way to run the entry, null where the array is not used: in kernels, for devices that run them one by one, and in
   * dispatches, for those that run all of one at once.
   */
  readonly intervals: readonly (Interval | null)[];
}

interface Placed extends Lifetime {
  readonly offset: number;
}

/** Arrays start at multiples of this many elements: a cache line, and whatever a vector load asks for. */
const alignment = 16;
const align = (elements: number) => Math.ceil(elements / alignment) * alignment;

/**
 * Lays temporary arrays into one buffer for each type of element, largest first, each at the lowest offset where nothing lies that is alive
 * at the same time. What one kernel, or one dispatch, touches never shares. `ways`: the ways to run an entry, whichever a
 * device takes.
 */
export function planMemory(
  buffers: readonly KernelBuffer[],
  ways: readonly DispatchedSequence[],
  isTemporary: (name: string) => boolean,
  arenas: Readonly<Record<BufferElement, string>>,
): MemoryPlan {
  const lifetimes = lifetimesOf(
    buffers.filter(({ name }) => isTemporary(name)),
    ways,
  );
  const placed: Placed[] = [];
  for (const lifetime of lifetimes.toSorted(
    (a, b) => b.buffer.length - a.buffer.length || firstUse(a) - firstUse(b),
  )) {
    placed.push({ ...lifetime, offset: lowestOffset(lifetime, placed) });
  }
  const offsets = new Map(placed.map(({ buffer, offset }) => [buffer.name, offset]));
  return {
    buffers: buffers.flatMap((buffer): readonly KernelBuffer[] => {
      if (!isTemporary(buffer.name)) return [buffer];
      const offset = offsets.get(buffer.name);
      return offset === undefined ? [] : [{ ...buffer, place: { buffer: arenas[buffer.element], offset } }];
    }),
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
    .filter(other => other.buffer.element === lifetime.buffer.element && meet(other, lifetime))
    .toSorted((a, b) => a.offset - b.offset);
  let offset = 0;
  for (const other of neighbours) {
    if (offset + lifetime.buffer.length <= other.offset) break;
    offset = Math.max(offset, align(other.offset + other.buffer.length));
  }
  return offset;
}

/** Both are alive at some time of one way to run the entry. */
const meet = (a: Lifetime, b: Lifetime): boolean =>
  a.intervals.some((one, way) => {
    const other = b.intervals[way] ?? null;
    return one !== null && other !== null && one[0] <= other[1] && other[0] <= one[1];
  });

const firstUse = ({ intervals }: Lifetime): number => intervals.find(interval => interval !== null)![0];

function lifetimesOf(
  buffers: readonly KernelBuffer[],
  ways: readonly DispatchedSequence[],
): readonly Lifetime[] {
  const timelines = ways.flatMap(({ sequence: { kernels }, dispatches }) => [
    usesOf(kernels.map(kernel => [kernel])),
    usesOf(dispatches.map(dispatch => stagesOf(dispatch).map(({ kernel }) => kernels[kernel]!))),
  ]);
  return buffers
    .map(buffer => ({ buffer, intervals: timelines.map(uses => intervalOf(uses.get(buffer.name))) }))
    .filter(({ intervals }) => intervals.some(interval => interval !== null));
}

const intervalOf = (times: readonly number[] | undefined): Interval | null =>
  times === undefined ? null : [times[0]!, times.at(-1)!];

/** When each array is used, first use first; `steps`: the kernels that run at each time. */
export function usesOf(steps: readonly (readonly Launch[])[]): ReadonlyMap<string, readonly number[]> {
  const uses = new Map<string, number[]>();
  for (const [time, running] of steps.entries()) {
    for (const { name } of running.flatMap(kernelArrays)) uses.set(name, [...(uses.get(name) ?? []), time]);
  }
  return uses;
}
