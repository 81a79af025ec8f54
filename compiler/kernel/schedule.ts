import { subgroupLanes } from '../program/frame.js';
import { domainOf } from './access.js';
import { pointCount } from './affine.js';
import type { Dispatch, Job } from './dispatch.js';
import type { Kernel, Launch } from './ir.js';
import { scalarAffines, scalarsOf } from './scalar.js';
import { chooseBlocks } from './schedule-broadcast.js';

/**
 * How a class of device walks a kernel: plain numbers, so that a table or a tuner can choose them. `scheduleDispatch`
 * picks them for a dispatch; printers take both. One set for each class of device.
 */
export type DeviceClass = 'gpu' | 'software' | 'subgroups';

export type Schedule =
  /** One domain point an invocation (a reduction is a loop in it). */
  | { readonly kind: 'pointwise' }
  /**
   * `lanes` invocations a domain point, a power of two: each takes every `lanes`th term of a reduction, then they combine in
   * a tree of fixed shape. `along`: invocations next to each other take terms, or points, that are next to each other.
   */
  | { readonly kind: 'cooperative'; readonly lanes: number; readonly along: 'terms' | 'points' }
  /**
   * Matrix product by tiles in workgroup memory: tileRows × tileColumns a workgroup, threadRows × threadColumns an invocation.
   * `splits` groups of invocations share the terms of each sum, and their sums are added in the groups' order.
   */
  | {
      readonly kind: 'tiled';
      readonly tileRows: number;
      readonly tileColumns: number;
      readonly tileDepth: number;
      readonly threadRows: number;
      readonly threadColumns: number;
      readonly splits: number;
    }
  /** Matrix product by register blocks straight from memory, for devices without real workgroup memory. */
  | { readonly kind: 'blocked'; readonly threadRows: number; readonly threadColumns: number }
  /**
   * The same, but of the columns each of `lanes` successive invocations of a subgroup loads its own, and all have it from
   * there. A workgroup takes threadRows rows an invocation, threadColumns columns.
   */
  | {
      readonly kind: 'broadcast';
      readonly lanes: number;
      readonly threadRows: number;
      readonly threadColumns: number;
    };

/** Whether invocations wait for each other. */
export const hasBarriers = ({ kind }: Schedule): boolean => kind === 'cooperative' || kind === 'tiled';

/** A workgroup takes `block` of a chain's units through all of its kernels. */
export interface JobSchedule {
  readonly block: number;
  readonly stages: readonly Schedule[];
}

export interface DispatchSchedule {
  /** Invocations in a workgroup. */
  readonly workgroup: number;
  /**
   * For drivers that compile slowly: loops hide how often they run, or they would be unrolled, and jobs that differ in numbers
   * alone are one text.
   */
  readonly rolled?: true;
  readonly jobs: readonly JobSchedule[];
}

export type Tiled = Extract<Schedule, { kind: 'tiled' }>;

const tile = (
  [tileRows, tileColumns]: readonly [number, number],
  [threadRows, threadColumns]: readonly [number, number],
  { tileDepth = 16, splits = 1 } = {},
): Tiled => ({ kind: 'tiled', tileRows, tileColumns, tileDepth, threadRows, threadColumns, splits });

/** Tile shapes of the `gpu` class, largest first; one is taken if it makes enough workgroups to fill the device. */
const gpuTiles: readonly { readonly atLeast: number; readonly tile: Tiled }[] = [
  { atLeast: 256, tile: tile([64, 64], [4, 4]) },
  { atLeast: 128, tile: tile([32, 64], [2, 4]) },
  { atLeast: 48, tile: tile([32, 32], [2, 2]) },
  { atLeast: 0, tile: tile([16, 64], [2, 2]) },
  { atLeast: 0, tile: tile([16, 32], [1, 2]) },
];

/**
 * The same for sums of many terms, such as gradients of weights, over all rows of a batch and its samples. A workgroup
 * walks the terms step by step, each a wait for memory, so that few workgroups leave a GPU idle however large they are:
 * tiles are smaller, and groups of invocations share the terms.
 */
const deepTiles: typeof gpuTiles = [
  { atLeast: 512, tile: tile([64, 64], [4, 4]) },
  { atLeast: 256, tile: tile([32, 64], [4, 4], { tileDepth: 32, splits: 2 }) },
  { atLeast: 96, tile: tile([32, 32], [4, 4], { tileDepth: 48, splits: 4 }) },
  { atLeast: 40, tile: tile([16, 16], [2, 2], { tileDepth: 64, splits: 4 }) },
  { atLeast: 0, tile: tile([8, 16], [2, 1], { tileDepth: 64, splits: 4 }) },
];
const deepTerms = 192;

