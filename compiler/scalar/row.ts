import type { LaneAlgebra } from './lanes.js';

/**
 * The operations that derivatives are written in. Kept apart from `ScalarOp`, which is derived from the table that holds
 * the derivatives; that each of them is in the table is checked where a table's row is used with an `Algebra`.
 */
export type DerivativeOp =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'negate'
  | 'power'
  | 'square'
  | 'exp'
  | 'log'
  | 'sigmoid'
  | 'sin'
  | 'cos'
  | 'sign'
  | 'less'
  | 'less_equal'
  | 'select';

/** What a derivative is built with; every `Algebra` is one. */
export interface DerivativeAlgebra<T> {
  constant(value: number): T;
  apply(op: DerivativeOp, ...args: readonly T[]): T;
}

/** A closed interval. */
export type Range = readonly [number, number];

/** One scalar function: everything the compiler, the devices, the tests and the docs know about it. */
export interface ScalarRow {
  readonly arity: number;
  /** What it is, in one line, for the language reference. */
  readonly doc: string;
  /** The definition, in f64. */
  readonly evaluate: (...args: number[]) => number;
  /** Partial derivative for each argument; null: zero wherever it exists. */
  readonly derivative: <T>(
    algebra: DerivativeAlgebra<T>,
    args: readonly T[],
    result: T,
  ) => readonly (T | null)[];
  /** The WGSL expression; conditions are f32, 0 or 1. */
  readonly wgsl: (...args: string[]) => string;
  /** WGSL functions that `wgsl` calls; complete in itself, its names used by no other row. */
  readonly wgslPrelude?: string;
  /** The composition of vector instructions for WebAssembly; conditions are f32, 0 or 1. */
  readonly wat: <V>(lanes: LaneAlgebra<V>, ...args: V[]) => V;
  /** `cheap`: an instruction or two; `transcendental`: worth storing rather than computing twice. */
  readonly cost: 'cheap' | 'transcendental';
  /** Facts for the sweep. */
  readonly test: ScalarFacts;
}

export interface ScalarFacts {
  /** Argument ranges that points are drawn from. */
  readonly domain: readonly Range[];
  /** Argument ranges, extremes included, in which the value is finite in f32; `domain` where it is not given. */
  readonly finite?: readonly Range[];
  /** A device's value differs from f64 by no more than absolute + relative · |value|. */
  readonly relative: number;
  readonly absolute: number;
  /** Constant but for steps closer together than difference quotients, and f32 from f64, can keep apart. */
  readonly isStaircase?: true;
  /** The vector text is closer: no more than so many units in the last place of a normal value, or absolutely. */
  readonly vector?: { readonly units: number } | { readonly absolute: number };
}

type Shared = Pick<ScalarRow, 'doc' | 'wgslPrelude' | 'cost' | 'test'>;

/** A row of one argument; `derivative` null: zero wherever it exists. */
export function unary(
  row: Shared & {
    readonly evaluate: (a: number) => number;
    readonly derivative: (<T>(algebra: DerivativeAlgebra<T>, a: T, result: T) => T) | null;
    readonly wgsl: (a: string) => string;
    readonly wat: <V>(lanes: LaneAlgebra<V>, a: V) => V;
  },
): ScalarRow {
  const { derivative } = row;
  return {
    ...row,
    arity: 1,
    evaluate: a => row.evaluate(a!),
    derivative: (algebra, args, result) => [derivative ? derivative(algebra, args[0]!, result) : null],
    wgsl: a => row.wgsl(a!),
    wat: (lanes, a) => row.wat(lanes, a!),
  };
}

/** A row of two arguments; `derivative` null: zero in both wherever it exists. */
export function binary(
  row: Shared & {
    readonly evaluate: (a: number, b: number) => number;
    readonly derivative:
      | (<T>(algebra: DerivativeAlgebra<T>, a: T, b: T, result: T) => readonly [T, T])
      | null;
    readonly wgsl: (a: string, b: string) => string;
    readonly wat: <V>(lanes: LaneAlgebra<V>, a: V, b: V) => V;
  },
): ScalarRow {
  const { derivative } = row;
  return {
    ...row,
    arity: 2,
    evaluate: (a, b) => row.evaluate(a!, b!),
    derivative: (algebra, args, result) =>
      derivative ? derivative(algebra, args[0]!, args[1]!, result) : [null, null],
    wgsl: (a, b) => row.wgsl(a!, b!),
    wat: (lanes, a, b) => row.wat(lanes, a!, b!),
  };
}
