import type { DispatchedSequence } from '../kernel/dispatch.js';
import type { KernelSequence, Launch } from '../kernel/ir.js';
import { mergeLoops } from '../kernel/loops.js';
import { type DeviceClass, scheduleDispatch } from '../kernel/schedule.js';
import { chooseWasmSchedule } from '../kernel/schedule-wasm.js';
import { dispatchHash, kernelHash } from './hash.js';
import { isForGpu, type TunedSchedule } from './tuning.js';
import { type Coordinate, dispatchCoordinates, wasmCoordinates } from './variants.js';

/** One launch of an entry and what can be varied in how it is walked. */
export interface Tunable {
  /** Launches of one hash have one schedule. */
  readonly hash: string;
  /** By rule; null where there is nothing to choose. */
  readonly schedule: TunedSchedule | null;
  readonly coordinates: readonly Coordinate<TunedSchedule>[];
}

/** Of the dispatches that a class of GPU runs, in order. */
export const tunableDispatches = (
  { sequence: { kernels }, dispatches }: DispatchedSequence,
  device: DeviceClass,
): readonly Tunable[] =>
  dispatches.map(dispatch => ({
    hash: dispatchHash(dispatch, kernels),
    schedule: scheduleDispatch(dispatch, kernels, device),
    coordinates: dispatchCoordinates(dispatch, kernels, device).map(
      (vary): Coordinate<TunedSchedule> =>
        now =>
          isForGpu(now) ? vary(now) : [],
    ),
  }));

/** Of the kernels that the CPU runs, in order. */
export const tunableKernels = ({ kernels }: Pick<KernelSequence, 'kernels'>): readonly Tunable[] =>
  kernels.map(tunableKernel);

function tunableKernel(kernel: Launch): Tunable {
  const hash = kernelHash(kernel);
  if (kernel.kind === 'rows') return { hash, schedule: null, coordinates: [] };
  return {
    hash,
    schedule: chooseWasmSchedule(mergeLoops(kernel)),
    coordinates: wasmCoordinates(kernel).map(
      (vary): Coordinate<TunedSchedule> =>
        now =>
          isForGpu(now) ? [] : vary(now),
    ),
  };
}
