import { conflicts } from './access.js';
import { affine, affineRange, sameAffine, strideOf } from './affine.js';
import type { Affine, Kernel, Launch, Loop, Scalar, Store } from './ir.js';
import { affineRewriter, kernelBuffers, scalarsOf } from './scalar.js';

/** The kernels that take the place of an entry's, or why they stay as they are; `reason` null: there is nothing to join. */
export type Joining =
  | { readonly kind: 'joined'; readonly kernels: readonly Launch[] }
  | { readonly kind: 'apart'; readonly reason: string | null };

const apart = (reason: string | null): Joining => ({ kind: 'apart', reason });

/**
 * The work of an entry's last kernel, if it uses an array point by point that other kernels make, done by those: each of them
 * does it for its own elements as soon as it has them. So an optimizer works inside the kernels that make the gradients. They
 * go behind all that reads what they now replace. The array itself `stays` for whoever reads it after the entry. `fits` says
 * whether a kernel keeps within a device's limits.
 */
export function joinUpdate(
  kernels: readonly Launch[],
  stays: (buffer: string) => boolean,
  fits: (kernel: Kernel) => boolean,
): Joining {
  const update = kernels.at(-1);
  if (update?.kind !== 'compute') return apart(null);
  const before = kernels.slice(0, -1);
  const isMade = (buffer: string) => stays(buffer) && before.some(kernel => makes(kernel, buffer));
  const [made, ...others] = kernelBuffers(update).read.filter(isMade);
  if (made === undefined || others.length > 0) return apart(null);
  const obstacle = obstacleTo(before, update, made);
  if (obstacle !== null) return apart(obstacle);
  const parts = before.map(kernel => (makes(kernel, made) ? join(kernel, update, made) : asItIs(kernel)));
  const large = parts.find(({ kernel }) => kernel.kind === 'compute' && !fits(kernel));
  if (large !== undefined) return apart(`${large.kernel.name} would bind too many buffers`);
  const order = inOrder(parts);
  if (order === null) return apart(`${made} depends on what would already be replaced`);
  return { kind: 'joined', kernels: order.map(({ kernel }) => kernel) };
}

const makes = (kernel: Launch, buffer: string): kernel is Kernel =>
  kernel.kind === 'compute' && kernel.stores.some(store => store.buffer === buffer);

/** Why those that make an array cannot update with each element of it what belongs to that element. */
function obstacleTo(before: readonly Launch[], update: Kernel, made: string): string | null {
  const reader = before.find(
    kernel => kernel.kind === 'compute' && kernelBuffers(kernel).read.includes(made),
  );
  if (reader !== undefined) return `${reader.name} needs ${made} first`;
  if (!isPointwise(update) || kernelBuffers(update).written.includes(made))
    return `it needs more of ${made} than one element for each that it replaces`;
  return isMadeOnce(before, made, update.domain[0]!.extent) ? null : `${made} is not made element by element`;
}

/** Every element of what it stores depends on the same element of what it loads. */
function isPointwise({ domain, reductions, stores }: Kernel): boolean {
  const [loop] = domain;
  if (loop === undefined || domain.length > 1 || reductions.length > 0) return false;
  const point = affine(0, [{ loop: loop.name, stride: 1 }]);
  return (
    scalarsOf(stores.map(store => store.value)).every(scalar => isAt(scalar, point)) &&
    stores.every(({ index, partial }) => partial === null && sameAffine(index, point))
  );
}

function isAt(scalar: Scalar, point: Affine): boolean {
  if (scalar.kind === 'load') return sameAffine(scalar.index, point);
  return scalar.kind === 'constant' || scalar.kind === 'host' || scalar.kind === 'apply';
}

/** No element is made twice, and none behind the first `count`. Those that none makes are padding. */
function isMadeOnce(kernels: readonly Launch[], made: string, count: number): boolean {
  const ranges = kernels.flatMap(kernel =>
    kernel.kind === 'rows'
      ? []
      : kernel.stores
          .filter(({ buffer }) => buffer === made)
          .map(({ index, partial }) => (partial === null ? denseRange(index, kernel.domain) : null)),
  );
  if (ranges.some(range => range === null)) return false;
  const sorted = ranges.map(range => range!).toSorted(([a], [b]) => a - b);
  return sorted.every(([first, last], i) => last < count && (i === 0 || first > sorted[i - 1]![1]));
}

/** First and last element of an index that takes each value between them once, else null. */
function denseRange(index: Affine, domain: readonly Loop[]): readonly [number, number] | null {
  const strides = domain
    .filter(({ extent }) => extent > 1)
    .map(({ name, extent }) => ({ stride: strideOf(index, name), extent }))
    .toSorted((a, b) => a.stride - b.stride);
  let expected = 1;
  for (const { stride, extent } of strides) {
    if (stride !== expected) return null;
    expected *= extent;
  }
  return affineRange(index, new Map(domain.map(({ name, extent }) => [name, extent])));
}

interface Part {
  /** As it was. */
  readonly own: Launch;
  /** What it does for the update's sake, alone. */
  readonly update: Kernel | null;
  /** Both. */
  readonly kernel: Launch;
}

const asItIs = (own: Launch): Part => ({ own, update: null, kernel: own });

function join(own: Kernel, update: Kernel, made: string): Part {
  const stores = own.stores
    .filter(({ buffer }) => buffer === made)
    .flatMap(store => updateAt(store, update, made));
  const kernel = {
    ...own,
    name: `${own.name}.update`,
    stores: [...own.stores, ...stores],
    origin: [...own.origin, ...update.origin.map(line => `${line}, joined to what makes ${made}`)],
  };
  return { own, update: { ...kernel, reductions: [], stores }, kernel };
}

/** The update's stores for the elements of one store. */
function updateAt(store: Store, update: Kernel, made: string): readonly Store[] {
  const atStore = affineRewriter(
    () => store.index,
    scalar => (scalar.kind === 'load' && scalar.buffer === made ? store.value : null),
  );
  return update.stores.map(each => ({ ...each, index: store.index, value: atStore(each.value) }));
}

/** They must keep their order. */
const disturb = (earlier: Launch, later: Launch | null): boolean =>
  later !== null && conflicts(earlier, later).length > 0;

/**
 * An order in which each comes before what replaces what it reads, and what belonged in order stays so; as they were, as far
 * as that goes. null: there is none.
 */
function inOrder(parts: readonly Part[]): readonly Part[] | null {
  if (parts.some(({ own, update }) => disturb(own, update))) return null;
  const predecessors = parts.map((part, i) =>
    parts.filter(
      (other, j) =>
        other !== part && (disturb(other.own, part.update) || (j < i && disturb(other.own, part.own))),
    ),
  );
  const sorted = new Set<Part>();
  while (sorted.size < parts.length) {
    const next = parts.find(
      (part, i) => !sorted.has(part) && predecessors[i]!.every(other => sorted.has(other)),
    );
    if (next === undefined) return null;
    sorted.add(next);
  }
  return [...sorted];
}
