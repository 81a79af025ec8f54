import { pointCount } from '../../kernel/affine.js';
import type { Loop, Scalar } from '../../kernel/ir.js';
import { mergeLoops } from '../../kernel/loops.js';
import { laneScore, scalarWork } from '../../kernel/schedule-wasm.js';
import { constantLanes, transpose } from './lanes.js';
import type { Node } from './nodes.js';
import type { Evaluator, Point } from './scalar.js';
import { decode, minimum, overLoops, vectorsOf, withLoops } from './walk.js';

/** An operand of a product: its rows (left) or columns (right) in panels of `width`, each panel depth by depth. */
export interface Operand {
  readonly value: Scalar;
  readonly across: readonly Loop[];
  readonly depth: readonly Loop[];
  readonly width: number;
}

/** The operand over as few loops as its own index forms allow. */
function simplify(operand: Operand): Operand {
  const fold = { kind: 'fold', combine: 'sum', loops: operand.depth, body: operand.value } as const;
  const merged = mergeLoops({
    kind: 'compute',
    name: '',
    domain: operand.across,
    reductions: [fold],
    stores: [],
    origin: [],
  });
  const [reduction] = merged.reductions as readonly [typeof fold];
  return { ...operand, value: reduction.body, across: merged.domain, depth: reduction.loops };
}

/** Position along the depth of the point that the depth loops are at. */
function depthPosition(evaluator: Evaluator, depth: readonly Loop[], point: Point): Node {
  let stride = 1;
  const terms = [...depth].reverse().map(({ name, extent }) => {
    const term = { loop: name, stride };
    stride *= extent;
    return term;
  });
  return evaluator.index({ constant: 0, terms }, point);
}

/**
 * Evaluates the operand at [from, to) of its rows or columns and stores it by panels at `area`: the product then reads
 * both operands from neighbouring addresses, whatever their layout and whatever they are computed from. Lanes past the
 * end hold anything finite or not: nothing reads what is computed from them.
 */
export function pack(
  evaluator: Evaluator,
  given: Operand,
  range: { readonly from: Node; readonly to: Node },
  area: Node,
  point: Point,
): void {
  const operand = simplify(given);
  const inner = operand.depth.at(-1);
  const across = operand.across.at(-1);
  const alongPanel =
    operand.across.length === 1 &&
    (inner === undefined ||
      laneScore([operand.value], across!.name) >= laneScore([operand.value], inner.name) ||
      (inner.extent < 4 && scalarWork([operand.value]) < 50));
  if (alongPanel || inner === undefined) packAlongPanel(evaluator, operand, range, area, point);
  else packAlongDepth(evaluator, operand, range, area, point);
}

type Range = { readonly from: Node; readonly to: Node };

/** Where the panel that begins at row or column `start` lies. */
function panelAddress(evaluator: Evaluator, operand: Operand, range: Range, start: Node, area: Node): Node {
  const { nodes } = evaluator;
  const first = nodes.make('i32.sub', 'i32', [start, range.from]);
  return nodes.addInteger(area, nodes.scaleInteger(first, 4 * pointCount(operand.depth)));
}

/** Vectors of neighbouring rows or columns at one depth. */
function packAlongPanel(
  evaluator: Evaluator,
  operand: Operand,
  range: Range,
  area: Node,
  point: Point,
): void {
  const { nodes, text } = evaluator;
  const { width } = operand;
  const total = pointCount(operand.across);
  const name = operand.across.at(-1)?.name ?? '';
  const panel = (start: Node, count: number) => {
    const target = panelAddress(evaluator, operand, range, start, area);
    overLoops(evaluator, operand.depth, variables => {
      const at = withLoops(point, variables);
      const position = nodes.scaleInteger(depthPosition(evaluator, operand.depth, at), width * 4);
      const address = nodes.addInteger(target, position);
      for (let half = 0; half < width / 4; half++) {
        const lanes = Math.min(4, count - 4 * half) as Point['lanes'];
        const variable = nodes.addInteger(start, nodes.integer(4 * half));
        const vector: Point = { ...withLoops(at, [[name, variable]]), lane: name, lanes, aligned: true };
        const value = lanes > 0 ? evaluator.evaluate([operand.value], vector)[0]! : constantLanes(nodes, 0);
        text.line(`(v128.store offset=${16 * half} ${text.use(address)} ${text.use(value)})`);
      }
    });
  };
  const rest = total % width;
  const whole = nodes.integer(total - rest);
  const end = rest === 0 ? range.to : minimum(evaluator, range.to, whole);
  text.when(nodes.make('i32.lt_s', 'i32', [range.from, end]), () =>
    text.loop(range.from, end, width, start => panel(start, width)),
  );
  if (rest > 0) text.when(nodes.make('i32.lt_s', 'i32', [whole, range.to]), () => panel(whole, rest));
}

/** Vectors along the depth for each row or column of a panel, turned by 4 × 4 blocks. */
function packAlongDepth(
  evaluator: Evaluator,
  operand: Operand,
  range: Range,
  area: Node,
  point: Point,
): void {
  const { nodes, text } = evaluator;
  const { width } = operand;
  const last = nodes.integer(pointCount(operand.across) - 1);
  const innermost = operand.depth.at(-1)!;
  text.loop(range.from, range.to, width, start => {
    const target = panelAddress(evaluator, operand, range, start, area);
    const members = Array.from({ length: width }, (_, i) => {
      const position = minimum(evaluator, nodes.addInteger(start, nodes.integer(i)), last);
      return decode(evaluator, operand.across, position);
    });
    overLoops(evaluator, operand.depth.slice(0, -1), variables => {
      const outer = withLoops(point, variables);
      const vectors = { start: nodes.integer(0), length: innermost.extent, aligned: true, together: 1 };
      vectorsOf(evaluator, innermost.name, vectors, outer, points => {
        const at = points[0]!;
        const values = members.map(member => evaluator.evaluate([operand.value], withLoops(at, member))[0]!);
        const position = nodes.scaleInteger(depthPosition(evaluator, operand.depth, at), width * 4);
        const address = text.use(nodes.addInteger(target, position));
        for (let half = 0; half < width / 4; half++) {
          const columns = transpose(nodes, values.slice(4 * half, 4 * half + 4));
          for (let step = 0; step < at.lanes; step++) {
            const offset = step * width * 4 + 16 * half;
            text.line(`(v128.store offset=${offset} ${address} ${text.use(columns[step]!)})`);
          }
        }
      });
    });
  });
}
