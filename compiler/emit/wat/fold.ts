import type { Kernel, Reduction, Scalar } from '../../kernel/ir.js';
import { drawsNoise } from '../../kernel/schedule-wasm.js';
import { CompilerBug } from '../../support/bug.js';
import { combineLanes, constantLanes } from './lanes.js';
import type { Node } from './nodes.js';
import type { Evaluator, Point } from './scalar.js';
import { overLoops, vectorsOf, withLoops } from './walk.js';

type Fold = Extract<Reduction, { kind: 'fold' }>;

/** The smallest finite f32. */
const emptyMaximum = -3.4028234663852886e38;
export const identity = { sum: 0, max: emptyMaximum } as const;

export const combination = (evaluator: Evaluator, combine: 'sum' | 'max') =>
  combine === 'sum' ? evaluator.lanes.add : evaluator.lanes.maximum;

/** A local that combines values loop by loop. */
export interface Accumulator {
  readonly add: (value: Node) => void;
  /** What has been combined up to here. */
  readonly value: () => Node;
}

export function accumulator(evaluator: Evaluator, combine: 'sum' | 'max'): Accumulator {
  const merge = combine === 'sum' ? 'f32x4.add' : 'f32x4.pmax';
  return accumulate(evaluator, identity[combine], (total, value) => `(${merge} ${total} ${value})`);
}

/** A local that begins with a number and takes in values as `update` writes it. */
export function accumulate(
  { text, nodes }: Evaluator,
  start: number,
  update: (total: string, value: string) => string,
): Accumulator {
  const name = text.declare('v128');
  text.line(`(local.set ${name} ${text.use(constantLanes(nodes, start))})`);
  return {
    add: (value: Node) => text.line(`(local.set ${name} ${update(`(local.get ${name})`, text.use(value))})`),
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
    const together = drawsNoise([reduction.body]) ? 4 : 1;
    const range = { start: evaluator.nodes.integer(0), length: innermost.extent, aligned: true, together };
    points.forEach((point, i) => {
      vectorsOf(evaluator, innermost.name, range, withLoops(point, variables), vectors => {
        for (const inner of vectors) add(totals[i]!, inner, inner.lanes);
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

/** Runs a kernel's reductions at some points, those in `known` excepted, and evaluates scalars at each. */
export function evaluatePoints(
  evaluator: Evaluator,
  kernel: Kernel,
  scalars: readonly Scalar[],
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
  const values = inner.map(point => evaluator.evaluate(scalars, point));
  // All values before the first store: a launch may replace an array in place.
  for (const value of values.flat()) evaluator.text.use(value);
  return values;
}
