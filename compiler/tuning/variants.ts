import { domainOf } from '../kernel/access.js';
import { pointCount } from '../kernel/affine.js';
import type { Dispatch } from '../kernel/dispatch.js';
import type { Kernel, Launch } from '../kernel/ir.js';
import { mergeLoops } from '../kernel/loops.js';
import {
  type DeviceClass,
  type DispatchSchedule,
  invocationsOf,
  isMatrix,
  type JobSchedule,
  rowsOf,
  type Schedule,
  scheduleDispatch,
  scheduleJob,
  type Tiled,
} from '../kernel/schedule.js';
import { productSteps, type WasmSchedule } from '../kernel/schedule-wasm.js';
import { isLegal, isLegalOnCpu } from './legal.js';

/** One thing that can be varied in a schedule: the others that differ from `now` in it alone. */
export type Coordinate<Value> = (now: Value) => readonly Value[];

type Sequence = readonly Launch[];

const workgroups: Readonly<Record<DeviceClass, readonly number[]>> = {
  gpu: [32, 64, 128, 256],
  software: [1, 4, 16, 64],
  subgroups: [4, 16, 64],
};
const powers: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const tileSides: readonly number[] = [8, 16, 32, 64, 128];
const tileDepths: readonly number[] = [4, 8, 16, 32, 64];
const threadShapes: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 2],
  [2, 1],
  [2, 2],
  [2, 4],
  [4, 2],
  [4, 4],
  [4, 8],
  [8, 4],
  [8, 8],
];
const blockSides: readonly number[] = [1, 2, 4, 8];
const broadcastRows: readonly number[] = [1, 2, 3, 4];
const broadcastColumns: readonly number[] = [4, 8, 12, 16];

/** What can be varied in how a GPU walks a dispatch: first what all else depends on. */
export function dispatchCoordinates(
  dispatch: Dispatch,
  kernels: Sequence,
  device: DeviceClass,
): readonly Coordinate<DispatchSchedule>[] {
  const legal =
    (vary: Coordinate<DispatchSchedule>): Coordinate<DispatchSchedule> =>
    now =>
      others(
        now,
        vary(now).filter(each => isLegal(dispatch, kernels, each)),
      );
  const withJob = (now: DispatchSchedule, at: number, job: JobSchedule): DispatchSchedule => ({
    ...now,
    jobs: now.jobs.map((own, i) => (i === at ? job : own)),
  });
  const sizes: Coordinate<DispatchSchedule> = () =>
    workgroups[device].map(workgroup => scheduleDispatch(dispatch, kernels, device, workgroup));
  const ofJobs = dispatch.jobs.flatMap((job, at) => {
    const blocks: Coordinate<DispatchSchedule> = now =>
      powers
        .filter(block => block <= job.units)
        .map(block => withJob(now, at, scheduleJob(job, kernels, device, now.workgroup, block)));
    const stages = job.stages.flatMap(({ kernel: position }, stage) =>
      stageCoordinates(kernels[position]!, job.stages.length > 1).map(
        (vary): Coordinate<DispatchSchedule> =>
          now => {
            const own = now.jobs[at]!;
            return vary({ schedule: own.stages[stage]!, workgroup: now.workgroup }).map(schedule =>
              withJob(now, at, {
                ...own,
                stages: own.stages.map((each, i) => (i === stage ? schedule : each)),
              }),
            );
          },
      ),
    );
    return job.stages.length > 1 ? [blocks, ...stages] : stages;
  });
  return [sizes, ...ofJobs].map(legal);
}

