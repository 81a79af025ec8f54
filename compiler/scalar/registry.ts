import type { Algebra } from './algebra.js';

/** One scalar function: everything the compiler, the devices, the tests and the docs know about it. */
export interface ScalarRow {
  readonly arity: number;
  /** What it is, in one line, for the language reference. */
  readonly doc: string;
  /** The definition, in f64. */
  readonly evaluate: (...args: number[]) => number;
  /** Partial derivative for each argument; null: zero everywhere (or not differentiated). */
  readonly derivative: <T>(algebra: Algebra<T>, args: readonly T[], result: T) => readonly (T | null)[];
  /** The WGSL expression; conditions are f32, 0 or 1. */
  readonly wgsl: (...args: string[]) => string;
  /** WGSL functions that `wgsl` calls. */
  readonly wgslPrelude?: string;
  /** `cheap`: an instruction or two; `transcendental`: worth storing rather than computing twice. */
  readonly cost: 'cheap' | 'transcendental';
  /** Facts for the sweep: sampled argument ranges, and the largest error allowed on devices. */
  readonly test: {
    readonly domain: readonly (readonly [number, number])[];
    readonly relative: number;
    readonly absolute: number;
  };
}

const row = <Row extends ScalarRow>(row: Row): ScalarRow => row;

export const scalars = {
  add: row({
    arity: 2,
    doc: 'a + b',
    evaluate: (a, b) => a! + b!,
    derivative: algebra => [algebra.constant(1), algebra.constant(1)],
    wgsl: (a, b) => `(${a} + ${b})`,
    cost: 'cheap',
    test: {
      domain: [
        [-10, 10],
        [-10, 10],
      ],
      relative: 2 ** -22,
      absolute: 1e-6,
    },
  }),
} satisfies Record<string, ScalarRow>;

export type ScalarOp =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'negate'
  | 'power'
  | 'exp'
  | 'log'
  | 'log1p'
  | 'expm1'
  | 'sqrt'
  | 'square'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'sin'
  | 'cos'
  | 'abs'
  | 'sign'
  | 'floor'
  | 'minimum'
  | 'maximum'
  | 'less'
  | 'less_equal'
  | 'equal'
  | 'select';
