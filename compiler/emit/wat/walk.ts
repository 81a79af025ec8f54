import type { Loop } from '../../kernel/ir.js';
import type { Node } from './nodes.js';
import type { Evaluator, Point } from './scalar.js';

type LaneCount = Point['lanes'];

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
