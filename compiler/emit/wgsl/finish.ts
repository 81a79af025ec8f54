import { pointCount } from '../../kernel/affine.js';
import type { Kernel, Loop, Reduction, Store } from '../../kernel/ir.js';
import { CompilerBug } from '../../support/bug.js';
import { bindLoops, printAffine } from './expression.js';
import { combined, identityOf, printFold, printStores } from './fold.js';
import type { ModuleText } from './module.js';
import { Text, unsigned } from './text.js';

type Product = Extract<Reduction, { kind: 'product' }>;
type PartialStore = Store & { readonly partial: NonNullable<Store['partial']> };

/** A kernel over (rows…, column) as matrix schedules see it. */
export interface MatrixKernel {
  readonly kernel: Kernel;
  readonly rowLoops: readonly Loop[];
  readonly column: Loop;
  readonly rows: number;
  readonly columns: number;
  readonly products: readonly Product[];
  readonly partials: readonly PartialStore[];
  /** Names of its functions. */
  readonly finish: string;
  readonly storePartials: string;
}

export function matrixKernel(kernel: Kernel, module: ModuleText): MatrixKernel {
  const rowLoops = kernel.domain.slice(0, -1);
  const column = kernel.domain.at(-1)!;
  return {
    kernel,
    rowLoops,
    column,
    rows: pointCount(rowLoops),
    columns: column.extent,
    products: kernel.reductions.filter(reduction => reduction.kind === 'product'),
    partials: kernel.stores.filter((store): store is PartialStore => store.partial !== null),
    finish: module.freshFunction('finish'),
    storePartials: module.freshFunction('store_partials'),
  };
}

/** Counters of the row loops for one row of the matrix; no row loops: nothing to count. */
export const bindRow = (text: Text, module: ModuleText, { rowLoops }: MatrixKernel, row: string) =>
  rowLoops.length === 0 ? new Map<string, string>() : bindLoops(text, module, rowLoops, row);

const partialsType = (count: number): string => `array<f32, ${count}>`;

/**
 * Declares the function `finish(row, column, products…)`: the folds and stores of one point, nothing outside of the matrix. Where the
 * kernel stores partial results it returns the point's share of each.
 */
export function declareFinish(module: ModuleText, matrix: MatrixKernel): void {
  const { kernel, rows, columns, products, partials, column } = matrix;
  const body = new Text();
  const parameters = ['row: u32', 'column: u32', ...products.map((_, p) => `product${p}: f32`)];
  const returns = partials.length > 0 ? ` -> ${partialsType(partials.length)}` : '';
  body.block(`fn ${matrix.finish}(${parameters.join(', ')})${returns}`, () => {
    const outside = `if (row >= ${unsigned(rows)} || column >= ${unsigned(columns)})`;
    body.line(`${outside} { return${partials.length > 0 ? ` ${noPartials(matrix)}` : ''}; }`);
    const loops = new Map([...bindRow(body, module, matrix, 'row'), [column.name, 'column']]);
    const results: string[] = [];
    const scope = { loops, accumulator: (reduction: number) => results[reduction]! };
    for (const reduction of kernel.reductions) {
      const product = products.indexOf(reduction as Product);
      results.push(product >= 0 ? `product${product}` : printFold(body, module, reduction, scope));
    }
    const values = printStores(body, module, kernel.stores, scope);
    const shares = kernel.stores.flatMap((store, i) => (store.partial ? [values[i]!] : []));
    if (shares.length > 0) body.line(`return ${partialsType(shares.length)}(${shares.join(', ')});`);
  });
  module.declare(body.toString());
}

export const noPartials = ({ partials }: MatrixKernel): string =>
  `${partialsType(partials.length)}(${partials.map(({ partial }) => identityOf(partial.combine)).join(', ')})`;

/** Statement that adds one point's shares to those before it. */
export function addPartials(text: Text, { partials }: MatrixKernel, into: string, shares: string): void {
  partials.forEach(({ partial }, i) => {
    text.line(`${into}[${i}] = ${combined(partial.combine, `${into}[${i}]`, `${shares}[${i}]`)};`);
  });
}

/**
 * Moves an invocation's sums from registers, where the inner loop needs them, to arrays, so that the text of `finish` is
 * compiled once and not for every element: drivers inline. Returns the expressions of element (i, j).
 */
export function collectSums(
  text: Text,
  { products }: MatrixKernel,
  threadRows: number,
  threadColumns: number,
): readonly string[] {
  const count = threadRows * threadColumns;
  return products.map((_, p) => {
    const names = range(threadRows).flatMap(i => range(threadColumns).map(j => `sum${p}_${i}_${j}`));
    text.line(`var sums${p} = array<f32, ${count}>(${names.join(', ')});`);
    return `sums${p}[i * ${unsigned(threadColumns)} + j]`;
  });
}

/** Finishes one point; its shares of partial results are added to `total`. */
export function finishPoint(text: Text, matrix: MatrixKernel, args: readonly string[]): void {
  const call = `${matrix.finish}(${args.join(', ')})`;
  if (matrix.partials.length === 0) {
    text.line(`${call};`);
    return;
  }
  text.line(`let share = ${call};`);
  addPartials(text, matrix, 'total', 'share');
}

/** Declares the function `store_partials(row, tile, shares)`: one tile's partial results in one row. */
export function declareStorePartials(module: ModuleText, matrix: MatrixKernel): void {
  const { partials, rows, columns } = matrix;
  if (partials.length === 0) return;
  const tiles = Math.ceil(columns / partials[0]!.partial.tile);
  const body = new Text();
  body.block(
    `fn ${matrix.storePartials}(row: u32, tile: u32, shares: ${partialsType(partials.length)})`,
    () => {
      body.line(`if (row >= ${unsigned(rows)} || tile >= ${unsigned(tiles)}) { return; }`);
      const loops = bindRow(body, module, matrix, 'row');
      partials.forEach((store, i) => {
        const index = `${printAffine(module, store.index, loops)} + tile`;
        body.line(module.store(store.buffer, index, `shares[${i}]`));
      });
    },
  );
  module.declare(body.toString());
}

export const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** Stands for the accumulators in the scope of a product's factors, which see none. */
export const noAccumulator = (): string => {
  throw new CompilerBug('a factor of a product needs no other reduction');
};
