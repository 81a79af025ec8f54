import { bindRow, collectSums, finishPoint, type MatrixKernel, noPartials, range } from './finish.js';
import type { ModuleText } from './module.js';
import { type Text, unsigned } from './text.js';

/** An invocation's blocks of a product in registers, row i and column j of one as WGSL names `sum<product>_<i>_<j>`. */
export interface Blocks {
  readonly body: Text;
  readonly module: ModuleText;
  readonly matrix: MatrixKernel;
  readonly threadRows: number;
  readonly threadColumns: number;
  /** The matrix's row of a block's row i. */
  readonly row: (i: string) => string;
}

/** Columns that an invocation walks: a tile of partial results where the kernel stores any, else one block. */
export const walkedColumns = ({ matrix, threadColumns }: Blocks): number =>
  matrix.partials[0]?.partial.tile ?? threadColumns;

/** Prints `block` for each block of `tile`, the last of which may lie partly outside of the matrix. */
export function walkBlocks(blocks: Blocks, block: () => void): void {
  const { body, module, matrix, threadRows, threadColumns, row } = blocks;
  const width = walkedColumns(blocks);
  if (matrix.partials.length === 0) {
    body.line(`let first_column = tile * ${unsigned(width)};`);
    block();
    return;
  }
  const none = range(threadRows).map(() => noPartials(matrix));
  const shares = `array<f32, ${matrix.partials.length}>`;
  body.line(`var totals = array<${shares}, ${threadRows}>(${none.join(', ')});`);
  body.line(`let end = min((tile + 1u) * ${unsigned(width)}, ${unsigned(matrix.columns)});`);
  const head = `for (var first_column = tile * ${unsigned(width)}; first_column < end; first_column += ${unsigned(threadColumns)})`;
  body.block(head, block);
  module.loop(body, 'i', threadRows, () => {
    body.line(`${matrix.storePartials}(${row('i')}, tile, totals[i]);`);
  });
}

/** Row counters of a block's rows; those beyond the matrix are its last one. */
export const bindRows = ({ body, module, matrix, threadRows, row }: Blocks) =>
  range(threadRows).map(i => {
    body.line(`let row${i} = min(${row(unsigned(i))}, ${unsigned(matrix.rows - 1)});`);
    return bindRow(body, module, matrix, `row${i}`);
  });

export function forEachElement({ threadRows, threadColumns }: Blocks, visit: (i: number, j: number) => void) {
  for (const i of range(threadRows)) for (const j of range(threadColumns)) visit(i, j);
}

/** What follows the products of a block: its points are finished and stored. */
export function finishBlock({ body, module, matrix, threadRows, threadColumns, row }: Blocks): void {
  const sums = collectSums(body, matrix, threadRows, threadColumns);
  const hasPartials = matrix.partials.length > 0;
  module.loop(body, 'i', threadRows, () => {
    if (hasPartials) body.line('var total = totals[i];');
    module.loop(body, 'j', threadColumns, () => {
      finishPoint(body, matrix, [row('i'), 'first_column + j', ...sums]);
    });
    if (hasPartials) body.line('totals[i] = total;');
  });
}
