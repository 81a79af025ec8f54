import type { Reduction, Scalar } from '../../kernel/ir.js';
import { scalarAffines, scalarsOf } from '../../kernel/scalar.js';
import { invocationsOf, type Tiled } from '../../kernel/schedule.js';
import { invariant } from '../../support/bug.js';
import { bindLoops, printScalars, type Scope } from './expression.js';
import {
  addPartials,
  bindRow,
  collectSums,
  declareFinish,
  declareStorePartials,
  finishPoint,
  type MatrixKernel,
  noAccumulator,
  noPartials,
  range,
} from './finish.js';
import { termCount } from './fold.js';
import type { ModuleText } from './module.js';
import { type Text, unsigned } from './text.js';

type Product = Extract<Reduction, { kind: 'product' }>;

/** One factor's tile on its way to workgroup memory, by `count` elements an invocation. */
interface TileCopy {
  readonly side: 'left' | 'right';
  readonly product: Product;
  /** Rows or columns. */
  readonly extent: number;
  readonly next: string;
  readonly count: number;
  /** Where it begins in `scratch`, and how far one depth is from the next there. */
  readonly start: number;
  readonly stride: number;
}

/**
 * A workgroup computes a tile of the matrix: per step of depth it copies a tile of each factor to workgroup memory, and
 * each invocation adds threadRows × threadColumns products. Invocation (y, x) has rows y · threadRows + i and columns
 * x + threadsX · j, so that neighbours read and write neighbouring columns. Where groups of invocations split the depth,
 * each takes every `splits`-th part of it, and the first group adds the others' sums to its own, in their order.
 */
class TiledPrinter {
  readonly body: Text;
  readonly #module: ModuleText;
  readonly #matrix: MatrixKernel;
  readonly #schedule: Tiled;
  readonly #threadsX: number;
  /** Rows that invocations cover: those of the tile, and a few more where they do not divide it. */
  readonly #coveredRows: number;
  /** Invocations of one group: those that have sums of the tile to finish. */
  readonly #threads: number;
  /** Of all groups; other invocations only help to copy. */
  readonly #allThreads: number;

  constructor(body: Text, matrix: MatrixKernel, schedule: Tiled, module: ModuleText) {
    const { tileRows, tileColumns, threadRows, threadColumns } = schedule;
    this.body = body;
    this.#matrix = matrix;
    this.#schedule = schedule;
    this.#module = module;
    this.#threadsX = tileColumns / threadColumns;
    this.#coveredRows = threadRows * Math.ceil(tileRows / threadRows);
    this.#allThreads = invocationsOf(schedule);
    this.#threads = this.#allThreads / schedule.splits;
  }

