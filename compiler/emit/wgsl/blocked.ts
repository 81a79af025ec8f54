import type { Reduction } from '../../kernel/ir.js';
import type { Schedule } from '../../kernel/schedule.js';
import { printScalars, type Scope } from './expression.js';
import {
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
import { forEachTerm } from './fold.js';
import type { ModuleText } from './module.js';
import { type Text, unsigned } from './text.js';

type Blocked = Extract<Schedule, { kind: 'blocked' }>;
type Product = Extract<Reduction, { kind: 'product' }>;

/**
 * An invocation computes threadRows × threadColumns elements in registers, straight from memory; where the kernel stores
 * partial results, threadRows × one tile, block by block. Rows and columns beyond the matrix repeat its last ones and are
 * not stored.
 */
class BlockedPrinter {
  readonly body: Text;
  readonly #module: ModuleText;
  readonly #matrix: MatrixKernel;
  readonly #schedule: Blocked;

  constructor(body: Text, matrix: MatrixKernel, schedule: Blocked, module: ModuleText) {
    this.body = body;
    this.#matrix = matrix;
    this.#schedule = schedule;
    this.#module = module;
  }

  print(): number {
    const { threadRows, threadColumns } = this.#schedule;
    const { workgroup } = this.#module;
    const { rows, columns, partials } = this.#matrix;
    const width = partials[0]?.partial.tile ?? threadColumns;
    const across = Math.ceil(columns / width);
    const blocks = across * Math.ceil(rows / threadRows);
    declareFinish(this.#module, this.#matrix);
    declareStorePartials(this.#module, this.#matrix);
    const { body } = this;
    body.line(`let block = unit * ${unsigned(workgroup)} + lane;`);
    body.line(`if (block >= ${unsigned(blocks)}) { return; }`);
    body.line(`let first_row = (block / ${unsigned(across)}) * ${unsigned(threadRows)};`);
    body.line(`let tile = block % ${unsigned(across)};`);
    const rowCounters = this.#bindRows();
    if (partials.length === 0) {
      body.line(`let first_column = tile * ${unsigned(width)};`);
      this.#block(rowCounters);
    } else this.#tile(width, rowCounters);
    return Math.ceil(blocks / workgroup);
  }

  #bindRows(): readonly ReadonlyMap<string, string>[] {
    return range(this.#schedule.threadRows).map(i => {
      this.body.line(`let row${i} = min(first_row + ${unsigned(i)}, ${unsigned(this.#matrix.rows - 1)});`);
      return bindRow(this.body, this.#module, this.#matrix, `row${i}`);
    });
  }

  #tile(width: number, rowCounters: readonly ReadonlyMap<string, string>[]): void {
    const { body } = this;
    const { threadRows, threadColumns } = this.#schedule;
    const none = range(threadRows).map(() => noPartials(this.#matrix));
    const shares = `array<f32, ${this.#matrix.partials.length}>`;
    body.line(`var totals = array<${shares}, ${threadRows}>(${none.join(', ')});`);
    body.line(`let end = min((tile + 1u) * ${unsigned(width)}, ${unsigned(this.#matrix.columns)});`);
    const head = `for (var first_column = tile * ${unsigned(width)}; first_column < end; first_column += ${unsigned(threadColumns)})`;
    body.block(head, () => this.#block(rowCounters));
    this.#module.loop(body, 'i', threadRows, () => {
      body.line(`${this.#matrix.storePartials}(first_row + i, tile, totals[i]);`);
    });
  }

  #block(rowCounters: readonly ReadonlyMap<string, string>[]): void {
    const { body } = this;
    const { threadRows, threadColumns } = this.#schedule;
    for (const j of range(this.#schedule.threadColumns)) {
      body.line(
        `let column${j} = min(first_column + ${unsigned(j)}, ${unsigned(this.#matrix.columns - 1)});`,
      );
    }
    this.#matrix.products.forEach((product, p) => {
      this.#forEachElement((i, j) => body.line(`var sum${p}_${i}_${j} = 0.0f;`));
      const nest = () =>
        forEachTerm(body, this.#module, product.loops, counters => {
          this.#multiply(product, p, counters, rowCounters);
        });
      if (product.loops.length === 0) body.block('', nest);
      else nest();
    });
    const sums = collectSums(body, this.#matrix, threadRows, threadColumns);
    const hasPartials = this.#matrix.partials.length > 0;
    this.#module.loop(body, 'i', threadRows, () => {
      if (hasPartials) body.line('var total = totals[i];');
      this.#module.loop(body, 'j', threadColumns, () => {
        finishPoint(body, this.#matrix, ['first_row + i', 'first_column + j', ...sums]);
      });
      if (hasPartials) body.line('totals[i] = total;');
    });
  }

  #multiply(
    product: Product,
    p: number,
    counters: ReadonlyMap<string, string>,
    rowCounters: readonly ReadonlyMap<string, string>[],
  ): void {
    const { body } = this;
    const factor = (side: 'left' | 'right', edge: ReadonlyMap<string, string>): string => {
      const scope: Scope = { loops: new Map([...counters, ...edge]), accumulator: noAccumulator };
      return printScalars(body, this.#module, [product[side]], scope)[0]!;
    };
    const { threadRows, threadColumns } = this.#schedule;
    for (const i of range(threadRows)) body.line(`let left${i} = ${factor('left', rowCounters[i]!)};`);
    for (const j of range(threadColumns)) {
      const column = new Map([[this.#matrix.column.name, `column${j}`]]);
      body.line(`let right${j} = ${factor('right', column)};`);
    }
    this.#forEachElement((i, j) => body.line(`sum${p}_${i}_${j} += left${i} * right${j};`));
  }

  #forEachElement(visit: (i: number, j: number) => void): void {
    for (const i of range(this.#schedule.threadRows)) {
      for (const j of range(this.#schedule.threadColumns)) visit(i, j);
    }
  }
}

/** Returns the number of units. */
export const printBlocked = (body: Text, matrix: MatrixKernel, schedule: Blocked, module: ModuleText) =>
  new BlockedPrinter(body, matrix, schedule, module).print();
