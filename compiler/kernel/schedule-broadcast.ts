import { subgroupLanes } from '../program/frame.js';
import { pointCount } from './affine.js';
import type { Kernel, Loop, Reduction, Scalar } from './ir.js';
import { scalarAffines, scalarBuffers, scalarsOf } from './scalar.js';

type Product = Extract<Reduction, { kind: 'product' }>;

/** What an invocation holds in registers without many of them in memory. */
const mostSums = 32;
/** A load of a software driver takes as long as so many multiplications: each invocation's own branch. */
const loadCost = 20;
/** LLVM takes as long for so many sums as for a place that loads. */
const sumsOfLoad = 16;
/** The compilation of such a place, in multiplications of a training step: its 13 ms are to be won back in 8 steps. */
const compiledLoadCost = 2 ** 23;

/**
 * The block of registers for the schedule `broadcast` that takes least time over the whole matrix, a share of its
 * compilation included; it divides the tiles of partial results.
 */
export function chooseBlocks(
  kernel: Kernel,
  rows: number,
  partial: number | null,
  workgroup: number,
): { readonly threadRows: number; readonly threadColumns: number } {
  const columns = kernel.domain.at(-1)!.extent;
  const products = kernel.reductions
    .filter(each => each.kind === 'product')
    .map(each => productLoads(kernel, each));
  const shapes = [1, 2, 3, 4]
    .flatMap(threadRows => [4, 8, 12, 16].map(threadColumns => ({ threadRows, threadColumns })))
    .filter(each => each.threadRows * each.threadColumns <= mostSums)
    .filter(each => partial === null || partial % each.threadColumns === 0);
  const cost = ({ threadRows, threadColumns }: (typeof shapes)[number]) => {
    const sums = threadRows * threadColumns;
    const invocations =
      Math.ceil(rows / (threadRows * workgroup)) * workgroup * Math.ceil(columns / threadColumns);
    return products.reduce((total, { left, right, terms }) => {
      const both = ({ before, once, each }: FactorLoads, edge: number) => ({
        run: each * edge + once,
        text: (each + before) * edge + once,
      });
      const [down, across] = [both(left, threadRows), both(right, threadColumns / subgroupLanes)];
      const run = loadCost * (down.run + across.run) + sums;
      return (
        total + invocations * terms * run + compiledLoadCost * (down.text + across.text + sums / sumsOfLoad)
      );
    }, 0);
  };
  return shapes.toSorted((a, b) => cost(a) - cost(b))[0]!;
}

/** How often a factor loads: once for a row or column, once for a term, and for each row or column at each term. */
interface FactorLoads {
  readonly before: number;
  readonly once: number;
  readonly each: number;
}

function productLoads(kernel: Kernel, { left, right, loops }: Product) {
  const names = (of: readonly Loop[]) => new Set(of.map(loop => loop.name));
  const terms = names(loops);
  const loadsOf = (factor: Scalar, edge: ReadonlySet<string>): FactorLoads => {
    const loads = scalarsOf([factor]).filter(scalar => scalarBuffers(scalar).length > 0);
    const count = (perTerm: boolean, perEdge: boolean) =>
      loads.filter(load => moves(load, terms) === perTerm && moves(load, edge) === perEdge).length;
    return { before: count(false, true), once: count(true, false), each: count(true, true) };
  };
  return {
    left: loadsOf(left, names(kernel.domain.slice(0, -1))),
    right: loadsOf(right, names(kernel.domain.slice(-1))),
    terms: pointCount(loops),
  };
}

/** Whether what a scalar itself reads lies elsewhere when one of the loops goes on. */
const moves = (scalar: Scalar, loops: ReadonlySet<string>): boolean =>
  scalarAffines(scalar).some(form => form.terms.some(({ loop }) => loops.has(loop)));
