import { strideOf } from '../../kernel/affine.js';
import type { Kernel, Loop, Reduction, Store } from '../../kernel/ir.js';
import { CompilerBug } from '../../support/bug.js';
import { combineLanes, constantLanes } from './lanes.js';
import type { Node } from './nodes.js';
import type { Evaluator, Point } from './scalar.js';

type Fold = Extract<Reduction, { kind: 'fold' }>;
type LaneCount = Point['lanes'];

/** The smallest finite f32. */
const emptyMaximum = -3.4028234663852886e38;
const identity = { sum: 0, max: emptyMaximum } as const;

const combination = (evaluator: Evaluator, combine: 'sum' | 'max') =>
  combine === 'sum' ? evaluator.lanes.add : evaluator.lanes.maximum;

/** Values of an outer index as loop variables, the last loop fastest. */
export function decode(
  evaluator: Evaluator,
  loops: readonly Loop[],
  position: Node,
): readonly (readonly [string, Node])[] {
  const { nodes } = evaluator;
  let rest = position;
  const values = [...loops].reverse().map(({ name, extent }, i) => {
    if (i === loops.length - 1) return [name, rest] as const;
    const size = nodes.integer(extent);
    const value = nodes.make('i32.rem_u', 'i32', [rest, size]);
    rest = nodes.make('i32.div_u', 'i32', [rest, size]);
    return [name, value] as const;
  });
  return values;
}

export const withLoops = (point: Point, entries: readonly (readonly [string, Node])[]): Point => ({
  ...point,
  loops: new Map([...point.loops, ...entries]),
});

type LoopEntries = readonly (readonly [string, Node])[];

/** Nested loops over every point of `loops`; the body is given their variables. */
export function overLoops(
  evaluator: Evaluator,
  loops: readonly Loop[],
  body: (variables: LoopEntries) => void,
  outer: LoopEntries = [],
): void {
  const [first, ...rest] = loops;
  if (first === undefined) {
    body(outer);
    return;
  }
  const { nodes } = evaluator;
  evaluator.text.loop(nodes.integer(0), nodes.integer(first.extent), 1, variable =>
    overLoops(evaluator, rest, body, [...outer, [first.name, variable]]),
  );
}

/** Vectors along a loop of known length that begins at `start`; the last one may be short. */
export function vectorsOf(
  evaluator: Evaluator,
  name: string,
  range: { readonly start: Node; readonly length: number; readonly aligned: boolean },
  point: Point,
  body: (point: Point) => void,
): void {
  const { nodes, text } = evaluator;
  const whole = range.length - (range.length % 4);
  const at = (variable: Node, lanes: LaneCount): Point => ({
    ...withLoops(point, [[name, variable]]),
    lane: name,
    lanes,
    aligned: range.aligned,
  });
  const after = nodes.addInteger(range.start, nodes.integer(whole));
  if (whole > 0) text.loop(range.start, after, 4, variable => body(at(variable, 4)));
  if (range.length > whole) body(at(after, (range.length - whole) as LaneCount));
}

/** Vectors that are computed together where a kernel reduces along another loop than theirs: a cache line. */
const wideVectors = 4;

/**
 * Vectors along a loop from a multiple of 4 to the extent or to another multiple of 4; `wide`: several at once as long
 * as there are enough.
 */
export function vectorsBetween(
  evaluator: Evaluator,
  range: { readonly loop: Loop; readonly from: Node; readonly to: Node; readonly wide: boolean },
  point: Point,
  body: (points: readonly Point[]) => void,
): void {
  const { nodes, text } = evaluator;
  const { loop, to } = range;
  const rest = loop.extent % 4;
  const at = (variable: Node, lanes: LaneCount): Point => ({
    ...withLoops(point, [[loop.name, variable]]),
    lane: loop.name,
    lanes,
    aligned: true,
  });
  const stretch = (from: Node, end: Node, vectors: number) =>
    text.when(nodes.make('i32.lt_s', 'i32', [from, end]), () => {
      text.loop(from, end, 4 * vectors, variable => {
        const starts = Array.from({ length: vectors }, (_, i) =>
          nodes.addInteger(variable, nodes.integer(4 * i)),
        );
        body(starts.map(start => at(start, 4)));
      });
    });
  const whole = nodes.integer(loop.extent - rest);
  const end = rest === 0 ? to : minimum(evaluator, to, whole);
  let from = range.from;
  if (range.wide && loop.extent >= 4 * wideVectors) {
    const length = nodes.make('i32.sub', 'i32', [end, from]);
    const together = nodes.make('i32.and', 'i32', [length, nodes.integer(-4 * wideVectors)]);
    const middle = text.set(nodes.addInteger(from, together));
    stretch(from, middle, wideVectors);
    from = middle;
  }
  stretch(from, end, 1);
  if (rest === 0) return;
  text.when(nodes.make('i32.lt_s', 'i32', [whole, to]), () => body([at(whole, rest as LaneCount)]));
}

