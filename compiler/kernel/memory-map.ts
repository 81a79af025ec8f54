import { elementBytes } from '../support/element.js';
import type { KernelSequence } from './ir.js';
import { usesOf } from './memory.js';

/** A temporary array: where it lies in the workspace, and the launches during which it is needed, both included. */
export interface MappedArray {
  readonly name: string;
  readonly offsetBytes: number;
  readonly bytes: number;
  readonly firstLaunch: number;
  readonly lastLaunch: number;
}

/** The plan of one entry's temporary memory, for people to look at. */
export interface MemoryMap {
  readonly entry: string;
  readonly launches: readonly string[];
  readonly arrays: readonly MappedArray[];
  readonly peakBytes: number;
}

/** Reads the map off a sequence whose memory is planned. */
export function memoryMapOf({ name, kernels, buffers }: KernelSequence): MemoryMap {
  const uses = usesOf(kernels.map(kernel => [kernel]));
  const arrays = buffers.flatMap((buffer): readonly MappedArray[] => {
    const launches = uses.get(buffer.name);
    if (buffer.place === undefined || launches === undefined) return [];
    const bytesOf = (elements: number) => elements * elementBytes[buffer.element];
    return [
      {
        name: buffer.name,
        offsetBytes: bytesOf(buffer.place.offset),
        bytes: bytesOf(buffer.length),
        firstLaunch: launches[0]!,
        lastLaunch: launches.at(-1)!,
      },
    ];
  });
  const peakBytes = Math.max(0, ...arrays.map(({ offsetBytes, bytes }) => offsetBytes + bytes));
  return { entry: name, launches: kernels.map(kernel => kernel.name), arrays, peakBytes };
}
