import type { Affine, Loop } from './ir.js';

/** Normal form: each loop once, no zero strides, in the order of first mention. */
export function affine(constant: number, terms: Affine['terms'] = []): Affine {
  const strides = new Map<string, number>();
  for (const { loop, stride } of terms) strides.set(loop, (strides.get(loop) ?? 0) + stride);
  return {
    constant,
    terms: [...strides].filter(([, stride]) => stride !== 0).map(([loop, stride]) => ({ loop, stride })),
  };
}

export const strideOf = (form: Affine, loop: string): number =>
  form.terms.find(term => term.loop === loop)?.stride ?? 0;

export const sameAffine = (a: Affine, b: Affine): boolean =>
  a.constant === b.constant &&
  a.terms.length === b.terms.length &&
  a.terms.every(term => strideOf(b, term.loop) === term.stride);

/** Smallest and largest value over all points of the loops named by `extents`. */
export function affineRange(form: Affine, extents: ReadonlyMap<string, number>): readonly [number, number] {
  let [low, high] = [form.constant, form.constant];
  for (const { loop, stride } of form.terms) {
    const reach = stride * ((extents.get(loop) ?? 1) - 1);
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high];
}

/** Number of points of nested loops. */
export const pointCount = (loops: readonly Loop[]): number =>
  loops.reduce((count, loop) => count * loop.extent, 1);
