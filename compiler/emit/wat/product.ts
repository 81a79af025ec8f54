import { pointCount } from '../../kernel/affine.js';
import type { Kernel } from '../../kernel/ir.js';
import { registerColumns, registerRows, type WasmSchedule } from '../../kernel/schedule-wasm.js';
import type { Node } from './nodes.js';
import { type Operand, pack } from './pack.js';
import type { Evaluator, Point } from './scalar.js';
import { storeRange } from './store.js';
import { decode, minimum, withLoops } from './walk.js';

type ProductSchedule = Extract<WasmSchedule, { kind: 'product' }>;

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Where one product's panels and its block of results lie in a thread's scratch memory, in bytes. */
interface ProductArea {
  readonly reduction: number;
  readonly depth: number;
  readonly left: Operand;
  readonly right: Operand;
  readonly leftAt: number;
  readonly rightAt: number;
  readonly resultAt: number;
}

export interface ProductLayout {
  readonly areas: readonly ProductArea[];
  readonly scratchBytes: number;
  readonly units: number;
}

/** First bytes of the scratch memory: the launch whose kept operand lies there. */
const headerBytes = 64;

/** Products with the same operand by reference share its panels. */
export function productLayout(kernel: Kernel, schedule: ProductSchedule): ProductLayout {
  const rows = kernel.domain.slice(0, -1);
  const column = kernel.domain.at(-1)!;
  let end = headerBytes;
  const take = (floats: number) => {
    const at = end;
    end = roundUp(end + 4 * floats, 64);
    return at;
  };
  const panels = new Map<unknown, number>();
  const place = (operand: Operand, side: number) => {
    const known = panels.get(operand.value);
    if (known !== undefined) return known;
    const at = take(roundUp(side, operand.width) * pointCount(operand.depth));
    panels.set(operand.value, at);
    return at;
  };
  const areas = kernel.reductions.flatMap((reduction, i): ProductArea[] => {
    if (reduction.kind !== 'product') return [];
    const left = { value: reduction.left, across: rows, depth: reduction.loops, width: registerRows };
    const right = {
      value: reduction.right,
      across: [column],
      depth: reduction.loops,
      width: registerColumns,
    };
    const results = roundUp(schedule.tileRows, registerRows) * roundUp(schedule.tileColumns, registerColumns);
    return [
      {
        reduction: i,
        depth: pointCount(reduction.loops),
        left,
        right,
        leftAt: place(left, schedule.tileRows),
        rightAt: place(right, schedule.tileColumns),
        resultAt: take(results),
      },
    ];
  });
  const units =
    Math.ceil(pointCount(rows) / schedule.tileRows) * Math.ceil(column.extent / schedule.tileColumns);
  return { areas, scratchBytes: end, units };
}

interface Tile {
  readonly rowFrom: Node;
  readonly rowTo: Node;
  readonly columnFrom: Node;
  readonly columnTo: Node;
}

/** Units [begin, end) of a kernel with products: pack, multiply, then evaluate and store each row of the tile. */
export function emitProduct(
  evaluator: Evaluator,
  kernel: Kernel,
  schedule: ProductSchedule,
  point: Point,
): void {
  const { nodes, text } = evaluator;
  const layout = productLayout(kernel, schedule);
  const rows = nodes.integer(pointCount(kernel.domain.slice(0, -1)));
  const columns = nodes.integer(kernel.domain.at(-1)!.extent);
  const zero = nodes.integer(0);
  const scratch = nodes.local('$scratch', 'i32', 0);
  const whole: Tile = { rowFrom: zero, rowTo: rows, columnFrom: zero, columnTo: columns };
  const packAll = (side: 'left' | 'right', tile: Tile) => {
    const done = new Set<number>();
    for (const area of layout.areas) {
      const at = side === 'left' ? area.leftAt : area.rightAt;
      if (done.has(at)) continue;
      done.add(at);
      const range =
        side === 'left'
          ? { from: tile.rowFrom, to: tile.rowTo }
          : { from: tile.columnFrom, to: tile.columnTo };
      pack(evaluator, area[side], range, nodes.addInteger(scratch, nodes.integer(at)), point);
    }
  };
  const other = schedule.kept === 'left' ? 'right' : 'left';
  const tag = nodes.local('$tag', 'i32', 0);
  const held = nodes.make('i32.load', 'i32', [scratch]);
  text.when(nodes.make('i32.ne', 'i32', [held, tag]), () => {
    text.line(`(i32.store ${text.use(scratch)} ${text.use(tag)})`);
    packAll(schedule.kept, whole);
  });
  text.loop(nodes.local('$begin', 'i32', 0), nodes.local('$end', 'i32', 0), 1, unit => {
    const tile = tileOf(evaluator, schedule, whole, unit);
    packAll(other, tile);
    for (const area of layout.areas) multiply(evaluator, schedule, area, tile, scratch);
    storeTile(evaluator, kernel, { schedule, layout, tile, scratch }, point);
  });
}

/** The tile of a unit: the kept side whole, the other one by parts. */
function tileOf(evaluator: Evaluator, schedule: ProductSchedule, whole: Tile, unit: Node): Tile {
  const { nodes } = evaluator;
  const part = (size: number, all: Node) => {
    const from = nodes.scaleInteger(unit, size);
    return [from, minimum(evaluator, nodes.addInteger(from, nodes.integer(size)), all)] as const;
  };
  if (schedule.kept === 'left') {
    const [columnFrom, columnTo] = part(schedule.tileColumns, whole.columnTo);
    return { ...whole, columnFrom, columnTo };
  }
  const [rowFrom, rowTo] = part(schedule.tileRows, whole.rowTo);
  return { ...whole, rowFrom, rowTo };
}

