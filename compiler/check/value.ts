import type { BoundExpr, DataVariable, Expr, UpdateExpr } from '../model/ir.js';
import { quoted } from '../support/words.js';
import type * as ast from '../syntax/ast.js';
import type { AxisBinding } from './axes.js';
import type { Frame } from './frame.js';
import { anyReal, elementOf, pointRange, type Range } from './range.js';

/**
 * What an expression is worth to the checker. Numbers, lists, functions and distributions are known now; the other
 * scalars are nodes of the program being built, one kind for each place an expression can stand in.
 */
export type Value = Failed | ScalarValue | ListValue | FunctionValue | DistributionValue | DatasetValue;

/** The result of something already reported: whatever is made of it fails in silence. */
export interface Failed {
  readonly kind: 'failed';
}

export type ScalarValue = NumberValue | NodeValue;

export interface NumberValue {
  readonly kind: 'number';
  readonly value: number;
  /** The sample axis that this number, an argument of a bound, is the size of. */
  readonly axis?: AxisBinding;
}

export type NodeValue =
  /** An expression for one datum and one sample, in a network. */
  | { readonly kind: 'tensor'; readonly expr: Expr; readonly range: Range }
  | { readonly kind: 'bound'; readonly expr: BoundExpr; readonly range: Range }
  /** Of an optimizer or a schedule. */
  | { readonly kind: 'update'; readonly expr: UpdateExpr; readonly range: Range };

export interface ListValue {
  readonly kind: 'list';
  readonly elements: readonly Value[];
}

export interface FunctionValue {
  readonly kind: 'function';
  readonly name: string;
  /** null: built in. */
  readonly declaration: ast.FunctionDeclaration | ast.Distribution | null;
}

/** A distribution with its arguments; `shape` is that of one draw. */
export interface DistributionValue {
  readonly kind: 'distribution';
  readonly declaration: ast.Distribution;
  readonly arguments: ReadonlyMap<string, Value>;
  readonly shape: readonly number[];
  /** The calls that led to it. */
  readonly frame: Frame | null;
}

/** `data x`: the whole data set. */
export interface DatasetValue {
  readonly kind: 'dataset';
  readonly data: DataVariable;
}

export const failed: Failed = { kind: 'failed' };

export const numberValue = (value: number): NumberValue => ({ kind: 'number', value });

export const isScalar = (value: Value): value is ScalarValue =>
  value.kind === 'number' || value.kind === 'tensor' || value.kind === 'bound' || value.kind === 'update';

export const rangeOf = (value: ScalarValue): Range =>
  value.kind === 'number' ? pointRange(value.value) : value.range;

/** The shape of a scalar or tensor; anything but a tensor of a network is one number for each datum. */
export const shapeOf = (value: Value): readonly number[] => (value.kind === 'tensor' ? value.expr.shape : []);

export const tensorValue = (expr: Expr, range: Range = anyReal): Value => ({ kind: 'tensor', expr, range });

export const shapeText = (shape: readonly number[]): string =>
  shape.length === 0 ? '' : `[${shape.join(', ')}]`;

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, position) => size === b[position]);

/** A noun phrase for messages: `real[50]`, `the number 3`, `a list`. */
export function describe(value: Value): string {
  switch (value.kind) {
    case 'failed':
      return 'something that is already reported';
    case 'number':
      return `the number ${value.value}`;
    case 'tensor':
      return quoted(elementOf(value.range) + shapeText(value.expr.shape));
    case 'bound':
      return 'a quantity of the bound';
    case 'update':
      return 'a value that changes from step to step';
    case 'list':
      return `a list of ${value.elements.length}`;
    case 'function':
      return describeFunction(value);
    case 'distribution':
      return `the distribution ${quoted(value.declaration.name.name + shapeText(value.shape))}`;
    case 'dataset':
      return `the data set ${quoted(value.data.name)}`;
  }
}

const describeFunction = (value: FunctionValue): string =>
  `the ${value.declaration === null ? 'function' : value.declaration.kind} ${quoted(value.name)}`;
