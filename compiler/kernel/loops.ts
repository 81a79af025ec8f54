import { affine, strideOf } from './affine.js';
import type { Affine, Kernel, Loop, Reduction, Store } from './ir.js';
import { affineRewriter, kernelRoots, reductionScalars, scalarAffines, scalarsOf } from './scalar.js';

/** Loops that remain, and the names of those that are gone: merged into the next inner one, or of extent 1. */
interface Collapsed {
  readonly loops: readonly Loop[];
  readonly gone: readonly string[];
}

/**
 * Adjacent loops are one where every form steps through both as through one: stride(outer) = stride(inner) · extent(inner).
 * Loops of extent 1 go.
 */
function collapseLoops(loops: readonly Loop[], forms: readonly Affine[]): Collapsed {
  const gone: string[] = [];
  const kept: Loop[] = [];
  for (const loop of loops) {
    const outer = kept.at(-1);
    if (loop.extent === 1) gone.push(loop.name);
    else if (outer !== undefined && mergeable(outer, loop, forms)) {
      kept[kept.length - 1] = { name: loop.name, extent: outer.extent * loop.extent };
      gone.push(outer.name);
    } else kept.push(loop);
  }
  return { loops: kept, gone };
}

const mergeable = (outer: Loop, inner: Loop, forms: readonly Affine[]): boolean =>
  forms.every(form => strideOf(form, outer.name) === strideOf(form, inner.name) * inner.extent);

/** The merged loop has the inner loop's name and stride, so forms only lose the terms of loops that are gone. */
const withoutGone = (form: Affine, gone: ReadonlySet<string>): Affine =>
  affine(
    form.constant,
    form.terms.filter(({ loop }) => !gone.has(loop)),
  );

/** The last domain loop is apart where it is a product's column or the one that partial stores run along. */
const hasFixedColumn = (kernel: Kernel): boolean =>
  kernel.domain.length > 0 &&
  (kernel.reductions.some(reduction => reduction.kind === 'product') ||
    kernel.stores.some(store => store.partial !== null));

/** The same kernel over as few loops as possible. */
export function mergeLoops(kernel: Kernel): Kernel {
  const forms = [
    ...scalarsOf(kernelRoots(kernel)).flatMap(scalarAffines),
    ...kernel.stores.map(store => store.index),
  ];
  const column = hasFixedColumn(kernel) ? kernel.domain.slice(-1) : [];
  const rows = collapseLoops(kernel.domain.slice(0, kernel.domain.length - column.length), forms);
  const inner = kernel.reductions.map(reduction =>
    collapseLoops(reduction.loops, scalarsOf(reductionScalars(reduction)).flatMap(scalarAffines)),
  );
  const gone = new Set([rows, ...inner].flatMap(collapsed => collapsed.gone));
  const change = (form: Affine) => withoutGone(form, gone);
  const rewrite = affineRewriter(change);
  return {
    ...kernel,
    domain: [...rows.loops, ...column],
    reductions: kernel.reductions.map((reduction, i): Reduction => {
      const { loops } = inner[i]!;
      return reduction.kind === 'fold'
        ? { ...reduction, loops, body: rewrite(reduction.body) }
        : { ...reduction, loops, left: rewrite(reduction.left), right: rewrite(reduction.right) };
    }),
    stores: kernel.stores.map(
      (store): Store => ({ ...store, index: change(store.index), value: rewrite(store.value) }),
    ),
  };
}
