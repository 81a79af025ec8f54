import { pointCount, strideOf } from '../../kernel/affine.js';
import type { Kernel, Loop, Scalar, Store } from '../../kernel/ir.js';
import { drawsNoise, scalarWork } from '../../kernel/schedule-wasm.js';
import { CompilerBug } from '../../support/bug.js';
import {
  type Accumulator,
  accumulator,
  combination,
  evaluatePoints,
  identity,
  type KnownResults,
  maskLanes,
} from './fold.js';
import { combineLanes } from './lanes.js';
import { type LogProduct, type LogTerms, logProduct, splitLogTerms } from './log-product.js';
import type { Node } from './nodes.js';
import type { Evaluator, Point } from './scalar.js';
import { minimum, vectorsBetween, vectorsOf, withLoops } from './walk.js';

/** Writes the lanes that count. */
export function writeLanes(evaluator: Evaluator, store: Store, value: Node, point: Point): void {
  const { text, nodes } = evaluator;
  const { base, offset } = evaluator.address(store.buffer, store.index, point);
  const stride = point.lane === null ? 0 : strideOf(store.index, point.lane);
  if (point.lane !== null && point.lanes === 4 && stride === 1) {
    text.line(`(v128.store offset=${offset} ${text.use(base)} ${text.use(value)})`);
    return;
  }
  const count = point.lane === null ? 1 : point.lanes;
  for (let lane = 0; lane < count; lane++) {
    const step = 4 * stride * lane;
    const at = step < 0 ? nodes.addInteger(base, nodes.integer(step)) : base;
    const address = text.use(at);
    text.line(
      `(v128.store32_lane offset=${offset + Math.max(step, 0)} ${lane} ${address} ${text.use(value)})`,
    );
  }
}

export const storedValues = ({ stores }: Kernel): readonly Scalar[] => stores.map(store => store.value);

/**
 * Stores of the points of the innermost loop in [from, to): vectors along it, or one point at a time. Tiles of partial
 * stores lie wholly inside the range.
 */
export function storeRange(
  evaluator: Evaluator,
  kernel: Kernel,
  range: { readonly loop: Loop; readonly from: Node; readonly to: Node; readonly vectors: boolean },
  point: Point,
  known?: KnownResults,
): void {
  const { text } = evaluator;
  const tile = partialTile(kernel);
  if (tile !== null) {
    storeTiles(evaluator, kernel, { ...range, tile }, point, known);
    return;
  }
  const write = (points: readonly Point[]) => {
    const values = evaluatePoints(evaluator, kernel, storedValues(kernel), points, known);
    for (const [at, of] of points.entries()) {
      for (const [i, store] of kernel.stores.entries()) writeLanes(evaluator, store, values[at]![i]!, of);
    }
  };
  if (range.vectors)
    vectorsBetween(evaluator, { ...range, together: vectorsTogether(kernel, known) }, point, write);
  else
    text.loop(range.from, range.to, 1, variable => write([withLoops(point, [[range.loop.name, variable]])]));
}

/** A function of several dozen instructions, worth its text three times where there are this many points. */
const heavyWork = 25;
const manyPoints = 20_000;

/**
 * How many vectors are computed at once: a cache line of them where a kernel reduces along another loop than theirs, as
 * many where it draws noise, which is made for four; three where one is a long chain of instructions that wait for each
 * other: 1 % of a step less than with two, and four no longer fit the registers.
 */
function vectorsTogether(kernel: Kernel, known: KnownResults | undefined): number {
  if (kernel.reductions.some((_, i) => !known?.has(i))) return 4;
  const values = storedValues(kernel);
  if (drawsNoise(values)) return 4;
  const work = scalarWork(values);
  return work >= heavyWork && pointCount(kernel.domain) >= manyPoints ? 3 : 1;
}

/** The one tile size of a kernel's partial stores. */
function partialTile(kernel: Kernel): number | null {
  const tiles = new Set(kernel.stores.flatMap(store => (store.partial === null ? [] : [store.partial.tile])));
  if (tiles.size > 1) throw new CompilerBug(`kernel ${kernel.name} stores by tiles of several sizes`);
  return [...tiles][0] ?? null;
}

interface TiledRange {
  readonly loop: Loop;
  readonly from: Node;
  readonly to: Node;
  readonly vectors: boolean;
  readonly tile: number;
}

