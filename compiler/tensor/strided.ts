import { sizeOf, stridesAlong } from './axes.js';
import type { Axis } from './ir.js';

/*
 * Walks over arrays in row-major order. Every walk is a loop over rows (all axes but the last) with a plain inner loop over
 * the last axis, so the cost of finding positions is paid once a row.
 */

/** Calls `visit` for each row: the position of its first element in each array, whose strides are given for each axis. */
function eachRow(
  axes: readonly Axis[],
  strides: readonly (readonly number[])[],
  visit: (starts: readonly number[]) => void,
): void {
  const outer = axes.slice(0, -1);
  const counter = outer.map(() => 0);
  const starts = strides.map(() => 0);
  for (let row = sizeOf(outer); row > 0; row--) {
    visit(starts);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const wraps = ++counter[axis]! === outer[axis]!.size;
      const steps = wraps ? 1 - outer[axis]!.size : 1;
      for (let i = 0; i < starts.length; i++) starts[i]! += steps * strides[i]![axis]!;
      if (!wraps) break;
      counter[axis] = 0;
    }
  }
}

const lastSize = (axes: readonly Axis[]) => axes.at(-1)?.size ?? 1;
const lastStride = (strides: readonly number[]) => strides.at(-1) ?? 0;

/** The array seen along `axes`, in that order; broadcast along those that `own` lacks. */
export function relayout(values: Float64Array, own: readonly Axis[], axes: readonly Axis[]): Float64Array {
  const result = new Float64Array(sizeOf(axes));
  const strides = stridesAlong(own, axes);
  const [count, step] = [lastSize(axes), lastStride(strides)];
  let to = 0;
  eachRow(axes, [strides], ([start]) => {
    for (let i = 0, from = start!; i < count; i++, from += step) result[to++] = values[from]!;
  });
  return result;
}

/** Folds `values` into an array over `kept`, a subset of `own`, each element from `initial` and in row-major order. */
export function foldInto(
  values: Float64Array,
  own: readonly Axis[],
  kept: readonly Axis[],
  combine: 'sum' | 'max',
): Float64Array {
  const result = new Float64Array(sizeOf(kept)).fill(combine === 'sum' ? 0 : -Infinity);
  const strides = stridesAlong(kept, own);
  const [count, step] = [lastSize(own), lastStride(strides)];
  let from = 0;
  eachRow(own, [strides], ([start]) => {
    for (let i = 0, to = start!; i < count; i++, to += step) {
      const value = values[from++]!;
      result[to] = combine === 'sum' ? result[to]! + value : Math.max(result[to]!, value);
    }
  });
  return result;
}

/** One array of a pointwise operation. */
export interface Operand {
  readonly values: Float64Array;
  readonly axes: readonly Axis[];
}

/** Applies a scalar function at every point of `axes`, its arguments broadcast by name. */
export function mapOver(
  axes: readonly Axis[],
  operands: readonly Operand[],
  evaluate: (...args: number[]) => number,
): Float64Array {
  const result = new Float64Array(sizeOf(axes));
  const strides = operands.map(operand => stridesAlong(operand.axes, axes));
  const steps = strides.map(lastStride);
  const count = lastSize(axes);
  const [a, b] = operands.map(operand => operand.values);
  const [stepA, stepB] = steps;
  let to = 0;
  eachRow(axes, strides, starts => {
    if (operands.length === 1) {
      for (let i = 0, p = starts[0]!; i < count; i++, p += stepA!) result[to++] = evaluate(a![p]!);
    } else if (operands.length === 2) {
      let q = starts[1]!;
      for (let i = 0, p = starts[0]!; i < count; i++, p += stepA!, q += stepB!) {
        result[to++] = evaluate(a![p]!, b![q]!);
      }
    } else {
      for (let i = 0; i < count; i++) {
        result[to++] = evaluate(...operands.map((operand, j) => operand.values[starts[j]! + i * steps[j]!]!));
      }
    }
  });
  return result;
}

/** C[n, i, j] = Σ_l A[n, i, l] · B[n, l, j], for each n; all row-major. */
export function batchedProduct(
  left: Float64Array,
  right: Float64Array,
  [batches, rows, depth, columns]: readonly [number, number, number, number],
): Float64Array {
  const result = new Float64Array(batches * rows * columns);
  for (let row = 0; row < batches * rows; row++) {
    const to = row * columns;
    const rightStart = Math.floor(row / rows) * depth * columns;
    for (let l = 0; l < depth; l++) {
      const factor = left[row * depth + l]!;
      const from = rightStart + l * columns;
      for (let j = 0; j < columns; j++) result[to + j]! += factor * right[from + j]!;
    }
  }
  return result;
}