export const minimum = (evaluator: Evaluator, a: Node, b: Node): Node => {
  const { nodes } = evaluator;
  if (a.integer !== null && b.integer !== null) return nodes.integer(Math.min(a.integer, b.integer));
  return nodes.make('select', 'i32', [a, b, nodes.make('i32.lt_s', 'i32', [a, b])]);
};

/** A local that combines values loop by loop. */
interface Accumulator {
  readonly add: (value: Node) => void;
  /** What has been combined up to here. */
  readonly value: () => Node;
}

function accumulator(evaluator: Evaluator, combine: 'sum' | 'max'): Accumulator {
  const { text, nodes } = evaluator;
  const name = text.declare('v128');
  const merge = combine === 'sum' ? 'f32x4.add' : 'f32x4.pmax';
  text.line(`(local.set ${name} ${text.use(constantLanes(nodes, identity[combine]))})`);
  return {
    add: (value: Node) => text.line(`(local.set ${name} (${merge} (local.get ${name}) ${text.use(value)}))`),
    value: () => {
      const result = text.declare('v128');
      text.line(`(local.set ${result} (local.get ${name}))`);
      return nodes.local(result, 'v128', text.level);
    },
  };
}

/** Lanes that do not count, made neutral. */
export function maskLanes(evaluator: Evaluator, value: Node, lanes: number, neutral: number): Node {
  if (lanes === 4) return value;
  const { nodes } = evaluator;
  const words = [0, 1, 2, 3].map(lane => (lane < lanes ? '0xffffffff' : '0'));
  const mask = nodes.make(`v128.const i32x4 ${words.join(' ')}`, 'v128', []);
  return evaluator.lanes.choose(mask, value, constantLanes(nodes, neutral));
}

/**
 * One reduction at some points, in every lane of each. Where points have one lane, vectors run along the reduction's
 * innermost loop and their lanes are combined at the end.
 */
function fold(evaluator: Evaluator, reduction: Fold, points: readonly Point[]): readonly Node[] {
  const innermost = reduction.loops.at(-1);
  const add = (total: Accumulator, point: Point, lanes: number) => {
    const [value] = evaluator.evaluate([reduction.body], point);
    total.add(maskLanes(evaluator, value!, lanes, identity[reduction.combine]));
  };
  const totals = points.map(() => accumulator(evaluator, reduction.combine));
  if (points[0]!.lane !== null || innermost === undefined) {
    overLoops(evaluator, reduction.loops, variables => {
      points.forEach((point, i) => {
        add(totals[i]!, withLoops(point, variables), 4);
      });
    });
    return totals.map(total => total.value());
  }
  overLoops(evaluator, reduction.loops.slice(0, -1), variables => {
    const range = { start: evaluator.nodes.integer(0), length: innermost.extent, aligned: true };
    points.forEach((point, i) => {
      vectorsOf(evaluator, innermost.name, range, withLoops(point, variables), inner => {
        add(totals[i]!, inner, inner.lanes);
      });
    });
  });
  const merge = combination(evaluator, reduction.combine);
  return totals.map(total => evaluator.text.set(combineLanes(evaluator.nodes, merge, total.value())));
}

/** A product as a fold of left · right. */
const asFold = (reduction: Reduction): Fold =>
  reduction.kind === 'fold'
    ? reduction
    : {
        kind: 'fold',
        combine: 'sum',
        loops: reduction.loops,
        body: { kind: 'apply', op: 'multiply', args: [reduction.left, reduction.right] },
      };

/** Where the results of some reductions lie already. */
export type KnownResults = ReadonlyMap<number, (point: Point) => Node>;

