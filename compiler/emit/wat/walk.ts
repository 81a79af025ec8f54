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

/** Some vectors one after another along a loop: from `variable` on, `count` of them. */
function neighbours(
  evaluator: Evaluator,
  name: string,
  variable: Node,
  count: number,
  point: Point,
): Point[] {
  const { nodes } = evaluator;
  return Array.from({ length: count }, (_, i) => ({
    ...withLoops(point, [[name, nodes.addInteger(variable, nodes.integer(4 * i))]]),
    lane: name,
    lanes: 4,
    quad: count === 4 ? { first: variable, position: i } : null,
  }));
}

/**
 * Vectors along a loop of known length that begins at `start`, `together` of them at a time as long as there are enough;
 * the last one may be short.
 */
export function vectorsOf(
  evaluator: Evaluator,
  name: string,
  range: {
    readonly start: Node;
    readonly length: number;
    readonly aligned: boolean;
    readonly together: number;
  },
  given: Point,
  body: (points: readonly Point[]) => void,
): void {
  const { nodes, text } = evaluator;
  const point = { ...given, aligned: range.aligned };
  const after = (length: number) => nodes.addInteger(range.start, nodes.integer(length));
  const rest = range.length % 4;
  let done = 0;
  for (const count of range.together > 1 ? [range.together, 1] : [1]) {
    const length = range.length - rest - ((range.length - rest - done) % (4 * count));
    if (length <= done) continue;
    text.loop(after(done), after(length), 4 * count, variable =>
      body(neighbours(evaluator, name, variable, count, point)),
    );
    done = length;
  }
  if (rest === 0) return;
  body([{ ...withLoops(point, [[name, after(done)]]), lane: name, lanes: rest as LaneCount }]);
}

/** The same from a multiple of 4 to the extent or to another multiple of 4. */
export function vectorsBetween(
  evaluator: Evaluator,
  range: { readonly loop: Loop; readonly from: Node; readonly to: Node; readonly together: number },
  given: Point,
  body: (points: readonly Point[]) => void,
): void {
  const { nodes, text } = evaluator;
  const { loop, to, together } = range;
  const point = { ...given, aligned: true };
  const rest = loop.extent % 4;
  const stretch = (from: Node, end: Node, count: number) =>
    text.when(nodes.make('i32.lt_s', 'i32', [from, end]), () => {
      text.loop(from, end, 4 * count, variable =>
        body(neighbours(evaluator, loop.name, variable, count, point)),
      );
    });
  const whole = nodes.integer(loop.extent - rest);
  const end = rest === 0 ? to : minimum(evaluator, to, whole);
  let from = range.from;
  if (together > 1 && loop.extent >= 4 * together) {
    const length = nodes.make('i32.sub', 'i32', [end, from]);
    const over = nodes.make('i32.rem_u', 'i32', [length, nodes.integer(4 * together)]);
    const middle = text.set(nodes.make('i32.sub', 'i32', [end, over]));
    stretch(from, middle, together);
    from = middle;
  }
  stretch(from, end, 1);
  if (rest === 0) return;
  text.when(nodes.make('i32.lt_s', 'i32', [whole, to]), () =>
    body([{ ...withLoops(point, [[loop.name, whole]]), lane: loop.name, lanes: rest as LaneCount }]),
  );
}

export const minimum = (evaluator: Evaluator, a: Node, b: Node): Node => {
  const { nodes } = evaluator;
  if (a.integer !== null && b.integer !== null) return nodes.integer(Math.min(a.integer, b.integer));
  return nodes.make('select', 'i32', [a, b, nodes.make('i32.lt_s', 'i32', [a, b])]);
};