/** Without the one there is, and each once. */
function others<Value>(now: Value, values: readonly Value[]): readonly Value[] {
  const seen = new Set([JSON.stringify(now)]);
  return values.filter(value => {
    const text = JSON.stringify(value);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

interface StageNow {
  readonly schedule: Schedule;
  readonly workgroup: number;
}
type StageVariants = (now: StageNow) => readonly Schedule[];

function stageCoordinates(kernel: Launch, inChain: boolean): readonly StageVariants[] {
  if (kernel.kind === 'rows') return [];
  if (!isMatrix(kernel)) return pointCount(domainOf(kernel)) === 0 || !hasReduction(kernel) ? [] : [lanesOf];
  return [inChain ? chainTiles : tilesOrBlocks, depthsOf];
}

const hasReduction = (kernel: Kernel): boolean =>
  kernel.reductions.some(reduction => pointCount(reduction.loops) > 1);

const lanesOf: StageVariants = ({ workgroup }) => [
  { kind: 'pointwise' },
  ...powers
    .filter(lanes => lanes >= 2 && lanes <= workgroup)
    .flatMap(lanes =>
      (['terms', 'points'] as const).map((along): Schedule => ({ kind: 'cooperative', lanes, along })),
    ),
];

const splitCounts: readonly number[] = [1, 2, 4, 8];

/** Tiles that give at least every second invocation a part. */
const tilesOrBlocks: StageVariants = ({ schedule, workgroup }) => {
  if (schedule.kind === 'blocked')
    return blockSides.flatMap(threadRows =>
      blockSides.map((threadColumns): Schedule => ({ kind: 'blocked', threadRows, threadColumns })),
    );
  if (schedule.kind === 'broadcast')
    return broadcastRows.flatMap(threadRows =>
      broadcastColumns.map((threadColumns): Schedule => ({ ...schedule, threadRows, threadColumns })),
    );
  if (schedule.kind !== 'tiled') return [];
  return tileSides.flatMap(tileRows =>
    tileSides.flatMap(tileColumns =>
      threadShapes.flatMap(([threadRows, threadColumns]): readonly Tiled[] => {
        return splitCounts
          .map((splits): Tiled => ({ ...schedule, tileRows, tileColumns, threadRows, threadColumns, splits }))
          .filter(tile => invocationsOf(tile) <= workgroup && 2 * invocationsOf(tile) > workgroup);
      }),
    ),
  );
};

/** The rows of a chain's tile are its block's: widths remain, with as many rows an invocation as they leave. */
const chainTiles: StageVariants = ({ schedule, workgroup }) => {
  if (schedule.kind !== 'tiled') return [];
  return tileSides.concat(256).flatMap(tileColumns =>
    [1, 2].flatMap(threadColumns => {
      const parts = Math.floor((workgroup * threadColumns) / tileColumns);
      const threadRows = Math.ceil(schedule.tileRows / Math.max(1, parts));
      return tileDepths.map(
        (tileDepth): Tiled => ({ ...schedule, tileColumns, threadRows, threadColumns, tileDepth }),
      );
    }),
  );
};

const depthsOf: StageVariants = ({ schedule }) =>
  schedule.kind === 'tiled' ? tileDepths.map((tileDepth): Tiled => ({ ...schedule, tileDepth })) : [];

/** Numbers of parts that a launch of the CPU is cut into. */
const partCounts: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

/** What can be varied in how the CPU walks a kernel: the result's bits stay. */
export const wasmCoordinates = (kernel: Kernel): readonly Coordinate<WasmSchedule>[] => [
  now =>
    others(
      now,
      wasmVariants(kernel, now).filter(each => isLegalOnCpu(kernel, each)),
    ),
];

function wasmVariants(kernel: Kernel, now: WasmSchedule): readonly WasmSchedule[] {
  if (now.kind === 'points') return partCounts.map(units => ({ ...now, units }));
  const merged = mergeLoops(kernel);
  const steps = productSteps(merged);
  const rows = rowsOf(merged);
  const columns = merged.domain.at(-1)!.extent;
  const tile = (extent: number, parts: number, step: number) => Math.ceil(extent / parts / step) * step;
  return partCounts.flatMap((parts): readonly WasmSchedule[] => [
    { kind: 'product', kept: 'left', tileRows: rows, tileColumns: tile(columns, parts, steps.columns) },
    { kind: 'product', kept: 'right', tileRows: tile(rows, parts, steps.rows), tileColumns: columns },
  ]);
}
