import type { Axis } from '../../../compiler/tensor/ir.js';

/** The axes that the tensor tests share. */
export const b: Axis = { name: 'b', kind: 'datum', size: 2 };
export const k: Axis = { name: 'k', kind: 'sample', size: 3 };
export const l: Axis = { name: 'l', kind: 'sample', size: 2 };
export const c0: Axis = { name: 'c0', kind: 'feature', size: 4 };
export const f0: Axis = { name: 'f0', kind: 'feature', size: 5 };
export const f1: Axis = { name: 'f1', kind: 'feature', size: 2 };

/** Values without a pattern that arithmetic would hide: fractional parts of multiples of √2, in [-1, 1). */
export const irregular = (count: number, seed = 0): number[] =>
  Array.from({ length: count }, (_, i) => (((i + 1 + 31 * seed) * Math.SQRT2) % 1) * 2 - 1);
