import { elementBytes } from '../support/element.js';
import { pointCount } from './affine.js';
import type { Affine, Kernel, KernelBuffer, Launch, Loop, Scalar } from './ir.js';
import { reductionScalars, scalarsOf } from './scalar.js';

export interface Work {
  /** Scalar operations: one for each of the registry's, whatever it costs, two for each term of a product. */
  readonly flops: number;
  /** Those of matrix products alone. */
  readonly productFlops: number;
  /** Each array read or written once, as far as its loops reach: the least traffic a launch could make do with. */
  readonly bytes: number;
}

/** How much one launch does. */
export function kernelWork(kernel: Launch, buffers: ReadonlyMap<string, KernelBuffer>): Work {
  if (kernel.kind === 'rows') return { flops: 0, productFlops: 0, bytes: 4 * kernel.count };
  const points = pointCount(kernel.domain);
  const column = kernel.domain.at(-1)?.extent ?? 1;
  let flops = points * operations(kernel.stores.map(store => store.value));
  let productFlops = 0;
  for (const reduction of kernel.reductions) {
    const terms = pointCount(reduction.loops);
    // A product's factors are computed once for each row or column, its sum once for each point.
    if (reduction.kind === 'fold') flops += points * terms * (1 + operations([reduction.body]));
    else {
      flops += points * terms * 2;
      productFlops += points * terms * 2;
      flops += (points / column) * terms * operations([reduction.left]);
      flops += column * terms * operations([reduction.right]);
    }
  }
  return { flops, productFlops, bytes: trafficOf(kernel, buffers) };
}

const operations = (roots: readonly Scalar[]): number =>
  scalarsOf(roots).filter(scalar => scalar.kind === 'apply').length;

function trafficOf(kernel: Kernel, buffers: ReadonlyMap<string, KernelBuffer>): number {
  const bytes = new Map<string, number>();
  const count = (buffer: string, size: number) => {
    const length = buffers.get(buffer)?.length || Number.POSITIVE_INFINITY;
    const width = elementBytes[buffers.get(buffer)?.element ?? 'f32'];
    bytes.set(buffer, Math.max(bytes.get(buffer) ?? 0, width * Math.min(length, size)));
  };
  const loads = (roots: readonly Scalar[], loops: readonly Loop[]) => {
    for (const scalar of scalarsOf(roots)) {
      if (scalar.kind === 'load') count(scalar.buffer, touched(scalar.index, loops));
      if (scalar.kind === 'dataset') {
        const bytes = touched(scalar.row, loops) * touched(scalar.feature, loops);
        count(scalar.buffer, scalar.encoding === 'byte' ? bytes / 4 : bytes);
      }
    }
  };
  for (const reduction of kernel.reductions) {
    loads(reductionScalars(reduction), [...kernel.domain, ...reduction.loops]);
  }
  for (const store of kernel.stores) {
    loads([store.value], kernel.domain);
    const stored = touched(store.index, kernel.domain);
    count(
      store.buffer,
      store.partial ? stored * Math.ceil(kernel.domain.at(-1)!.extent / store.partial.tile) : stored,
    );
  }
  return Math.round([...bytes.values()].reduce((sum, size) => sum + size, 0));
}

const touched = (form: Affine, loops: readonly Loop[]): number =>
  pointCount(loops.filter(({ name }) => form.terms.some(term => term.loop === name)));
