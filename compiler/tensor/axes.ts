import { invariant } from '../support/bug.js';
import type { Axis, AxisKind } from './ir.js';

/*
 * CANONICAL ORDER. The axes of a node are sorted by kind (datum, sample, feature), then by name in natural order: runs of
 * digits compare as numbers. It is a total order on names, so two nodes with the same set of axes have the same layout;
 * `c0` before `f0` before `f1` before `f10` makes a weight matrix [c0, f0] row-major in its own shape [in, out].
 */

const kindRank: Readonly<Record<AxisKind, number>> = { datum: 0, sample: 1, feature: 2 };

/** Natural order of names: `f2` before `f10`; ties of numbers (`f1`, `f01`) fall back to the text. */
export function compareNames(a: string, b: string): number {
  const left = a.split(/(\d+)/);
  const right = b.split(/(\d+)/);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [l, r] = [left[i]!, right[i]!];
    if (l === r) continue;
    // Odd pieces are the runs of digits.
    if (i % 2 === 1 && Number(l) !== Number(r)) return Number(l) - Number(r);
    return l < r ? -1 : 1;
  }
  return left.length - right.length;
}

export const compareAxes = (a: Axis, b: Axis): number =>
  kindRank[a.kind] - kindRank[b.kind] || compareNames(a.name, b.name);

export const sortAxes = (axes: readonly Axis[]): readonly Axis[] => [...axes].sort(compareAxes);

export const hasAxis = (axes: readonly Axis[], name: string): boolean =>
  axes.some(axis => axis.name === name);

export const axesWithout = (axes: readonly Axis[], names: readonly string[]): readonly Axis[] =>
  axes.filter(axis => !names.includes(axis.name));

export const axisNames = (axes: readonly Axis[]): readonly string[] => axes.map(axis => axis.name);

/** Every axis of `inner`, by name, is in `outer`. */
export const isSubset = (inner: readonly Axis[], outer: readonly Axis[]): boolean =>
  inner.every(axis => hasAxis(outer, axis.name));

export const sameAxes = (a: readonly Axis[], b: readonly Axis[]): boolean =>
  a.length === b.length &&
  a.every((axis, i) => axis.name === b[i]!.name && axis.size === b[i]!.size && axis.kind === b[i]!.kind);

/** Union by name in canonical order. A name with two sizes or kinds is a CompilerBug. */
export function unionAxes(lists: readonly (readonly Axis[])[]): readonly Axis[] {
  const found = new Map<string, Axis>();
  for (const axis of lists.flat()) {
    const known = found.get(axis.name);
    invariant(
      known === undefined || (known.size === axis.size && known.kind === axis.kind),
      () =>
        `axis ${axis.name} is ${known?.kind} of ${known?.size} and ${axis.kind} of ${axis.size} in one operation`,
    );
    found.set(axis.name, known ?? axis);
  }
  return sortAxes([...found.values()]);
}

/** Number of elements. */
export const sizeOf = (axes: readonly Axis[]): number => axes.reduce((size, axis) => size * axis.size, 1);

/** Row-major strides of `own`, listed for each of `axes`; 0 where `own` lacks the axis. */
export function stridesAlong(own: readonly Axis[], axes: readonly Axis[]): readonly number[] {
  const strides = new Map<string, number>();
  let stride = 1;
  for (const axis of own.toReversed()) {
    strides.set(axis.name, stride);
    stride *= axis.size;
  }
  return axes.map(axis => strides.get(axis.name) ?? 0);
}
