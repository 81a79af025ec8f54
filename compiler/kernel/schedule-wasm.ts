import { scalars } from '../scalar/registry.js';
import { pointCount, strideOf } from './affine.js';
import type { Affine, Kernel, Scalar } from './ir.js';
import { reductionScalars, scalarsOf } from './scalar.js';

/**
 * How WebAssembly walks a kernel. A unit is the least work that a thread takes; which units one thread gets never
 * changes a result.
 */
export type WasmSchedule =
  /**
   * Point by point. `lanes`: the loop that vectors run along, the domain's innermost or each reduction's innermost one.
   * `units` is how many parts the outer loops (or, with one loop only, that loop) are cut into, at most.
   */
  | { readonly kind: 'points'; readonly lanes: 'domain' | 'reduction'; readonly units: number }
  /**
   * Products over packed operands, a unit for each tile of the result. The packed operand named by `kept` covers its
   * whole side of the product and stays in a thread's scratch memory from unit to unit.
   */
  | {
      readonly kind: 'product';
      readonly kept: 'left' | 'right';
      readonly tileRows: number;
      readonly tileColumns: number;
    };

/** Rows and columns of the register block: what V8 keeps in sixteen vector registers without spilling. */
export const registerRows = 4;
export const registerColumns = 8;

/** Weighed operations that outweigh handing a unit to another thread. */
const unitWork = 30_000;
/** Multiplications likewise. */
const productUnitWork = 200_000;
const mostUnits = 64;
/** Narrower tiles of columns read the rows of the right operand in too small pieces. */
const mostColumnTiles = 25;
/** Rows of an operand that a core's second-level cache holds, roughly. */
const cachedDepth = 2000;

/** Vector instructions for four values, roughly. */
export function scalarWork(roots: readonly Scalar[]): number {
  let work = 0;
  for (const scalar of scalarsOf(roots)) {
    if (scalar.kind === 'noise') work += 200;
    else if (scalar.kind === 'apply') work += scalars[scalar.op].cost === 'cheap' ? 1 : 25;
    else if (scalar.kind === 'load' || scalar.kind === 'dataset') work += 1;
  }
  return work;
}

/** Noise is cheapest by four vectors at once. */
export const drawsNoise = (roots: readonly Scalar[]): boolean =>
  scalarsOf(roots).some(scalar => scalar.kind === 'noise');

/** Of a whole launch. */
export function kernelWork(kernel: Kernel): number {
  const points = pointCount(kernel.domain);
  const inner = kernel.reductions.map(
    reduction => pointCount(reduction.loops) * (1 + scalarWork(reductionScalars(reduction))),
  );
  const stores = 1 + scalarWork(kernel.stores.map(store => store.value));
  return points * inner.reduce((sum, work) => sum + work, stores);
}

/** How well vectors along `loop` read: neighbouring elements, the same element, or elements far apart. */
export function laneScore(roots: readonly Scalar[], loop: string): number {
  let score = 0;
  const count = (affine: Affine, weight: number) => {
    const step = strideOf(affine, loop);
    score += step === 1 ? weight : step === 0 ? 0 : -2 * weight;
  };
  for (const scalar of scalarsOf(roots)) {
    if (scalar.kind === 'load') count(scalar.index, 1);
    else if (scalar.kind === 'dataset') count(scalar.feature, 1);
    else if (scalar.kind === 'noise') count(scalar.element, 20);
  }
  return score;
}

function pointLanes(kernel: Kernel): 'domain' | 'reduction' {
  const innermost = kernel.domain.at(-1);
  if (kernel.reductions.length === 0) return 'domain';
  if (innermost === undefined || innermost.extent < registerRows) return 'reduction';
  const gain = kernel.reductions.reduce((sum, reduction) => {
    const roots = reductionScalars(reduction);
    const loop = reduction.loops.at(-1);
    const along = loop === undefined || loop.extent < registerRows ? -1 : laneScore(roots, loop.name);
    return sum + laneScore(roots, innermost.name) - along;
  }, 0);
  return gain >= 0 ? 'domain' : 'reduction';
}

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;
const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** Threads for which the choice between the two operands is made; any number runs. */
const nominalThreads = 4;

function productSchedule(kernel: Kernel): WasmSchedule | null {
  const products = kernel.reductions.filter(reduction => reduction.kind === 'product');
  if (products.length === 0) return null;
  const columns = kernel.domain.at(-1)!.extent;
  const rows = pointCount(kernel.domain.slice(0, -1));
  if (rows < registerRows || columns < registerColumns) return null;
  const packing = (operand: 'left' | 'right') =>
    products.reduce(
      (sum, product) => sum + pointCount(product.loops) * (2 + scalarWork([product[operand]])),
      0,
    );
  const left = rows * packing('left');
  const right = columns * packing('right');
  const { columns: columnStep } = productSteps(kernel);
  const canSplitColumns = columns >= 2 * columnStep;
  const canSplitRows = rows >= 2 * registerRows;
  const keepLeft =
    canSplitColumns && (!canSplitRows || nominalThreads * left + right < left + nominalThreads * right);
  const depth = products.reduce((sum, product) => sum + pointCount(product.loops), 0);
  const parts = clamp(
    Math.floor((rows * columns * depth) / productUnitWork),
    1,
    keepLeft ? mostColumnTiles : mostUnits,
  );
  // Read across their rows, arrays too large for a cache want whole cache lines.
  const least = depth > cachedDepth ? 16 : 1;
  return keepLeft
    ? {
        kind: 'product',
        kept: 'left',
        tileRows: rows,
        tileColumns: roundUp(Math.max(columns / parts, least), columnStep),
      }
    : {
        kind: 'product',
        kept: 'right',
        tileRows: roundUp(Math.max(rows / parts, least), registerRows),
        tileColumns: columns,
      };
}

/** Rows and columns of which a product's tiles are multiples: whole register blocks, whole tiles of partial results. */
export function productSteps(kernel: Kernel): { readonly rows: number; readonly columns: number } {
  const tiles = kernel.stores.map(store => store.partial?.tile ?? 1);
  return { rows: registerRows, columns: tiles.reduce(leastCommonMultiple, registerColumns) };
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
const leastCommonMultiple = (a: number, b: number): number => (a / greatestCommonDivisor(a, b)) * b;

/** The schedule of a kernel whose loops are merged as far as they can be. */
export function chooseWasmSchedule(kernel: Kernel): WasmSchedule {
  const units = clamp(Math.floor(kernelWork(kernel) / unitWork), 1, mostUnits);
  return productSchedule(kernel) ?? { kind: 'points', lanes: pointLanes(kernel), units };
}