function storeTiles(
  evaluator: Evaluator,
  kernel: Kernel,
  range: TiledRange,
  point: Point,
  known: KnownResults | undefined,
): void {
  const { text, nodes } = evaluator;
  const { loop, tile } = range;
  const storeOne = (number: Node, length: number) =>
    storeTile(evaluator, kernel, { ...range, number, length }, point, known);
  const first = nodes.make('i32.div_u', 'i32', [range.from, nodes.integer(tile)]);
  const whole = nodes.integer(Math.floor(loop.extent / tile));
  const rest = loop.extent % tile;
  const ceiling = nodes.make('i32.div_u', 'i32', [
    nodes.addInteger(range.to, nodes.integer(tile - 1)),
    nodes.integer(tile),
  ]);
  const last = minimum(evaluator, ceiling, whole);
  text.when(nodes.make('i32.lt_s', 'i32', [first, last]), () =>
    text.loop(first, last, 1, number => storeOne(number, tile)),
  );
  if (rest === 0) return;
  text.when(nodes.make('i32.lt_s', 'i32', [whole, ceiling]), () => storeOne(whole, rest));
}

/** No loop of a kernel has this name. */
const tileName = '#tile';

/** What one store of a tile combines its values in, and the product of those under one logarithm. */
interface TileTotal {
  readonly store: Store & { readonly partial: NonNullable<Store['partial']> };
  /** Of the value that it combines, among those that are computed at each point. */
  readonly position: number;
  readonly total: Accumulator;
  readonly logs: TileLogs | null;
}

interface TileLogs {
  readonly terms: LogTerms;
  readonly product: LogProduct;
  /** Position of the first argument. */
  readonly from: number;
}

/** One for each store, null where each point is stored; and the values to compute at each point, arguments of logarithms last. */
function tileTotals(evaluator: Evaluator, kernel: Kernel, terms: number) {
  const values = [...storedValues(kernel)];
  const totals = kernel.stores.map(({ partial, ...store }, position): TileTotal | null => {
    if (partial === null) return null;
    const whole = { store: { ...store, partial }, position, total: accumulator(evaluator, partial.combine) };
    const split = partial.combine === 'sum' ? splitLogTerms(store.value, terms) : null;
    if (split === null) return { ...whole, logs: null };
    const from = values.length;
    values[position] = split.rest;
    values.push(...split.arguments);
    return { ...whole, logs: { terms: split, product: logProduct(evaluator), from } };
  });
  return { totals, values };
}

/** Adds what there is at one point, of which so many lanes count. */
function addPoint(
  evaluator: Evaluator,
  { store, position, total, logs }: TileTotal,
  values: readonly Node[],
  lanes: Point['lanes'],
): void {
  total.add(maskLanes(evaluator, values[position]!, lanes, identity[store.partial.combine]));
  if (logs === null) return;
  const { terms, product, from } = logs;
  for (const argument of values.slice(from, from + terms.arguments.length)) product.multiply(argument, lanes);
}

/** One tile of the innermost loop: stores of its points, then the combined values. */
function storeTile(
  evaluator: Evaluator,
  kernel: Kernel,
  range: TiledRange & { readonly number: Node; readonly length: number },
  point: Point,
  known: KnownResults | undefined,
): void {
  const { text, nodes } = evaluator;
  const { loop, tile, number, length } = range;
  const start = nodes.scaleInteger(number, tile);
  const perLane = range.vectors ? Math.ceil(tile / 4) : tile;
  const { totals, values: wanted } = tileTotals(evaluator, kernel, perLane);
  const body = (points: readonly Point[]) => {
    const values = evaluatePoints(evaluator, kernel, wanted, points, known);
    for (const [position, at] of points.entries()) {
      const lanes = at.lane === null ? 4 : at.lanes;
      for (const [i, store] of kernel.stores.entries()) {
        const total = totals[i]!;
        if (total === null) writeLanes(evaluator, store, values[position]![i]!, at);
        else addPoint(evaluator, total, values[position]!, lanes);
      }
    }
  };
  if (range.vectors) {
    const together = vectorsTogether(kernel, known);
    vectorsOf(evaluator, loop.name, { start, length, aligned: tile % 4 === 0, together }, point, body);
  } else {
    const end = nodes.addInteger(start, nodes.integer(length));
    text.loop(start, end, 1, variable => body([withLoops(point, [[loop.name, variable]])]));
  }
  for (const each of totals) {
    if (each === null) continue;
    const { store } = each;
    const total = totalOf(evaluator, each);
    const merge = combination(evaluator, store.partial.combine);
    const value = range.vectors ? combineLanes(nodes, merge, total) : total;
    const index = { ...store.index, terms: [...store.index.terms, { loop: tileName, stride: 1 }] };
    const at = { ...withLoops(point, [[tileName, number]]), lane: null };
    writeLanes(evaluator, { ...store, index }, value, at);
  }
}

function totalOf({ lanes }: Evaluator, { total, logs }: TileTotal): Node {
  if (logs === null) return total.value();
  const combine = logs.terms.sign === 1 ? lanes.add : lanes.subtract;
  return combine(total.value(), logs.product.log());
}