/** Runs the reductions of some points, those in `known` excepted, and evaluates what each point stores. */
export function evaluatePoints(
  evaluator: Evaluator,
  kernel: Kernel,
  points: readonly Point[],
  known: KnownResults = new Map(),
): readonly (readonly Node[])[] {
  const results = points.map((): Node[] => []);
  const inner = points.map(
    (point, i): Point => ({
      ...point,
      accumulator: index => {
        const result = results[i]![index];
        if (result === undefined)
          throw new CompilerBug(`kernel ${kernel.name} uses a reduction before it ran`);
        return result;
      },
    }),
  );
  for (const [index, reduction] of kernel.reductions.entries()) {
    const stored = known.get(index);
    const values = stored ? points.map(stored) : fold(evaluator, asFold(reduction), inner);
    for (const [i, value] of values.entries()) results[i]!.push(value);
  }
  const values = inner.map(point =>
    evaluator.evaluate(
      kernel.stores.map(store => store.value),
      point,
    ),
  );
  // All values before the first store: a launch may replace an array in place.
  for (const value of values.flat()) evaluator.text.use(value);
  return values;
}

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
    const values = evaluatePoints(evaluator, kernel, points, known);
    for (const [at, of] of points.entries()) {
      for (const [i, store] of kernel.stores.entries()) writeLanes(evaluator, store, values[at]![i]!, of);
    }
  };
  const wide = kernel.reductions.some((_, i) => !known?.has(i));
  if (range.vectors) vectorsBetween(evaluator, { ...range, wide }, point, write);
  else
    text.loop(range.from, range.to, 1, variable => write([withLoops(point, [[range.loop.name, variable]])]));
}

/** The one tile size of a kernel's partial stores. */
function partialTile(kernel: Kernel): number | null {
  const tiles = new Set(kernel.stores.flatMap(store => (store.partial === null ? [] : [store.partial.tile])));
  if (tiles.size > 1) throw new CompilerBug(`kernel ${kernel.name} stores by tiles of several sizes`);
  return [...tiles][0] ?? null;
}

function storeTiles(
  evaluator: Evaluator,
  kernel: Kernel,
  range: {
    readonly loop: Loop;
    readonly from: Node;
    readonly to: Node;
    readonly vectors: boolean;
    readonly tile: number;
  },
  point: Point,
  known: KnownResults | undefined,
): void {
  const { text, nodes } = evaluator;
  const { loop, tile } = range;
  const oneTile = (start: Node, number: Node, length: number) => {
    const totals = kernel.stores.map(store =>
      store.partial === null ? null : accumulator(evaluator, store.partial.combine),
    );
    const body = (at: Point) => {
      const values = evaluatePoints(evaluator, kernel, [at], known)[0]!;
      for (const [i, { partial, ...store }] of kernel.stores.entries()) {
        const lanes = at.lane === null ? 4 : at.lanes;
        if (partial === null) writeLanes(evaluator, { ...store, partial }, values[i]!, at);
        else totals[i]!.add(maskLanes(evaluator, values[i]!, lanes, identity[partial.combine]));
      }
    };
    if (range.vectors) {
      vectorsOf(evaluator, loop.name, { start, length, aligned: tile % 4 === 0 }, point, body);
    } else {
      const end = nodes.addInteger(start, nodes.integer(length));
      text.loop(start, end, 1, variable => body(withLoops(point, [[loop.name, variable]])));
    }
    kernel.stores.forEach((store, i) => {
      if (store.partial === null) return;
      const merge = combination(evaluator, store.partial.combine);
      const total = totals[i]!.value();
      const value = range.vectors ? combineLanes(nodes, merge, total) : total;
      const index = { ...store.index, terms: [...store.index.terms, { loop: tileName, stride: 1 }] };
      const at = { ...withLoops(point, [[tileName, number]]), lane: null };
      writeLanes(evaluator, { ...store, index }, value, at);
    });
  };
  const first = nodes.make('i32.div_u', 'i32', [range.from, nodes.integer(tile)]);
  const whole = nodes.integer(Math.floor(loop.extent / tile));
  const rest = loop.extent % tile;
  const ceiling = nodes.make('i32.div_u', 'i32', [
    nodes.addInteger(range.to, nodes.integer(tile - 1)),
    nodes.integer(tile),
  ]);
  const last = minimum(evaluator, ceiling, whole);
  text.when(nodes.make('i32.lt_s', 'i32', [first, last]), () =>
    text.loop(first, last, 1, number => oneTile(nodes.scaleInteger(number, tile), number, tile)),
  );
  if (rest === 0) return;
  text.when(nodes.make('i32.lt_s', 'i32', [whole, ceiling]), () =>
    oneTile(nodes.scaleInteger(whole, tile), whole, rest),
  );
}

/** No loop of a kernel has this name. */
const tileName = '#tile';
