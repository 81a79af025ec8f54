/** How far two f64 computations of one number may lie apart. */
export const tolerances = {
  /**
   * A gradient against the five-point stencil of the same graph, relative to the gradient's largest element or to 1.
   * Truncation is h⁴/30 of a fifth derivative, rounding 1e-16 / h of the value: both spacings do, and the narrow one is for
   * the point that lies within 2e-4 of a kink or a step, where the wide one differentiates across it.
   */
  gradient: { relative: 1e-6, spacings: [1e-4, 1e-6] },
  /** A graph before and after passes: rounding in another order, relative to the output's largest element or to 1. */
  rewriting: 1e-9,
  /** A value written down as a number. */
  recorded: 1e-12,
} as const;

/** The largest difference, relative to the largest element of `expected` or to 1. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [scale, difference] = [1, 0];
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]!));
    const distance = Math.abs(actual[i]! - expected[i]!);
    difference = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(difference, distance);
  }
  return difference / scale;
}