  print(): number {
    const { tileRows, tileColumns, threadRows, splits } = this.#schedule;
    const { rows, columns } = this.#matrix;
    const across = Math.ceil(columns / tileColumns);
    this.#declare();
    const { body } = this;
    body.line(`let first_row = (unit / ${unsigned(across)}) * ${unsigned(tileRows)};`);
    body.line(`let first_column = (unit % ${unsigned(across)}) * ${unsigned(tileColumns)};`);
    const isSplit = splits > 1;
    const own = isSplit ? 'own' : 'lane';
    if (isSplit) {
      body.line(`let group = lane / ${unsigned(this.#threads)};`);
      body.line(`let own = lane % ${unsigned(this.#threads)};`);
    }
    body.line(`let x = ${own} % ${unsigned(this.#threadsX)};`);
    body.line(`let y = (${own} / ${unsigned(this.#threadsX)}) * ${unsigned(threadRows)};`);
    this.#matrix.products.forEach((product, p) => {
      this.#product(product, p);
      if (isSplit) this.#joinGroups(p);
    });
    this.#finish();
    return across * Math.ceil(rows / tileRows);
  }

  /** Left tile first, one column of padding keeps neighbouring depths of a row in different banks; then the right one. */
  get #leftStride(): number {
    return this.#coveredRows + 1;
  }

  get #rightStart(): number {
    return this.#schedule.tileDepth * this.#leftStride;
  }

  #declare(): void {
    const { tileRows, tileColumns, tileDepth, splits } = this.#schedule;
    const { products, partials } = this.#matrix;
    invariant(
      this.#allThreads <= this.#module.workgroup,
      'a tile has more parts than a workgroup invocations',
    );
    for (const { partial } of partials)
      invariant(tileColumns % partial.tile === 0, 'partial results are of other tiles');
    if (products.length > 0) this.#module.needScratch(this.#rightStart + tileDepth * tileColumns);
    if (splits > 1) this.#module.needScratch(this.#coveredRows * tileColumns);
    if (partials.length > 0) this.#module.needScratch(tileRows * this.#shareSlots * partials.length);
    declareFinish(this.#module, this.#matrix);
    declareStorePartials(this.#module, this.#matrix);
  }

  /** Successive columns of an invocation that lie in one partial tile. */
  get #columnsPerShare(): number {
    const { partials } = this.#matrix;
    return Math.max(1, (partials[0]?.partial.tile ?? 0) / this.#threadsX);
  }

  /** Shares of partial results in a row: those of one partial tile lie side by side. */
  get #shareSlots(): number {
    return (this.#schedule.threadColumns / this.#columnsPerShare) * this.#threadsX;
  }

  /**
   * One step of depth after another: a step's elements are on their way from memory, in registers, while the step before is
   * multiplied. Every invocation comes to every barrier.
   */
  #product(product: Product, p: number): void {
    const { body } = this;
    const { tileDepth, splits } = this.#schedule;
    const first = splits > 1 ? 'group' : '0u';
    const next = splits > 1 ? `d += ${unsigned(splits)}` : 'd++';
    this.#forEachElement((i, j) => body.line(`var sum${p}_${i}_${j} = 0.0f;`));
    const steps = Math.ceil(termCount(product) / tileDepth);
    const tiles = (['left', 'right'] as const).map(side => this.#tileCopy(side, product, p));
    for (const { next, count } of tiles) body.line(`var ${next}: array<f32, ${count}>;`);
    body.block(`for (var step = 0u; step <= ${unsigned(steps)}; step++)`, () => {
      body.block('if (step > 0u)', () => {
        for (const tile of tiles) this.#place(tile);
      });
      body.line('workgroupBarrier();');
      body.block(`if (step < ${unsigned(steps)})`, () => {
        body.line(`let start = step * ${unsigned(tileDepth)};`);
        for (const tile of tiles) this.#fetch(tile);
      });
      body.block(`if (step > 0u${this.#isPartOf})`, () => {
        body.block(`for (var d = ${first}; d < ${unsigned(tileDepth)}; ${next})`, () => this.#multiply(p));
      });
      body.line('workgroupBarrier();');
    });
  }

  /** Whether the invocation has a part of the tile: one more condition. */
  get #isPartOf(): string {
    return this.#allThreads === this.#module.workgroup ? '' : ` && lane < ${unsigned(this.#allThreads)}`;
  }

  /** One group after another hands its sums to the first. */
  #joinGroups(p: number): void {
    const { body } = this;
    const { splits, threadColumns } = this.#schedule;
    const slot = (i: number, j: number) =>
      `scratch[${unsigned((i * threadColumns + j) * this.#threads)} + own]`;
    body.block(`for (var other = 1u; other < ${unsigned(splits)}; other++)`, () => {
      body.block('if (group == other)', () => {
        this.#forEachElement((i, j) => body.line(`${slot(i, j)} = sum${p}_${i}_${j};`));
      });
      body.line('workgroupBarrier();');
      body.block('if (group == 0u)', () => {
        this.#forEachElement((i, j) => body.line(`sum${p}_${i}_${j} += ${slot(i, j)};`));
      });
      body.line('workgroupBarrier();');
    });
  }

  #tileCopy(side: 'left' | 'right', product: Product, p: number): TileCopy {
    const { tileColumns, tileDepth } = this.#schedule;
    const isLeft = side === 'left';
    const extent = isLeft ? this.#coveredRows : tileColumns;
    return {
      side,
      product,
      extent,
      next: `next_${side}${p}`,
      count: Math.ceil((tileDepth * extent) / this.#module.workgroup),
      start: isLeft ? 0 : this.#rightStart,
      stride: isLeft ? this.#leftStride : extent,
    };
  }

  /**
   * Walks the elements of a tile that an invocation copies, the i-th of them at depth d and row or column e. Invocations
   * next to each other take the elements that lie next to each other in memory.
   */
  #forEachCopied({ side, product, extent, count }: TileCopy, print: () => void): void {
    const { body } = this;
    const { tileDepth } = this.#schedule;
    const { workgroup } = this.#module;
    const depthFirst = isContiguousAlong(product[side], product.loops.at(-1)?.name ?? '');
    const [fast, slow] = depthFirst ? ['d', 'e'] : ['e', 'd'];
    const period = unsigned(depthFirst ? tileDepth : extent);
    body.block(`for (var i = 0u; i < ${unsigned(count)}; i++)`, () => {
      body.line(`let t = lane + i * ${unsigned(workgroup)};`);
      const total = tileDepth * extent;
      if (total % workgroup !== 0) body.line(`if (t >= ${unsigned(total)}) { break; }`);
      body.line(`let ${fast} = t % ${period};`);
      body.line(`let ${slow} = t / ${period};`);
      print();
    });
  }

  /** Brings the tile of the depth from `start` on from memory; beyond the matrix it is zero. */
  #fetch(tile: TileCopy): void {
    const { body } = this;
    const { side, product, next } = tile;
    const limit = side === 'left' ? this.#matrix.rows : this.#matrix.columns;
    this.#forEachCopied(tile, () => {
      body.line('let depth = start + d;');
      body.line(`let edge = first_${side === 'left' ? 'row' : 'column'} + e;`);
      body.line('var value = 0.0f;');
      body.block(`if (depth < ${unsigned(termCount(product))} && edge < ${unsigned(limit)})`, () => {
        body.line(`value = ${this.#factor(side, product)};`);
      });
      body.line(`${next}[i] = value;`);
    });
  }

  /** Puts what was fetched where all invocations see it. */
  #place(tile: TileCopy): void {
    const { next, start, stride } = tile;
    this.#forEachCopied(tile, () => {
      this.body.line(`scratch[${unsigned(start)} + d * ${unsigned(stride)} + e] = ${next}[i];`);
    });
  }

  #factor(side: 'left' | 'right', product: Product): string {
    const { body } = this;
    const edge =
      side === 'left'
        ? bindRow(body, this.#module, this.#matrix, 'edge')
        : new Map([[this.#matrix.column.name, 'edge']]);
    const inner = bindLoops(body, this.#module, product.loops, 'depth');
    const scope: Scope = { loops: new Map([...edge, ...inner]), accumulator: noAccumulator };
    return printScalars(body, this.#module, [product[side]], scope)[0]!;
  }

  #multiply(p: number): void {
    const { body } = this;
    const { tileColumns, threadRows, threadColumns } = this.#schedule;
    for (const i of range(threadRows)) {
      body.line(`let left${i} = scratch[d * ${unsigned(this.#leftStride)} + y + ${unsigned(i)}];`);
    }
    for (const j of range(threadColumns)) {
      const column = `x + ${unsigned(j * this.#threadsX)}`;
      body.line(
        `let right${j} = scratch[${unsigned(this.#rightStart)} + d * ${unsigned(tileColumns)} + ${column}];`,
      );
    }
    this.#forEachElement((i, j) => body.line(`sum${p}_${i}_${j} += left${i} * right${j};`));
  }

  #forEachElement(visit: (i: number, j: number) => void): void {
    for (const i of range(this.#schedule.threadRows)) {
      for (const j of range(this.#schedule.threadColumns)) visit(i, j);
    }
  }

  #finish(): void {
    const { body } = this;
    const { tileRows, threadRows, threadColumns } = this.#schedule;
    const { partials } = this.#matrix;
    const sums = collectSums(body, this.#matrix, threadRows, threadColumns);
    const finishRows = () =>
      body.block(`for (var i = 0u; i < ${unsigned(threadRows)}; i++)`, () => {
        if (this.#coveredRows > tileRows) body.line(`if (y + i >= ${unsigned(tileRows)}) { break; }`);
        if (partials.length === 0) this.#finishColumns(unsigned(threadColumns), sums);
        else this.#finishShares(sums);
      });
    if (this.#threads === this.#module.workgroup) finishRows();
    else body.block(`if (lane < ${unsigned(this.#threads)})`, finishRows);
    if (partials.length === 0) return;
    body.line('workgroupBarrier();');
    this.#addShares();
    body.line('workgroupBarrier();');
  }

  #finishColumns(end: string, sums: readonly string[], start = '0u'): void {
    const { body } = this;
    body.block(`for (var j = ${start}; j < ${end}; j++)`, () => {
      const at = ['first_row + y + i', `first_column + x + j * ${unsigned(this.#threadsX)}`];
      finishPoint(body, this.#matrix, [...at, ...sums]);
    });
  }

  #finishShares(sums: readonly string[]): void {
    const { body } = this;
    const width = this.#columnsPerShare;
    const count = this.#matrix.partials.length;
    const shares = this.#schedule.threadColumns / width;
    body.block(`for (var g = 0u; g < ${unsigned(shares)}; g++)`, () => {
      body.line(`var total = ${noPartials(this.#matrix)};`);
      this.#finishColumns(`(g + 1u) * ${unsigned(width)}`, sums, `g * ${unsigned(width)}`);
      const slot = `(y + i) * ${unsigned(this.#shareSlots)} + g * ${unsigned(this.#threadsX)} + x`;
      for (const i of range(count)) {
        body.line(`scratch[(${slot}) * ${unsigned(count)} + ${unsigned(i)}] = total[${i}];`);
      }
    });
  }

  /** One invocation a row and partial tile combines the invocations' shares in order. */
  #addShares(): void {
    const { body } = this;
    const { tileRows, tileColumns } = this.#schedule;
    const { partials } = this.#matrix;
    const tiles = tileColumns / partials[0]!.partial.tile;
    const slots = this.#shareSlots / tiles;
    const head = `for (var t = lane; t < ${unsigned(tileRows * tiles)}; t += ${unsigned(this.#module.workgroup)})`;
    body.block(head, () => {
      body.line(`var total = ${noPartials(this.#matrix)};`);
      body.block(`for (var i = 0u; i < ${unsigned(slots)}; i++)`, () => {
        const at = range(partials.length).map(
          p => `scratch[(t * ${unsigned(slots)} + i) * ${unsigned(partials.length)} + ${unsigned(p)}]`,
        );
        body.line(`let share = array<f32, ${partials.length}>(${at.join(', ')});`);
        addPartials(body, this.#matrix, 'total', 'share');
      });
      const tile = `first_column / ${unsigned(partials[0]!.partial.tile)} + t % ${unsigned(tiles)}`;
      const row = `first_row + t / ${unsigned(tiles)}`;
      body.line(`${this.#matrix.storePartials}(${row}, ${tile}, total);`);
    });
  }
}

/** Returns the number of units. */
export const printTiled = (body: Text, matrix: MatrixKernel, schedule: Tiled, module: ModuleText) =>
  new TiledPrinter(body, matrix, schedule, module).print();

/** Some load steps by one element along the loop. */
function isContiguousAlong(factor: Scalar, loop: string): boolean {
  return scalarsOf([factor]).some(scalar =>
    scalarAffines(scalar).some(form => form.terms.some(term => term.loop === loop && term.stride === 1)),
  );
}
