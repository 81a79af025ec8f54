import type { Dispatch } from '../kernel/dispatch.js';
import type { Launch } from '../kernel/ir.js';
import { type DeviceClass, type DispatchSchedule, scheduleDispatch } from '../kernel/schedule.js';
import type { WasmSchedule } from '../kernel/schedule-wasm.js';
import { dispatchHash, kernelHash } from './hash.js';
import { isLegal, isLegalOnCpu } from './legal.js';

/** What schedules are for: a class of GPU, or the CPU. */
export const tuningTargets = ['gpu', 'software', 'subgroups', 'cpu'] as const;
export type TuningTarget = (typeof tuningTargets)[number];

/** Of one launch: a dispatch on a GPU, a kernel on the CPU. */
export type TunedSchedule = DispatchSchedule | WasmSchedule;

/**
 * Schedules that somebody measured, in place of the compiler's own: by the hash of the dispatch, or of the kernel on the
 * CPU. One that no dispatch of the program has is ignored, and so is one that the printers cannot walk.
 */
export type Tuning = Readonly<Record<TuningTarget, ReadonlyMap<string, TunedSchedule>>>;

export const noTuning: Tuning = {
  gpu: new Map(),
  software: new Map(),
  subgroups: new Map(),
  cpu: new Map(),
};

export const isForGpu = (schedule: TunedSchedule): schedule is DispatchSchedule => 'jobs' in schedule;

const usesSubgroups = ({ jobs }: DispatchSchedule): boolean =>
  jobs.some(({ stages }) => stages.some(({ kind }) => kind === 'broadcast'));

type Sequence = readonly Launch[];

/** The measured schedule of a dispatch; null where there is none. */
export function tunedDispatch(
  dispatch: Dispatch,
  kernels: Sequence,
  device: DeviceClass,
  tuning: Tuning,
): DispatchSchedule | null {
  // Hashes cost time that a compilation without a tuning need not spend.
  if (tuning[device].size === 0) return null;
  const found = tuning[device].get(dispatchHash(dispatch, kernels));
  if (found === undefined || !isForGpu(found) || !isLegal(dispatch, kernels, found)) return null;
  return device === 'subgroups' || !usesSubgroups(found) ? found : null;
}

/** How a class of GPU walks a dispatch: as measured, or else by rule. */
export const scheduleOf = (
  dispatch: Dispatch,
  kernels: Sequence,
  device: DeviceClass,
  tuning: Tuning,
): DispatchSchedule =>
  tunedDispatch(dispatch, kernels, device, tuning) ?? scheduleDispatch(dispatch, kernels, device);

/** The measured schedule of a kernel on the CPU; null where there is none. */
export function tunedOnCpu(kernel: Launch, { cpu }: Tuning): WasmSchedule | null {
  if (cpu.size === 0 || kernel.kind === 'rows') return null;
  const found = cpu.get(kernelHash(kernel));
  return found !== undefined && !isForGpu(found) && isLegalOnCpu(kernel, found) ? found : null;
}
