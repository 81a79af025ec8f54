import type { Dispatch, Job } from '../kernel/dispatch.js';
import type { Kernel, Launch } from '../kernel/ir.js';
import { mergeLoops } from '../kernel/loops.js';
import {
  type DispatchSchedule,
  isMatrix,
  type JobSchedule,
  partialOf,
  rowsOf,
  type Schedule,
  scratchElements,
  shareElements,
  type Tiled,
} from '../kernel/schedule.js';
import { chooseWasmSchedule, productSteps, type WasmSchedule } from '../kernel/schedule-wasm.js';
import { subgroupLanes } from '../program/frame.js';

/** WebGPU's default `maxComputeInvocationsPerWorkgroup`. */
const mostInvocations = 256;
/** Elements that an invocation keeps in registers; printers write a line for each. */
const mostRegisters = 64;
/** Parts that one launch of the CPU is cut into. */
const mostUnits = 4096;

type Blocked = Extract<Schedule, { kind: 'blocked' | 'broadcast' }>;

const isCount = (value: number, most = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && value >= 1 && value <= most;
const isPower = (value: number, most: number): boolean =>
  isCount(value, most) && Number.isInteger(Math.log2(value));

/** Whether the printers can walk a dispatch so: they take it for granted, and a schedule may come from a file. */
export function isLegal(
  dispatch: Dispatch,
  kernels: readonly Launch[],
  { workgroup, jobs }: DispatchSchedule,
): boolean {
  return (
    isPower(workgroup, mostInvocations) &&
    jobs.length === dispatch.jobs.length &&
    dispatch.jobs.every((job, i) => isLegalJob(job, kernels, jobs[i]!, workgroup))
  );
}

function isLegalJob(
  { units, stages: members }: Job,
  kernels: readonly Launch[],
  { block, stages }: JobSchedule,
  workgroup: number,
): boolean {
  if (!isCount(block, units) || stages.length !== members.length) return false;
  return members.every(({ kernel: position }, i) => {
    const kernel = kernels[position]!;
    const schedule = stages[i]!;
    if (!isLegalStage(kernel, schedule, workgroup)) return false;
    if (members.length === 1 || kernel.kind === 'rows' || !isMatrix(kernel)) return true;
    // A workgroup has all rows of its block, and no others.
    return schedule.kind === 'tiled' && schedule.tileRows === (rowsOf(kernel) / units) * block;
  });
}

function isLegalStage(kernel: Launch, schedule: Schedule, workgroup: number): boolean {
  const isProduct = kernel.kind === 'compute' && isMatrix(kernel);
  switch (schedule.kind) {
    case 'pointwise':
      return !isProduct;
    case 'cooperative':
      return (
        kernel.kind === 'compute' && !isProduct && schedule.lanes >= 2 && isPower(schedule.lanes, workgroup)
      );
    case 'tiled':
      return isProduct && isLegalTile(kernel, schedule, workgroup);
    case 'blocked':
      return isProduct && isLegalBlock(kernel, schedule);
    case 'broadcast':
      return (
        isProduct && schedule.lanes <= Math.min(subgroupLanes, workgroup) && isLegalBlock(kernel, schedule)
      );
  }
}

function isLegalTile(kernel: Kernel, tile: Tiled, workgroup: number): boolean {
  const { tileRows, tileColumns, tileDepth, threadRows, threadColumns, splits } = tile;
  if (
    ![tileRows, tileColumns, tileDepth, threadRows, threadColumns, splits].every(size =>
      isCount(size, scratchElements),
    )
  )
    return false;
  const across = tileColumns / threadColumns;
  const down = Math.ceil(tileRows / threadRows);
  const partial = partialOf(kernel);
  // Invocation x has the columns x + across · j: whole runs of them must lie in one partial tile, or the other way round.
  const fitsPartial =
    partial === null ||
    (tileColumns % partial === 0 &&
      (partial % across === 0 || across % partial === 0) &&
      shareElements(kernel, tile) <= scratchElements);
  return (
    Number.isInteger(across) &&
    across * down * splits <= workgroup &&
    splits <= tileDepth &&
    (splits === 1 || threadRows * down * tileColumns <= scratchElements) &&
    threadRows * threadColumns <= mostRegisters &&
    tileDepth * (threadRows * down + 1 + tileColumns) <= scratchElements &&
    fitsPartial
  );
}

function isLegalBlock(kernel: Kernel, { threadRows, threadColumns }: Blocked): boolean {
  const partial = partialOf(kernel);
  return (
    isCount(threadRows, mostRegisters) &&
    isCount(threadColumns, mostRegisters) &&
    threadRows * threadColumns <= mostRegisters &&
    (partial === null || partial % threadColumns === 0)
  );
}

/**
 * Whether WebAssembly can walk a kernel so, and to the very bits of the compiler's own choice: vectors along another loop
 * would add in another order, tiles and units do not.
 */
export function isLegalOnCpu(kernel: Kernel, schedule: WasmSchedule): boolean {
  const merged = mergeLoops(kernel);
  const own = chooseWasmSchedule(merged);
  if (schedule.kind === 'points')
    return own.kind === 'points' && own.lanes === schedule.lanes && isCount(schedule.units, mostUnits);
  if (own.kind !== 'product') return false;
  const rows = rowsOf(merged);
  const columns = merged.domain.at(-1)!.extent;
  const steps = productSteps(merged);
  const isTile = (size: number, step: number, extent: number) =>
    isCount(size) && size % step === 0 && size < extent + step && Math.ceil(extent / size) <= mostUnits;
  return schedule.kept === 'left'
    ? schedule.tileRows === rows && isTile(schedule.tileColumns, steps.columns, columns)
    : schedule.tileColumns === columns && isTile(schedule.tileRows, steps.rows, rows);
}
