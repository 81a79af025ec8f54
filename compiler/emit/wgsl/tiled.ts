import type { Reduction, Scalar } from '../../kernel/ir.js';
import { scalarAffines, scalarsOf } from '../../kernel/scalar.js';
import type { Schedule } from '../../kernel/schedule.js';
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
import { groupNumber, type ModuleText } from './module.js';
import { Text, unsigned } from './text.js';

type Tiled = Extract<Schedule, { kind: 'tiled' }>;
type Product = Extract<Reduction, { kind: 'product' }>;

/**
 * A workgroup computes a tile of the matrix: per step of depth it copies a tile of each factor to workgroup memory, and
 * each invocation adds threadRows × threadColumns products. Invocation (y, x) has rows y · threadRows + i and columns
 * x + threadsX · j, so that neighbours read and write neighbouring columns.
 */
class TiledPrinter {
  readonly body = new Text();
  readonly #module: ModuleText;
  readonly #matrix: MatrixKernel;
  readonly #schedule: Tiled;
  readonly #threadsX: number;
  readonly #threads: number;

  constructor(matrix: MatrixKernel, schedule: Tiled, module: ModuleText) {
    this.#matrix = matrix;
    this.#schedule = schedule;
    this.#module = module;
    this.#threadsX = schedule.tileColumns / schedule.threadColumns;
    this.#threads = this.#threadsX * (schedule.tileRows / schedule.threadRows);
  }

