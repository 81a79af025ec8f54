import { apart, conflicts, domainOf, unitLoops } from './access.js';
import { pointCount } from './affine.js';
import type { Launch } from './ir.js';
import { maxBuffers } from './verify.js';

/** A kernel as the search for dispatches sees it. */
export interface Candidate {
  readonly kernel: Launch;
  /** Storage bindings, all temporary arrays being one. */
  readonly bindings: readonly string[];
}

/**
 * Most rows of a matrix product in one unit: as many as a workgroup holds in registers while it reads the right factor
 * once. Where a unit would have more, a dispatch with all rows side by side is faster.
 */
export const mostRows = 8;
/** Points of any other kernel that a workgroup walks in a few rounds. */
const mostPoints = 1024;
/** A job is not cut into fewer units than this, for one more kernel in it, if it had more. */
const fewestUnits = 16;

/** A chain that may be, or why it may not. */
export type ChainDecision =
  | { readonly kind: 'chain'; readonly units: number }
  | { readonly kind: 'refused'; readonly reason: string };

/** Why a chain may not be cut so; of several reasons the one told is that of the highest rank. */
interface Refusal {
  readonly rank: number;
  readonly reason: string;
}

/** The most units that the kernels of a chain can be cut into; `before`: as many as it had without the last of them. */
export function decideChain(kernels: readonly Candidate[], before: number): ChainDecision {
  const bound = new Set(kernels.flatMap(({ bindings }) => bindings));
  if (bound.size > maxBuffers) {
    return {
      kind: 'refused',
      reason: `together they bind ${bound.size} buffers, and ${maxBuffers} is the most`,
    };
  }
  // What the kernel reads of others' rows says more than that no other number of units will do either.
  let told = strangers(kernels, before) ?? { rank: 0, reason: 'they have no rows in common' };
  for (const units of unitCounts(kernels)) {
    const refusal = refuse(kernels, units, before);
    if (refusal === null) return { kind: 'chain', units };
    if (refusal.rank > told.rank) told = refusal;
  }
  return { kind: 'refused', reason: told.reason };
}

/** Numbers of points of the kernels' leading loops, largest first. */
function unitCounts(kernels: readonly Candidate[]): readonly number[] {
  const counts = new Set<number>();
  for (const { kernel } of kernels) {
    const domain = domainOf(kernel);
    domain.forEach((_, i) => {
      counts.add(pointCount(domain.slice(0, i)));
    });
    if (!hasColumn(kernel)) counts.add(pointCount(domain));
  }
  return [...counts].toSorted((a, b) => b - a);
}

/** The innermost loop of a product, or of a partial store, is walked by one workgroup, whatever the rows. */
const hasColumn = (kernel: Launch): boolean =>
  kernel.kind === 'compute' &&
  (kernel.reductions.some(reduction => reduction.kind === 'product') ||
    kernel.stores.some(store => store.partial !== null));

function refuse(kernels: readonly Candidate[], units: number, before: number): Refusal | null {
  if (units < Math.min(before, fewestUnits))
    return { rank: 0, reason: `only ${units} workgroups would be busy` };
  for (const { kernel } of kernels) {
    const refusal = tooCoarse(kernel, units);
    if (refusal !== null) return refusal;
  }
  return strangers(kernels, units);
}

function tooCoarse(kernel: Launch, units: number): Refusal | null {
  const domain = domainOf(kernel);
  const outer = unitLoops(domain, units);
  const isMatrix = hasColumn(kernel);
  if (outer === null || (isMatrix && outer.length === domain.length))
    return { rank: 0, reason: `${kernel.name} has no ${units} rows` };
  const points = pointCount(domain) / units;
  const rows = (pointCount(outer) / units) * pointCount(domain.slice(outer.length, -1));
  if (rows <= mostRows || (!isMatrix && points <= mostPoints)) return null;
  const many = `${kernel.name} would have ${rows} rows in each of ${units} workgroups`;
  return { rank: 1, reason: `${many}, and ${mostRows} is the most` };
}

/** The first two kernels of which one needs what other units of the other write. */
function strangers(kernels: readonly Candidate[], units: number): Refusal | null {
  for (const [i, { kernel: later }] of kernels.entries()) {
    for (const { kernel: earlier } of kernels.slice(0, i)) {
      for (const [a, b] of conflicts(earlier, later)) {
        if (apart(a, b, units)) continue;
        const reason =
          a.writes && !b.writes
            ? `a row of ${later.name} reads more than its own row of ${earlier.name}`
            : `${later.name} writes what other rows of ${earlier.name} must have read before`;
        return { rank: 2, reason };
      }
    }
  }
  return null;
}
