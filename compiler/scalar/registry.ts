import { arithmetic } from './arithmetic.js';
import { comparison } from './comparison.js';
import type { ScalarRow } from './row.js';
import { transcendental } from './transcendental.js';

export type { DerivativeAlgebra, Range, ScalarFacts, ScalarRow } from './row.js';

/** Every scalar operation, once. What another part knows about one is a column of its row. */
const table = { ...arithmetic, ...transcendental, ...comparison };

export type ScalarOp = keyof typeof table;

export const scalars: Readonly<Record<ScalarOp, ScalarRow>> = table;

export const scalarOps: readonly ScalarOp[] = Object.keys(table) as ScalarOp[];

/** Own rows only: `constructor` is not an operation. */
export const isScalarOp = (name: string): name is ScalarOp => Object.hasOwn(table, name);