  print(): { readonly body: Text; readonly groups: number; readonly threads: number } {
    const { tileRows, tileColumns } = this.#schedule;
    const { rows, columns, partials } = this.#matrix;
    for (const { partial } of partials)
      invariant(partial.tile === tileColumns, 'partial results are of other tiles');
    const across = Math.ceil(columns / tileColumns);
    const groups = across * Math.ceil(rows / tileRows);
    this.#declare();
    const { body } = this;
    body.line(`let tile = ${groupNumber(groups)};`);
    // Uniform: every invocation of a workgroup leaves or stays.
    body.line(`if (tile >= ${unsigned(groups)}) { return; }`);
    body.line(`let first_row = (tile / ${unsigned(across)}) * ${unsigned(tileRows)};`);
    body.line(`let first_column = (tile % ${unsigned(across)}) * ${unsigned(tileColumns)};`);
    body.line(`let x = lane % ${unsigned(this.#threadsX)};`);
    body.line(`let y = (lane / ${unsigned(this.#threadsX)}) * ${unsigned(this.#schedule.threadRows)};`);
    this.#matrix.products.forEach((product, p) => {
      this.#product(product, p);
    });
    this.#finish();
    return { body, groups, threads: this.#threads };
  }

  #declare(): void {
    const { tileRows, tileColumns, tileDepth } = this.#schedule;
    const { products, partials } = this.#matrix;
    if (products.length > 0) {
      // One column of padding keeps neighbouring depths of a row in different banks.
      this.#module.declare(`var<workgroup> left_tile: array<f32, ${tileDepth * (tileRows + 1)}>;`);
      this.#module.declare(`var<workgroup> right_tile: array<f32, ${tileDepth * tileColumns}>;`);
    }
    if (partials.length > 0) {
      this.#module.declare(
        `var<workgroup> shares: array<array<f32, ${partials.length}>, ${tileRows * this.#threadsX}>;`,
      );
    }
    declareFinish(this.#module, this.#matrix);
    declareStorePartials(this.#module, this.#matrix);
  }

  #product(product: Product, p: number): void {
    const { body } = this;
    const { tileRows, tileColumns, tileDepth } = this.#schedule;
    this.#forEachElement((i, j) => body.line(`var sum${p}_${i}_${j} = 0.0f;`));
    const depth = termCount(product);
    body.block(`for (var start = 0u; start < ${unsigned(depth)}; start += ${unsigned(tileDepth)})`, () => {
      this.#copy('left', product, tileRows);
      this.#copy('right', product, tileColumns);
      body.line('workgroupBarrier();');
      body.block(`for (var d = 0u; d < ${unsigned(tileDepth)}; d++)`, () => this.#multiply(p));
      body.line('workgroupBarrier();');
    });
  }

  /**
   * Copies one factor's tile; beyond the matrix it is zero. Invocations next to each other take the elements that lie next
   * to each other in memory.
   */
  #copy(side: 'left' | 'right', product: Product, extent: number): void {
    const { body } = this;
    const { tileDepth } = this.#schedule;
    const innermost = product.loops.at(-1)?.name ?? '';
    const depthFirst = isContiguousAlong(product[side], innermost);
    const stride = side === 'left' ? extent + 1 : extent;
    const head = `for (var t = lane; t < ${unsigned(tileDepth * extent)}; t += ${unsigned(this.#threads)})`;
    body.block(head, () => {
      const [fast, slow] = depthFirst ? ['d', 'e'] : ['e', 'd'];
      const period = unsigned(depthFirst ? tileDepth : extent);
      body.line(`let ${fast} = t % ${period};`);
      body.line(`let ${slow} = t / ${period};`);
      body.line(`let depth = start + d;`);
      body.line(`let edge = first_${side === 'left' ? 'row' : 'column'} + e;`);
      body.line('var value = 0.0f;');
      const limit = side === 'left' ? this.#matrix.rows : this.#matrix.columns;
      body.block(`if (depth < ${unsigned(termCount(product))} && edge < ${unsigned(limit)})`, () => {
        body.line(`value = ${this.#factor(side, product)};`);
      });
      body.line(`${side}_tile[d * ${unsigned(stride)} + e] = value;`);
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
    const { tileRows, tileColumns, threadRows, threadColumns } = this.#schedule;
    for (const i of range(threadRows)) {
      body.line(`let left${i} = left_tile[d * ${unsigned(tileRows + 1)} + y + ${unsigned(i)}];`);
    }
    for (const j of range(threadColumns)) {
      const column = `x + ${unsigned(j * this.#threadsX)}`;
      body.line(`let right${j} = right_tile[d * ${unsigned(tileColumns)} + ${column}];`);
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
    const { threadRows, threadColumns } = this.#schedule;
    const { partials } = this.#matrix;
    const sums = collectSums(body, this.#matrix, threadRows, threadColumns);
    body.block(`for (var i = 0u; i < ${unsigned(threadRows)}; i++)`, () => {
      if (partials.length > 0) body.line(`var total = ${noPartials(this.#matrix)};`);
      body.block(`for (var j = 0u; j < ${unsigned(threadColumns)}; j++)`, () => {
        const at = ['first_row + y + i', `first_column + x + j * ${unsigned(this.#threadsX)}`];
        finishPoint(body, this.#matrix, [...at, ...sums]);
      });
      if (partials.length > 0) body.line(`shares[(y + i) * ${unsigned(this.#threadsX)} + x] = total;`);
    });
    if (partials.length === 0) return;
    body.line('workgroupBarrier();');
    this.#addShares();
  }

  /** One invocation a row combines the invocations' shares in order. */
  #addShares(): void {
    const { body } = this;
    const { tileRows, tileColumns } = this.#schedule;
    body.block(`for (var r = lane; r < ${unsigned(tileRows)}; r += ${unsigned(this.#threads)})`, () => {
      body.line(`var total = ${noPartials(this.#matrix)};`);
      body.block(`for (var i = 0u; i < ${unsigned(this.#threadsX)}; i++)`, () => {
        body.line(`let share = shares[r * ${unsigned(this.#threadsX)} + i];`);
        addPartials(body, this.#matrix, 'total', 'share');
      });
      body.line(`store_partials(first_row + r, first_column / ${unsigned(tileColumns)}, total);`);
    });
  }
}

export const printTiled = (matrix: MatrixKernel, schedule: Tiled, module: ModuleText) =>
  new TiledPrinter(matrix, schedule, module).print();

/** Some load steps by one element along the loop. */
function isContiguousAlong(factor: Scalar, loop: string): boolean {
  return scalarsOf([factor]).some(scalar =>
    scalarAffines(scalar).some(form => form.terms.some(term => term.loop === loop && term.stride === 1)),
  );
}
