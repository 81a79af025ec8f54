import type { ScalarOp } from './registry.js';

/** Anything in which scalar expressions can be built: tensor graphs, numbers, text. */
export interface Algebra<T> {
  constant(value: number): T;
  apply(op: ScalarOp, ...args: readonly T[]): T;
}
