import { affine, affineRange, strideOf } from './affine.js';
import type { Affine, Kernel, Launch, Loop, Scalar } from './ir.js';
import { reductionScalars, scalarsOf } from './scalar.js';

/** Elements of one array that a kernel reads or writes: those at `index`, over its domain and `inner`. */
export interface Access {
  readonly buffer: string;
  readonly writes: boolean;
  readonly index: Affine;
  readonly inner: readonly Loop[];
}

/** Loop that runs over the tiles of a partial store; no kernel's own loop has this name. */
const tileLoop = '#tile';

export const domainOf = (kernel: Launch): readonly Loop[] =>
  kernel.kind === 'rows' ? [{ name: 'b', extent: kernel.count }] : kernel.domain;

/** Everything that a kernel reads and writes, other than data sets and the list of rows, which nothing on a device writes. */
function accessesOf(kernel: Launch): readonly Access[] {
  if (kernel.kind === 'rows') {
    const index = affine(0, [{ loop: 'b', stride: 1 }]);
    return [{ buffer: kernel.buffer, writes: true, index, inner: [] }];
  }
  const reads = kernel.reductions.flatMap(reduction => readsOf(reductionScalars(reduction), reduction.loops));
  const inStores = readsOf(
    kernel.stores.map(store => store.value),
    [],
  );
  return [...reads, ...inStores, ...writesOf(kernel)];
}

function writesOf(kernel: Kernel): readonly Access[] {
  const columns = kernel.domain.at(-1)?.extent ?? 1;
  return kernel.stores.map(({ buffer, index, partial }) => {
    if (partial === null) return { buffer, writes: true, index, inner: [] };
    return {
      buffer,
      writes: true,
      index: affine(index.constant, [...index.terms, { loop: tileLoop, stride: 1 }]),
      inner: [{ name: tileLoop, extent: Math.ceil(columns / partial.tile) }],
    };
  });
}

const readsOf = (roots: readonly Scalar[], inner: readonly Loop[]): readonly Access[] =>
  scalarsOf(roots).flatMap(scalar => {
    const read = (buffer: string, index: Affine): Access => ({ buffer, writes: false, index, inner });
    if (scalar.kind === 'load') return [read(scalar.buffer, scalar.index)];
    if (scalar.kind === 'dataset') return [read(scalar.rows, scalar.row)];
    if (scalar.kind === 'noise' && scalar.rows !== null) return [read(scalar.rows, scalar.row)];
    return [];
  });

/** An access with the loops that it is made in, and the first and the last element touched. */
export interface KernelAccess extends Access {
  readonly domain: readonly Loop[];
  readonly first: number;
  readonly last: number;
}

const extentsOf = (loops: readonly Loop[]): ReadonlyMap<string, number> =>
  new Map(loops.map(({ name, extent }) => [name, extent]));

function inDomain(access: Access, domain: readonly Loop[]): KernelAccess {
  const [first, last] = affineRange(access.index, extentsOf([...domain, ...access.inner]));
  return { ...access, domain, first, last };
}

/** Whether two accesses to one array must keep their order: one of them writes what the other may touch. */
const conflict = (a: KernelAccess, b: KernelAccess): boolean =>
  (a.writes || b.writes) && a.first <= b.last && b.first <= a.last;

const knownAccesses = new WeakMap<Launch, ReadonlyMap<string, readonly KernelAccess[]>>();

/** A kernel's accesses by array. */
function accessesByArray(kernel: Launch): ReadonlyMap<string, readonly KernelAccess[]> {
  const known = knownAccesses.get(kernel);
  if (known !== undefined) return known;
  const domain = domainOf(kernel);
  const found = new Map<string, KernelAccess[]>();
  for (const access of accessesOf(kernel)) {
    const others = found.get(access.buffer);
    if (others === undefined) found.set(access.buffer, [inDomain(access, domain)]);
    else others.push(inDomain(access, domain));
  }
  knownAccesses.set(kernel, found);
  return found;
}

type Conflict = readonly [KernelAccess, KernelAccess];
const knownConflicts = new WeakMap<Launch, WeakMap<Launch, readonly Conflict[]>>();

/** What makes two kernels run one after the other. */
export function conflicts(earlier: Launch, later: Launch): readonly Conflict[] {
  let known = knownConflicts.get(later);
  if (known === undefined) {
    known = new WeakMap();
    knownConflicts.set(later, known);
  }
  let found = known.get(earlier);
  if (found === undefined) {
    const ofLater = accessesByArray(later);
    found = [...accessesByArray(earlier)].flatMap(([buffer, accesses]) =>
      accesses.flatMap(a =>
        (ofLater.get(buffer) ?? []).flatMap(b => (conflict(a, b) ? [[a, b] as const] : [])),
      ),
    );
    known.set(earlier, found);
  }
  return found;
}

/** The leading loops of a domain whose points are `units` equal runs, in order; null where no loops end so. */
export function unitLoops(domain: readonly Loop[], units: number): readonly Loop[] | null {
  let points = 1;
  for (let count = 0; count <= domain.length; count++) {
    if (points % units === 0) return domain.slice(0, count);
    points *= domain[count]?.extent ?? 1;
  }
  return null;
}

/** What unit 0 touches, and how many elements on unit u's lie from there, divided by u. */
interface Footprint {
  readonly stride: number;
  readonly first: number;
  readonly last: number;
}

/** null: units do not touch equal runs at equal distances. */
function footprint(access: KernelAccess, units: number): Footprint | null {
  const outer = unitLoops(access.domain, units);
  if (outer === null) return null;
  const points = outer.reduce((product, loop) => product * loop.extent, 1);
  const step = outer.length === 0 ? 0 : strideOf(access.index, outer.at(-1)!.name);
  let expected = step;
  for (const { name, extent } of outer.toReversed()) {
    if (strideOf(access.index, name) !== expected) return null;
    expected *= extent;
  }
  const others = access.domain.slice(outer.length);
  const [low, high] = affineRange(
    { ...access.index, terms: access.index.terms.filter(({ loop }) => !outer.some(l => l.name === loop)) },
    extentsOf([...others, ...access.inner]),
  );
  const reach = step * (points / units - 1);
  return {
    stride: step * (points / units),
    first: low + Math.min(0, reach),
    last: high + Math.max(0, reach),
  };
}

/** Whether no unit of the one access touches what another unit of the other does. */
export function apart(a: KernelAccess, b: KernelAccess, units: number): boolean {
  if (units === 1) return true;
  const [first, second] = [footprint(a, units), footprint(b, units)];
  if (first === null || second === null || first.stride !== second.stride) return false;
  const width = Math.max(first.last, second.last) - Math.min(first.first, second.first);
  return width < first.stride;
}
