import { scalars } from '../scalar/registry.js';
import { CompilerBug, invariant } from '../support/bug.js';
import { affineRange, sameAffine, strideOf } from './affine.js';
import type { Affine, Kernel, KernelBuffer, KernelSequence, Loop, Reduction, Scalar, Store } from './ir.js';
import { printKernel } from './print.js';
import { kernelBuffers, reductionScalars, scalarAffines, scalarsOf } from './scalar.js';

/** Storage bindings of one launch: WebGPU's default `maxStorageBuffersPerShaderStage`. */
export const maxBuffers = 8;

interface Context {
  readonly kernel: Kernel;
  readonly buffers: ReadonlyMap<string, KernelBuffer>;
}

/** Throws a CompilerBug that names the kernel and holds its text if an invariant of the kernel IR does not hold. */
export function verifySequence(sequence: KernelSequence): void {
  const buffers = new Map(sequence.buffers.map(buffer => [buffer.name, buffer]));
  invariant(buffers.size === sequence.buffers.length, () => `${sequence.name}: two buffers of one name`);
  for (const kernel of sequence.kernels) {
    if (kernel.kind === 'compute') {
      verifyKernel(kernel, buffers);
      continue;
    }
    invariant(buffers.get(kernel.buffer)?.element === 'u32', () => `${kernel.name}: rows are u32`);
    invariant(
      buffers.get(kernel.buffer)!.length >= kernel.count,
      () => `${kernel.name}: more rows than elements`,
    );
    invariant(
      kernel.order === null || buffers.has(kernel.order),
      () => `${kernel.name}: no buffer ${kernel.order}`,
    );
  }
}

export function verifyKernel(kernel: Kernel, buffers: ReadonlyMap<string, KernelBuffer>): void {
  try {
    const context = { kernel, buffers };
    verifyLoops(kernel);
    verifyBuffers(context);
    for (const [position, reduction] of kernel.reductions.entries())
      verifyReduction(context, reduction, position);
    for (const store of kernel.stores) verifyStore(context, store);
    verifyInPlace(kernel);
  } catch (error) {
    if (!(error instanceof CompilerBug)) throw error;
    throw new CompilerBug(`kernel ${kernel.name}: ${error.message}`, printKernel(kernel));
  }
}

function verifyLoops(kernel: Kernel): void {
  const loops = [...kernel.domain, ...kernel.reductions.flatMap(reduction => reduction.loops)];
  const names = new Set(loops.map(loop => loop.name));
  invariant(names.size === loops.length, 'two loops of one name');
  for (const { name, extent } of loops) {
    invariant(Number.isSafeInteger(extent) && extent > 0, () => `loop ${name} has extent ${extent}`);
  }
}

function verifyBuffers({ kernel, buffers }: Context): void {
  const { read, written } = kernelBuffers(kernel);
  const used = [...read, ...written];
  for (const name of used) invariant(buffers.has(name), () => `no buffer ${name}`);
  const bound = new Set(used.map(name => buffers.get(name)!.place?.buffer ?? name));
  invariant(bound.size <= maxBuffers, () => `${bound.size} buffers, more than ${maxBuffers}`);
  invariant(kernel.stores.length > 0, 'nothing is stored');
}

const extentsOf = (...lists: readonly (readonly Loop[])[]): ReadonlyMap<string, number> =>
  new Map(lists.flat().map(loop => [loop.name, loop.extent]));

function verifyReduction(context: Context, reduction: Reduction, position: number): void {
  const { domain } = context.kernel;
  const extents = extentsOf(domain, reduction.loops);
  verifyScalars(context, reductionScalars(reduction), extents, position);
  if (reduction.kind === 'fold') return;
  const column = domain.at(-1);
  invariant(column, 'a product has a column');
  invariant(!dependsOn(reduction.left, column.name), 'the left factor of a product depends on the column');
  for (const row of domain.slice(0, -1)) {
    invariant(
      !dependsOn(reduction.right, row.name),
      () => `the right factor of a product depends on ${row.name}`,
    );
  }
  for (const scalar of scalarsOf([reduction.left, reduction.right])) {
    invariant(scalar.kind !== 'accumulator', 'a factor of a product needs another reduction');
  }
}