const workgroups: Readonly<Record<DeviceClass, number>> = { gpu: 256, software: 16, subgroups: 16 };

/** Shorter reductions are one invocation's loop. */
const cooperativeTerms = 16;
/** So many invocations keep a GPU busy. */
const busyInvocations = 2 ** 16;
/** Workgroups of a chain that keep a GPU busy. */
const busyWorkgroups = 96;
/** Rows of a chain's products in one workgroup: what it holds in registers. */
const mostBlockRows = 16;

/** Columns that one partial sum covers; the tiles of every class of device divide the columns in the same way. */
export const partialTile = (columns: number): number => (columns > 32 ? 64 : 32);

/** The schedule of a dispatch on a class of device: a function of its kernels' shapes alone. */
export const scheduleDispatch = (
  dispatch: Dispatch,
  kernels: readonly Launch[],
  device: DeviceClass,
  workgroup = workgroups[device],
): DispatchSchedule => ({
  workgroup,
  // LLVM takes 20 ms for each place that loads or stores; Mesa unrolls loops of up to 32 rounds before it sees them.
  ...(device === 'gpu' ? {} : { rolled: true }),
  jobs: dispatch.jobs.map(job => scheduleJob(job, kernels, device, workgroup)),
});

/** How workgroups of a size walk a job; `block`: in place of the one that a chain would get. */
export function scheduleJob(
  job: Job,
  kernels: readonly Launch[],
  device: DeviceClass,
  workgroup: number,
  block?: number,
): JobSchedule {
  const members = job.stages.map(stage => kernels[stage.kernel]!);
  if (members.length === 1) return { block: 1, stages: [chooseSchedule(members[0]!, device, workgroup)] };
  const own = block ?? chooseBlock(job, members);
  return { block: own, stages: members.map(kernel => chooseInChain(kernel, job.units, own, workgroup)) };
}

export const isMatrix = (kernel: Kernel): boolean =>
  kernel.reductions.some(reduction => reduction.kind === 'product') ||
  kernel.stores.some(store => store.partial !== null);

export const rowsOf = (kernel: Kernel): number => pointCount(kernel.domain.slice(0, -1));

const longestReduction = (kernel: Kernel): number =>
  Math.max(0, ...kernel.reductions.map(reduction => pointCount(reduction.loops)));

const powerAtMost = (limit: number): number => 2 ** Math.floor(Math.log2(Math.max(1, limit)));

/** The schedule of a kernel that has a workgroup for every part of it. */
export function chooseSchedule(
  kernel: Launch,
  device: DeviceClass,
  workgroup = workgroups[device],
): Schedule {
  if (kernel.kind === 'rows') return { kind: 'pointwise' };
  if (device === 'gpu') {
    if (isMatrix(kernel)) return chooseTile(kernel, workgroup);
    return cooperative(kernel, busyInvocations / pointCount(kernel.domain), workgroup);
  }
  if (!isMatrix(kernel)) return { kind: 'pointwise' };
  return device === 'software'
    ? { kind: 'blocked', threadRows: 4, threadColumns: 4 }
    : {
        kind: 'broadcast',
        lanes: subgroupLanes,
        ...chooseBlocks(kernel, rowsOf(kernel), partialOf(kernel), workgroup),
      };
}

/** As many invocations a point as the reduction has work for, and no more than `limit`. */
function cooperative(kernel: Kernel, limit: number, workgroup: number): Schedule {
  const terms = longestReduction(kernel);
  const lanes = Math.min(powerAtMost(limit), powerAtMost(terms / 2), workgroup);
  if (terms < cooperativeTerms || lanes < 2) return { kind: 'pointwise' };
  return { kind: 'cooperative', lanes, along: stepsByOne(kernel) ? 'terms' : 'points' };
}

/** Successive terms of some reduction lie next to each other in memory. */
const stepsByOne = (kernel: Kernel): boolean =>
  kernel.reductions.some(reduction => {
    const innermost = reduction.loops.at(-1)?.name;
    const roots = reduction.kind === 'fold' ? [reduction.body] : [reduction.left, reduction.right];
    return scalarsOf(roots).some(scalar =>
      scalarAffines(scalar).some(form => form.terms.some(t => t.loop === innermost && t.stride === 1)),
    );
  });

const partialCount = (kernel: Kernel): number => kernel.stores.filter(store => store.partial !== null).length;

/** Elements of workgroup memory that the shares of partial results take: one for each row and invocation across. */
export function shareElements(kernel: Kernel, { tileRows, tileColumns, threadColumns }: Tiled): number {
  const across = tileColumns / threadColumns;
  const width = Math.max(1, (partialOf(kernel) ?? 0) / across);
  return tileRows * (threadColumns / width) * across * partialCount(kernel);
}