const rowBytes = (schedule: ProductSchedule): number => 4 * roundUp(schedule.tileColumns, registerColumns);

function multiply(
  evaluator: Evaluator,
  schedule: ProductSchedule,
  area: ProductArea,
  tile: Tile,
  scratch: Node,
): void {
  const { nodes, text } = evaluator;
  const at = (bytes: number) => text.use(nodes.addInteger(scratch, nodes.integer(bytes)));
  const panelCount = (from: Node, to: Node, width: number) => {
    const size = to.integer !== null && from.integer === 0 ? to : nodes.make('i32.sub', 'i32', [to, from]);
    const padded = nodes.addInteger(size, nodes.integer(width - 1));
    return text.use(nodes.make('i32.div_u', 'i32', [padded, nodes.integer(width)]));
  };
  const counts = [
    panelCount(tile.rowFrom, tile.rowTo, registerRows),
    panelCount(tile.columnFrom, tile.columnTo, registerColumns),
  ];
  const places = [at(area.leftAt), at(area.rightAt), at(area.resultAt)];
  const sizes = [area.depth, rowBytes(schedule)].map(size => `(i32.const ${size})`);
  text.line(`(call $multiply ${[...places, ...counts, ...sizes].join(' ')})`);
}

/** What follows the products, row by row, while the tile's results are in a cache. */
function storeTile(
  evaluator: Evaluator,
  kernel: Kernel,
  where: {
    readonly schedule: ProductSchedule;
    readonly layout: ProductLayout;
    readonly tile: Tile;
    readonly scratch: Node;
  },
  point: Point,
): void {
  const { nodes, text } = evaluator;
  const { schedule, layout, tile, scratch } = where;
  const column = kernel.domain.at(-1)!;
  text.loop(tile.rowFrom, tile.rowTo, 1, row => {
    const at = withLoops(point, decode(evaluator, kernel.domain.slice(0, -1), row));
    const rowStart = nodes.scaleInteger(
      nodes.make('i32.sub', 'i32', [row, tile.rowFrom]),
      rowBytes(schedule),
    );
    const columnStart = nodes.scaleInteger(tile.columnFrom, -4);
    const start = nodes.addInteger(nodes.addInteger(scratch, columnStart), rowStart);
    const known = new Map(
      layout.areas.map(area => [
        area.reduction,
        (here: Point) => {
          const address = nodes.addInteger(start, nodes.scaleInteger(here.loops.get(column.name)!, 4));
          return nodes.make(`v128.load offset=${area.resultAt}`, 'v128', [address]);
        },
      ]),
    );
    const range = { loop: column, from: tile.columnFrom, to: tile.columnTo, vectors: true };
    storeRange(evaluator, kernel, range, at, known);
  });
}

/**
 * (left, right, result, row blocks, column panels, depth, bytes of a result row): result = left · right for packed
 * operands, by blocks of registerRows × registerColumns held in registers. One step of depth an iteration: V8 computes
 * all of a loop body's loads first, and more of them spill.
 */
export function multiplyFunction(): string {
  const rows = Array.from({ length: registerRows }, (_, i) => i);
  const vectors = Array.from({ length: registerColumns / 4 }, (_, i) => i);
  const sums = rows.flatMap(i => vectors.map(j => `$c${i}${j}`));
  const step = (i: number, j: number) =>
    `(local.set $c${i}${j} (f32x4.relaxed_madd (local.get $a) (local.get $b${j}) (local.get $c${i}${j})))`;
  const accumulate = rows
    .map(i => {
      const products = vectors.map(j => step(i, j)).join('\n      ');
      return `      (local.set $a (v128.load32_splat offset=${4 * i} (local.get $l)))\n      ${products}`;
    })
    .join('\n');
  const store = rows
    .map(i => {
      const row = vectors.map(j => `(v128.store offset=${16 * j} (local.get $t) (local.get $c${i}${j}))`);
      return `     ${row.join(' ')}\n     (local.set $t (i32.add (local.get $t) (local.get $rowBytes)))`;
    })
    .join('\n');
  return `(func $multiply (param $left i32) (param $right i32) (param $result i32)
  (param $blocks i32) (param $panels i32) (param $depth i32) (param $rowBytes i32)
  (local $l i32) (local $r i32) (local $t i32) (local $i i32) (local $stop i32) (local $a v128)
  ${vectors.map(j => `(local $b${j} v128)`).join(' ')} ${sums.map(sum => `(local ${sum} v128)`).join(' ')}
  (loop $panel
   (local.set $l (local.get $left))
   (local.set $t (local.get $result))
   (local.set $i (local.get $blocks))
   (loop $block
    (local.set $r (local.get $right))
    (local.set $stop (i32.add (local.get $r) (i32.mul (local.get $depth) (i32.const ${4 * registerColumns}))))
    ${sums.map(sum => `(local.set ${sum} (v128.const i32x4 0 0 0 0))`).join(' ')}
    (loop $step
${vectors.map(j => `      (local.set $b${j} (v128.load offset=${16 * j} (local.get $r)))`).join('\n')}
${accumulate}
      (local.set $l (i32.add (local.get $l) (i32.const ${4 * registerRows})))
      (br_if $step (i32.ne
        (local.tee $r (i32.add (local.get $r) (i32.const ${4 * registerColumns})))
        (local.get $stop))))
${store}
    (br_if $block (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
   (local.set $right (local.get $r))
   (local.set $result (i32.add (local.get $result) (i32.const ${4 * registerColumns})))
   (br_if $panel (local.tee $panels (i32.sub (local.get $panels) (i32.const 1))))))`;
}