export const dependsOn = (root: Scalar, loop: string): boolean =>
  scalarsOf([root]).some(scalar => scalarAffines(scalar).some(form => strideOf(form, loop) !== 0));

function verifyScalars(
  context: Context,
  roots: readonly Scalar[],
  extents: ReadonlyMap<string, number>,
  reductionsDone: number,
): void {
  for (const scalar of scalarsOf(roots)) {
    for (const form of scalarAffines(scalar)) verifyAffine(form, extents);
    if (scalar.kind === 'apply') {
      invariant(scalar.args.length === scalars[scalar.op].arity, () => `${scalar.op} has a wrong arity`);
    } else if (scalar.kind === 'accumulator') {
      invariant(
        scalar.reduction < reductionsDone,
        () => `reduction ${scalar.reduction} is used before it ran`,
      );
    } else if (scalar.kind === 'load') {
      verifyBounds(context, scalar.buffer, affineRange(scalar.index, extents)[1]);
    } else if (scalar.kind === 'dataset') {
      verifyBounds(context, scalar.rows, affineRange(scalar.row, extents)[1]);
      invariant(affineRange(scalar.feature, extents)[1] < scalar.width, 'a feature lies beyond its row');
    } else if (scalar.kind === 'noise' && scalar.rows !== null) {
      verifyBounds(context, scalar.rows, affineRange(scalar.row, extents)[1]);
    }
  }
}

function verifyAffine(form: Affine, extents: ReadonlyMap<string, number>): void {
  for (const { loop } of form.terms) invariant(extents.has(loop), () => `loop ${loop} is not in scope`);
  invariant(affineRange(form, extents)[0] >= 0, 'an index is negative');
  invariant(affineRange(form, extents)[1] < 2 ** 32, 'an index exceeds 32 bits');
}

/** Length 0 is a buffer whose length is set when data are bound. */
function verifyBounds({ buffers }: Context, name: string, last: number): void {
  const { length } = buffers.get(name)!;
  invariant(length === 0 || last < length, () => `element ${last} of ${name}, which has ${length}`);
}

function verifyStore(context: Context, store: Store): void {
  const { domain, reductions } = context.kernel;
  const extents = extentsOf(domain);
  verifyScalars(context, [store.value], extents, reductions.length);
  verifyAffine(store.index, extents);
  const last = affineRange(store.index, extents)[1];
  if (store.partial === null) {
    const missing = domain.find(loop => loop.extent > 1 && strideOf(store.index, loop.name) === 0);
    invariant(missing === undefined, () => `${store.buffer} is stored once for each ${missing?.name}`);
    verifyBounds(context, store.buffer, last);
    return;
  }
  const column = domain.at(-1);
  invariant(column, 'a partial store has a column');
  invariant(strideOf(store.index, column.name) === 0, 'the index of a partial store depends on the column');
  verifyBounds(context, store.buffer, last + Math.ceil(column.extent / store.partial.tile) - 1);
}

/** A buffer that is written is read nowhere else than at the element that this very point writes. */
function verifyInPlace(kernel: Kernel): void {
  const extents = extentsOf(kernel.domain, ...kernel.reductions.map(reduction => reduction.loops));
  const inReductions = new Set(scalarsOf(kernel.reductions.flatMap(reductionScalars)));
  const loads = scalarsOf([...inReductions, ...kernel.stores.map(store => store.value)]);
  for (const store of kernel.stores) {
    const written = affineRange(store.index, extents);
    for (const load of loads) {
      if (load.kind !== 'load' || load.buffer !== store.buffer) continue;
      const read = affineRange(load.index, extents);
      if (read[1] < written[0] || written[1] < read[0]) continue;
      const inPlace =
        !inReductions.has(load) && store.partial === null && sameAffine(load.index, store.index);
      invariant(inPlace, () => `${store.buffer} is read at one element and written at another`);
    }
  }
}
