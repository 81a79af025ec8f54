import { allEntries, type GpuClass, type Program, type ProgramBuffer } from '../../compiler/program/index.js';
import { fault } from '../errors.js';

/** Limits worth raising to what the adapter has: they decide how large a model may be, and cost nothing. */
const raised = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage'] as const;

export function limitsToRequest(adapter: GPUAdapter): Record<string, number> {
  return Object.fromEntries(raised.map(name => [name, adapter.limits[name]]));
}

/** Largest memory for the slots of all result buffers, and the most runs a submission can have. */
const resultBytes = 128 * 2 ** 20;
const mostRuns = 256;

/** How many runs' results there is room for. */
export function runsThatFit(program: Program, limits: GPUSupportedLimits): number {
  const results = program.buffers.filter(buffer => buffer.role === 'result').map(buffer => buffer.length * 4);
  const total = results.reduce((sum, bytes) => sum + bytes, 0);
  const largest = Math.max(...results, 1);
  const bindable = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  return Math.max(
    1,
    Math.min(mostRuns, Math.floor(resultBytes / Math.max(total, 1)), Math.floor(bindable / largest)),
  );
}

/** @throws RuntimeFault `limits-too-small` if a buffer of so many bytes cannot be created and bound. */
export function checkBuffer(buffer: ProgramBuffer, bytes: number, limits: GPUSupportedLimits): void {
  for (const limit of ['maxStorageBufferBindingSize', 'maxBufferSize'] as const) {
    if (bytes > limits[limit]) {
      throw fault('limits-too-small', {
        what: `buffer '${buffer.name}'`,
        limit,
        needed: bytes,
        available: limits[limit],
      });
    }
  }
}

/** The feature with which a device has numbers of 16 bits. */
export const halves = 'shader-f16' satisfies GPUFeatureName;

/** @throws RuntimeFault `feature-missing` for a program of mixed precision on a device without 16-bit numbers. */
export function checkFeatures(program: Program, features: GPUSupportedFeatures, device: string): void {
  if (features.has(halves) || program.buffers.every(({ element }) => element !== 'f16')) return;
  throw fault('feature-missing', {
    what: `model '${program.model.name}' in mixed precision`,
    feature: halves,
    device,
    remedy: 'build it without --precision mixed, or use another device: the CPU rounds in the same places',
  });
}

/** @throws RuntimeFault `limits-too-small` naming the first dispatch that does not fit this device. */
export function checkDispatches(program: Program, gpu: GpuClass, limits: GPUSupportedLimits): void {
  for (const index of allEntries(program).flatMap(entry => entry.dispatches[gpu])) {
    const { name, bindings, workgroups } = program.dispatches[index]!;
    const demands = [
      ['maxStorageBuffersPerShaderStage', bindings.length],
      ['maxComputeWorkgroupsPerDimension', Math.max(...workgroups)],
    ] as const;
    for (const [limit, needed] of demands) {
      if (needed > limits[limit]) {
        throw fault('limits-too-small', {
          what: `dispatch '${name}'`,
          limit,
          needed,
          available: limits[limit],
        });
      }
    }
  }
}
