import type { Scalar } from '../../kernel/ir.js';
import { invariantParts } from '../../kernel/scalar.js';
import type { Schedule } from '../../kernel/schedule.js';
import { bindScalars, printScalars, type Scope } from './expression.js';
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

  constructor(body: Text, matrix: MatrixKernel, schedule: Broadcast, module: ModuleText) {
    this.body = body;
    this.#matrix = matrix;
    this.#schedule = schedule;
    this.#module = module;
  }

  print(): number {
    const { body } = this;
    const { threadRows, threadColumns } = this.#schedule;
    const { workgroup } = this.#module;
    const { rows, columns, partials } = this.#matrix;
    const width = partials[0]?.partial.tile ?? threadColumns;
    const across = Math.ceil(columns / width);
    const down = workgroup * threadRows;
    declareFinish(this.#module, this.#matrix);
    declareStorePartials(this.#module, this.#matrix);
    body.line(`let first_row = (unit / ${unsigned(across)}) * ${unsigned(down)} + lane;`);
    body.line(`let tile = unit % ${unsigned(across)};`);
    const rowCounters = this.#bindRows();
    if (partials.length === 0) {
      body.line(`let first_column = tile * ${unsigned(width)};`);
      this.#block(rowCounters);
    } else this.#tile(width, rowCounters);
    return across * Math.ceil(rows / down);
  }

  #row = (i: string): string => `first_row + ${i} * ${unsigned(this.#module.workgroup)}`;

  #bindRows(): readonly Counters[] {
    return range(this.#schedule.threadRows).map(i => {
      this.body.line(`let row${i} = min(${this.#row(unsigned(i))}, ${unsigned(this.#matrix.rows - 1)});`);
      return bindRow(this.body, this.#module, this.#matrix, `row${i}`);
    });
  }

  #bindColumns(): readonly Counters[] {
    const { lanes, threadColumns } = this.#schedule;
    const own = `${this.#module.member()} % ${unsigned(lanes)}`;
    return range(Math.ceil(threadColumns / lanes)).map(j => {
      const column = `first_column + ${unsigned(j * lanes)} + ${own}`;
      this.body.line(`let column${j} = min(${column}, ${unsigned(this.#matrix.columns - 1)});`);
      return new Map([[this.#matrix.column.name, `column${j}`]]);
    });
  }

  #tile(width: number, rowCounters: readonly Counters[]): void {
    const { body } = this;
    const { threadRows, threadColumns } = this.#schedule;
    const none = range(threadRows).map(() => noPartials(this.#matrix));
    const shares = `array<f32, ${this.#matrix.partials.length}>`;
    body.line(`var totals = array<${shares}, ${threadRows}>(${none.join(', ')});`);
    body.line(`let end = min((tile + 1u) * ${unsigned(width)}, ${unsigned(this.#matrix.columns)});`);
    const head = `for (var first_column = tile * ${unsigned(width)}; first_column < end; first_column += ${unsigned(threadColumns)})`;
    body.block(head, () => this.#block(rowCounters));
    this.#module.loop(body, 'i', threadRows, () => {
      body.line(`${this.#matrix.storePartials}(${this.#row('i')}, tile, totals[i]);`);
    });
  }

  #block(rowCounters: readonly Counters[]): void {
    const { body } = this;
    const { threadRows, threadColumns } = this.#schedule;
    const columnCounters = this.#bindColumns();
    this.#matrix.products.forEach((product, p) => {
      this.#forEachElement((i, j) => body.line(`var sum${p}_${i}_${j} = 0.0f;`));
      body.block('', () => this.#product(product, p, rowCounters, columnCounters));
    });
    const sums = collectSums(body, this.#matrix, threadRows, threadColumns);
    const hasPartials = this.#matrix.partials.length > 0;
    this.#module.loop(body, 'i', threadRows, () => {
      if (hasPartials) body.line('var total = totals[i];');
      this.#module.loop(body, 'j', threadColumns, () => {
        finishPoint(body, this.#matrix, [this.#row('i'), 'first_column + j', ...sums]);
      });
      if (hasPartials) body.line('totals[i] = total;');
    });
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
      this.#forEachElement((i, j) => body.line(`sum${p}_${i}_${j} += ${left![i]} * right${j};`));
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

  #forEachElement(visit: (i: number, j: number) => void): void {
    for (const i of range(this.#schedule.threadRows)) {
      for (const j of range(this.#schedule.threadColumns)) visit(i, j);
    }
  }
}

/** Returns the number of units. */
export const printBroadcast = (body: Text, matrix: MatrixKernel, schedule: Broadcast, module: ModuleText) =>
  new BroadcastPrinter(body, matrix, schedule, module).print();