export const partialOf = (kernel: Kernel): number | null =>
  kernel.stores.find(store => store.partial !== null)?.partial?.tile ?? null;

const tilesOf = (kernel: Kernel, tile: Tiled): number =>
  Math.ceil(rowsOf(kernel) / tile.tileRows) * Math.ceil(kernel.domain.at(-1)!.extent / tile.tileColumns);

/** Why groups of invocations share the terms of a product's sums; null where they do not. */
export function splitReason(kernel: Launch, schedule: Schedule): string | null {
  if (kernel.kind === 'rows' || schedule.kind !== 'tiled' || schedule.splits === 1) return null;
  const terms = `${longestReduction(kernel)} terms shared by ${schedule.splits} groups of invocations`;
  return `on a GPU ${terms}: its ${tilesOf(kernel, schedule)} tiles alone would leave it idle`;
}

function chooseTile(kernel: Kernel, workgroup: number): Schedule {
  const partial = partialOf(kernel);
  const tiles = partial === null && longestReduction(kernel) >= deepTerms ? deepTiles : gpuTiles;
  const fitting = tiles.filter(
    ({ tile }) =>
      invocationsOf(tile) <= workgroup &&
      (partial === null || (tile.tileColumns === partial && shareElements(kernel, tile) <= scratchElements)),
  );
  const chosen = fitting.find(({ tile, atLeast }) => tilesOf(kernel, tile) >= atLeast);
  // Partial results of tiles that are not in the table, or a small workgroup: any width works, one element an invocation.
  const width = partial ?? 16;
  return chosen?.tile ?? tile([Math.max(1, Math.min(4, Math.floor(workgroup / width))), width], [1, 1]);
}

/** Invocations with a part of a tile's sums. */
export const invocationsOf = ({ tileRows, tileColumns, threadRows, threadColumns, splits }: Tiled): number =>
  Math.ceil(tileRows / threadRows) * (tileColumns / threadColumns) * splits;

/** As many units as leave enough workgroups, and no more rows than registers and the shares of partial results allow. */
function chooseBlock(job: Job, kernels: readonly Launch[]): number {
  const rows = Math.max(
    1,
    ...kernels.map(kernel =>
      kernel.kind === 'compute' && isMatrix(kernel) ? rowsOf(kernel) / job.units : 1,
    ),
  );
  const partials = Math.max(1, ...kernels.map(each => (each.kind === 'compute' ? partialCount(each) : 0)));
  const mostRows = Math.min(mostBlockRows, scratchElements / (rowTileWidths[0]! * partials));
  let block = 1;
  while (2 * block * rows <= mostRows && job.units / (2 * block) >= busyWorkgroups) block *= 2;
  return block;
}

/** The schedule of a kernel of which a workgroup takes `block` units, all of their points. */
function chooseInChain(kernel: Launch, units: number, block: number, workgroup: number): Schedule {
  if (kernel.kind === 'rows') return { kind: 'pointwise' };
  if (!isMatrix(kernel)) {
    const points = (pointCount(domainOf(kernel)) / units) * block;
    return cooperative(kernel, workgroup / points, workgroup);
  }
  return chooseRowTile(kernel, (rowsOf(kernel) / units) * block, workgroup);
}

/** Widths of a chain's tiles; each divides the workgroup. */
const rowTileWidths: readonly number[] = [64, 128, 256];
/** Elements of workgroup memory: WebGPU's default `maxComputeWorkgroupStorageSize`, 16 KiB. */
export const scratchElements = 4096;
const deepestTile = 64;

/**
 * All rows of the block and so many columns that every invocation has a part: the width that takes least time, if a load
 * from workgroup memory costs as much as four multiplications.
 */
function chooseRowTile(kernel: Kernel, rows: number, workgroup: number): Schedule {
  const columns = kernel.domain.at(-1)!.extent;
  const partial = partialOf(kernel) ?? 1;
  const shape = (tileColumns: number): Tiled => {
    const parts = Math.max(1, Math.floor(workgroup / tileColumns));
    const threadRows = Math.ceil(rows / parts);
    const depth = Math.floor(scratchElements / (tileColumns + threadRows * parts + 1));
    const tileDepth = Math.min(deepestTile, 4 * Math.floor(depth / 4));
    return tile([rows, tileColumns], [threadRows, 1], { tileDepth });
  };
  const cost = ({ tileColumns, threadRows }: Tiled) =>
    Math.ceil(columns / tileColumns) * (threadRows + 4 * (1 + threadRows));
  const fitting = rowTileWidths
    .filter(width => width % partial === 0)
    .map(shape)
    .filter(each => shareElements(kernel, each) <= scratchElements);
  return fitting.toSorted((a, b) => cost(a) - cost(b))[0] ?? shape(partial);
}
