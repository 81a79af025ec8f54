import type { Scalar } from '../../kernel/ir.js';
import { invariantParts } from '../../kernel/scalar.js';
import type { Schedule } from '../../kernel/schedule.js';
import { type Blocks, bindRows, finishBlock, forEachElement, walkBlocks, walkedColumns } from './blocks.js';
import { bindScalars, printScalars, type Scope } from './expression.js';
import { declareFinish, declareStorePartials, type MatrixKernel, noAccumulator, range } from './finish.js';
import { forEachTerm } from './fold.js';
import type { ModuleText } from './module.js';
import { type Text, unsigned } from './text.js';

type Broadcast = Extract<Schedule, { kind: 'broadcast' }>;
type Product = MatrixKernel['products'][number];
type Counters = ReadonlyMap<string, string>;

/** The rows that an invocation multiplies, or the columns that it loads: a factor's value is loaded for each of them. */
interface Edge {
  readonly side: 'left' | 'right';
  readonly counters: readonly Counters[];
  /** Of each, what of the factor does not change along the reduction. */
  readonly known: readonly ReadonlyMap<Scalar, string>[];
}

/**
 * Invocation `lane` computes rows lane + workgroup · i of threadRows · workgroup, and threadColumns columns of them, in
 * registers. A left factor is an invocation's own; of the right one each of `lanes` successive members of a subgroup loads
 * its own column, and the others have it from there. Where the kernel stores partial results, a workgroup walks a tile of
 * them, block by block. Rows and columns beyond the matrix repeat its last ones and are not stored: every invocation comes
 * to every broadcast.
 */
class BroadcastPrinter {
  readonly body: Text;
  readonly #module: ModuleText;
  readonly #matrix: MatrixKernel;
  readonly #schedule: Broadcast;
  readonly #blocks: Blocks;

  constructor(body: Text, matrix: MatrixKernel, schedule: Broadcast, module: ModuleText) {
    this.body = body;
    this.#matrix = matrix;
    this.#schedule = schedule;
    this.#module = module;
    const { threadRows, threadColumns } = schedule;
    this.#blocks = { body, module, matrix, threadRows, threadColumns, row: this.#row };
  }

  print(): number {
    const { body } = this;
    const { rows, columns } = this.#matrix;
    const across = Math.ceil(columns / walkedColumns(this.#blocks));
    const down = this.#module.workgroup * this.#schedule.threadRows;
    declareFinish(this.#module, this.#matrix);
    declareStorePartials(this.#module, this.#matrix);
    body.line(`let first_row = (unit / ${unsigned(across)}) * ${unsigned(down)} + lane;`);
    body.line(`let tile = unit % ${unsigned(across)};`);
    const rowCounters = bindRows(this.#blocks);
    walkBlocks(this.#blocks, () => this.#block(rowCounters));
    return across * Math.ceil(rows / down);
  }

  #row = (i: string): string => `first_row + ${i} * ${unsigned(this.#module.workgroup)}`;

  #bindColumns(): readonly Counters[] {
    const { lanes, threadColumns } = this.#schedule;
    const own = `${this.#module.member()} % ${unsigned(lanes)}`;
    return range(Math.ceil(threadColumns / lanes)).map(j => {
      const column = `first_column + ${unsigned(j * lanes)} + ${own}`;
      this.body.line(`let column${j} = min(${column}, ${unsigned(this.#matrix.columns - 1)});`);
      return new Map([[this.#matrix.column.name, `column${j}`]]);
    });
  }

  #block(rowCounters: readonly Counters[]): void {
    const { body } = this;
    const columnCounters = this.#bindColumns();
    this.#matrix.products.forEach((product, p) => {
      forEachElement(this.#blocks, (i, j) => body.line(`var sum${p}_${i}_${j} = 0.0f;`));
      body.block('', () => this.#product(product, p, rowCounters, columnCounters));
    });
    finishBlock(this.#blocks);
  }

  #product(product: Product, p: number, rows: readonly Counters[], columns: readonly Counters[]): void {
    const { body } = this;
    const { lanes, threadColumns } = this.#schedule;
    const edges = [this.#edge('left', product, rows), this.#edge('right', product, columns)] as const;
    forEachTerm(body, this.#module, product.loops, counters => {
      const [left, right] = edges.map(edge => this.#factors(product, edge, counters));
      for (const j of range(threadColumns)) {
        const from = `${right![Math.floor(j / lanes)]}, ${unsigned(j % lanes)}`;
        body.line(`let right${j} = subgroupBroadcast(${from});`);
      }
      forEachElement(this.#blocks, (i, j) => body.line(`sum${p}_${i}_${j} += ${left![i]} * right${j};`));
    });
  }

  #edge(side: Edge['side'], product: Product, counters: readonly Counters[]): Edge {
    const parts = invariantParts(product[side], new Set(product.loops.map(loop => loop.name)));
    const known = counters.map(loops =>
      bindScalars(this.body, this.#module, parts, { loops, accumulator: noAccumulator }),
    );
    return { side, counters, known };
  }

  /** The factor at one term of the reduction, for each row or column; what all of these share is computed once. */
  #factors(product: Product, { side, counters, known }: Edge, term: Counters): readonly string[] {
    const factor = product[side];
    const edgeLoops = new Set(counters.flatMap(loops => [...loops.keys()]));
    const scope: Scope = { loops: term, accumulator: noAccumulator };
    const parts = invariantParts(factor, edgeLoops).filter(part => !known[0]!.has(part));
    const shared = bindScalars(this.body, this.#module, parts, scope);
    return counters.map((loops, i) => {
      const own = {
        ...scope,
        loops: new Map([...term, ...loops]),
        known: new Map([...shared, ...known[i]!]),
      };
      const name = this.#module.fresh('factor');
      const [value] = printScalars(this.body, this.#module, [factor], own);
      this.body.line(`let ${name} = ${value};`);
      return name;
    });
  }
}

/** Returns the number of units. */
export const printBroadcast = (body: Text, matrix: MatrixKernel, schedule: Broadcast, module: ModuleText) =>
  new BroadcastPrinter(body, matrix, schedule, module).print();
