import { type ScalarOp, scalars } from './registry.js';

/** Anything in which scalar expressions can be built: tensor graphs, numbers, text. */
export interface Algebra<T> {
  constant(value: number): T;
  apply(op: ScalarOp, ...args: readonly T[]): T;
}

/** Scalar expressions evaluated on the spot, in f64. */
export const numberAlgebra: Algebra<number> = {
  constant: value => value,
  apply: (op, ...args) => scalars[op].evaluate(...args),
};
