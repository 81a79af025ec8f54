import type { Reduction } from '../../kernel/ir.js';
import type { Schedule } from '../../kernel/schedule.js';
import { type Blocks, bindRows, finishBlock, forEachElement, walkBlocks, walkedColumns } from './blocks.js';
import { printScalars, type Scope } from './expression.js';
import { declareFinish, declareStorePartials, type MatrixKernel, noAccumulator, range } from './finish.js';
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
  readonly #blocks: Blocks;

  constructor(body: Text, matrix: MatrixKernel, schedule: Blocked, module: ModuleText) {
    this.body = body;
    this.#matrix = matrix;
    this.#schedule = schedule;
    this.#module = module;
    const { threadRows, threadColumns } = schedule;
    this.#blocks = { body, module, matrix, threadRows, threadColumns, row: i => `first_row + ${i}` };
  }

  print(): number {
    const { threadRows } = this.#schedule;
    const { workgroup } = this.#module;
    const { rows, columns } = this.#matrix;
    const across = Math.ceil(columns / walkedColumns(this.#blocks));
    const blocks = across * Math.ceil(rows / threadRows);
    declareFinish(this.#module, this.#matrix);
    declareStorePartials(this.#module, this.#matrix);
    const { body } = this;
    body.line(`let block = unit * ${unsigned(workgroup)} + lane;`);
    body.line(`if (block >= ${unsigned(blocks)}) { return; }`);
    body.line(`let first_row = (block / ${unsigned(across)}) * ${unsigned(threadRows)};`);
    body.line(`let tile = block % ${unsigned(across)};`);
    const rowCounters = bindRows(this.#blocks);
    walkBlocks(this.#blocks, () => this.#block(rowCounters));
    return Math.ceil(blocks / workgroup);
  }

  #block(rowCounters: readonly ReadonlyMap<string, string>[]): void {
    const { body } = this;
    for (const j of range(this.#schedule.threadColumns)) {
      body.line(
        `let column${j} = min(first_column + ${unsigned(j)}, ${unsigned(this.#matrix.columns - 1)});`,
      );
    }
    this.#matrix.products.forEach((product, p) => {
      forEachElement(this.#blocks, (i, j) => body.line(`var sum${p}_${i}_${j} = 0.0f;`));
      const nest = () =>
        forEachTerm(body, this.#module, product.loops, counters => {
          this.#multiply(product, p, counters, rowCounters);
        });
      if (product.loops.length === 0) body.block('', nest);
      else nest();
    });
    finishBlock(this.#blocks);
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
    forEachElement(this.#blocks, (i, j) => body.line(`sum${p}_${i}_${j} += left${i} * right${j};`));
  }
}

/** Returns the number of units. */
export const printBlocked = (body: Text, matrix: MatrixKernel, schedule: Blocked, module: ModuleText) =>
  new BlockedPrinter(body, matrix, schedule, module).print();
