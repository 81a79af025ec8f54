import { pointCount } from './affine.js';
import type { Kernel } from './ir.js';

/**
 * How a class of device walks a kernel: plain numbers, so that a table or a tuner can choose them. `chooseSchedule`
 * picks one for a kernel; printers take both. One set for each device class.
 */
export type DeviceClass = 'gpu' | 'software' | 'wasm';

export type Schedule =
  /** One domain point an invocation (a reduction is a loop in it). */
  | { readonly kind: 'pointwise'; readonly workgroup: number }
  /** One workgroup a domain point: lanes stride over the reduction, then combine in a tree of fixed shape. */
  | { readonly kind: 'cooperative'; readonly workgroup: number }
  /** Matrix product by tiles in workgroup memory: tileRows × tileColumns a workgroup, threadRows × threadColumns an invocation. */
  | {
      readonly kind: 'tiled';
      readonly tileRows: number;
      readonly tileColumns: number;
      readonly tileDepth: number;
      readonly threadRows: number;
      readonly threadColumns: number;
    }
  /** Matrix product by register blocks straight from memory, for devices without real workgroup memory. */
  | {
      readonly kind: 'blocked';
      readonly threadRows: number;
      readonly threadColumns: number;
      readonly workgroup: number;
    };

type Tiled = Extract<Schedule, { kind: 'tiled' }>;

/** Tile shapes of the `gpu` class, largest first; one is taken if it makes enough workgroups to fill the device. */
const gpuTiles: readonly (Tiled & { readonly atLeast: number })[] = [
  {
    kind: 'tiled',
    tileRows: 64,
    tileColumns: 64,
    tileDepth: 16,
    threadRows: 4,
    threadColumns: 4,
    atLeast: 256,
  },
  {
    kind: 'tiled',
    tileRows: 32,
    tileColumns: 64,
    tileDepth: 16,
    threadRows: 4,
    threadColumns: 4,
    atLeast: 128,
  },
  {
    kind: 'tiled',
    tileRows: 32,
    tileColumns: 32,
    tileDepth: 16,
    threadRows: 2,
    threadColumns: 2,
    atLeast: 48,
  },
  {
    kind: 'tiled',
    tileRows: 16,
    tileColumns: 64,
    tileDepth: 16,
    threadRows: 2,
    threadColumns: 4,
    atLeast: 0,
  },
  {
    kind: 'tiled',
    tileRows: 16,
    tileColumns: 32,
    tileDepth: 16,
    threadRows: 2,
    threadColumns: 2,
    atLeast: 0,
  },
];

const smallestTile: Tiled = {
  kind: 'tiled',
  tileRows: 4,
  tileColumns: 32,
  tileDepth: 16,
  threadRows: 1,
  threadColumns: 1,
};

/** A reduction shorter than this is one invocation's loop. */
const cooperativeTerms = 128;
/** Domains larger than this keep a GPU busy with one invocation a point. */
const cooperativePoints = 4096;

/** Columns that one partial sum covers; the tiles of every class of device divide the columns in the same way. */
export const partialTile = (columns: number): number => (columns > 32 ? 64 : 32);

/** The schedule of a kernel on a class of device: a function of its shape alone. */
export function chooseSchedule(kernel: Kernel, device: DeviceClass): Schedule {
  const hasProduct = kernel.reductions.some(reduction => reduction.kind === 'product');
  const partial = kernel.stores.find(store => store.partial !== null)?.partial ?? null;
  if (device === 'gpu') {
    if (hasProduct || partial) return chooseTile(kernel, partial?.tile ?? null);
    const terms = Math.max(0, ...kernel.reductions.map(reduction => pointCount(reduction.loops)));
    return terms >= cooperativeTerms && pointCount(kernel.domain) <= cooperativePoints
      ? { kind: 'cooperative', workgroup: terms >= 1024 ? 256 : 64 }
      : { kind: 'pointwise', workgroup: 64 };
  }
  const workgroup = device === 'software' ? 16 : 1;
  if (hasProduct || partial)
    return { kind: 'blocked', threadRows: 4, threadColumns: device === 'wasm' ? 8 : 4, workgroup };
  return { kind: 'pointwise', workgroup: device === 'software' ? 64 : 1 };
}

function chooseTile(kernel: Kernel, partialColumns: number | null): Schedule {
  const columns = kernel.domain.at(-1)!.extent;
  const rows = pointCount(kernel.domain) / columns;
  const fitting = gpuTiles.filter(tile => partialColumns === null || tile.tileColumns === partialColumns);
  const groups = (tile: Tiled) => Math.ceil(rows / tile.tileRows) * Math.ceil(columns / tile.tileColumns);
  const chosen = fitting.find(candidate => groups(candidate) >= candidate.atLeast);
  // Partial results of tiles that are not in the table: any width works, one element an invocation.
  if (chosen === undefined)
    return { ...smallestTile, tileColumns: partialColumns ?? smallestTile.tileColumns };
  const { atLeast: _, ...tile } = chosen;
  return tile;
}
