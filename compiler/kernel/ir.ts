import type { ScalarOp } from '../scalar/registry.js';
import type { BufferElement } from '../support/element.js';

/**
 * One launch: for every point of `domain`, run each reduction in order, then evaluate all of `stores`, then write them
 * (a launch may replace an array in place: it reads an element before it writes it).
 * It says what is computed and which buffers are touched; how it is walked is the schedule's business.
 */
export interface Kernel {
  readonly kind: 'compute';
  readonly name: string;
  /** Outermost first; row-major in the buffers it stores. */
  readonly domain: readonly Loop[];
  readonly reductions: readonly Reduction[];
  readonly stores: readonly Store[];
  /** Tensor nodes computed here and why they are together, for `--why` and dumps. */
  readonly origin: readonly string[];
}

/** What an entry is a sequence of. */
export type Launch = Kernel | RowsKernel;

/** Loop names are unique within a kernel. */
export interface Loop {
  readonly name: string;
  readonly extent: number;
}

/** constant + Σ stride · loop, in elements. */
export interface Affine {
  readonly constant: number;
  readonly terms: readonly { readonly loop: string; readonly stride: number }[];
}

/**
 * What one element is computed from. Sharing is by reference: printers bind a shared node once.
 * `buffer` names a buffer of the launch.
 */
export type Scalar =
  | { readonly kind: 'constant'; readonly value: number }
  /** Slot of the frame's scalars, written by the host for each run. */
  | { readonly kind: 'host'; readonly slot: number }
  | { readonly kind: 'load'; readonly buffer: string; readonly index: Affine }
  /**
   * Element `feature` of the row that `row` selects in the buffer `rows`: bytes, four in a word, or f32. `width` is the
   * number of elements in a row (a row of bytes starts at byte row · width, with no padding).
   */
  | {
      readonly kind: 'dataset';
      readonly buffer: string;
      readonly rows: string;
      readonly row: Affine;
      readonly feature: Affine;
      readonly width: number;
      readonly encoding: 'byte' | 'f32';
    }
  /**
   * See NOISE in `compiler/program/noise.ts`. `rows` null: no datum axis, row 0. The frame's sample offset is added to
   * `sample` for the model's clock only: data are the same in every block of samples. `choice`, a whole number that is
   * not negative, is added to it: the number of a sample that the program chose.
   */
  | {
      readonly kind: 'noise';
      readonly law: 'normal' | 'uniform';
      readonly stream: number;
      readonly clock: 'model' | 'data';
      readonly rows: string | null;
      readonly row: Affine;
      readonly sample: Affine;
      readonly choice: Scalar | null;
      readonly element: Affine;
    }
  /** The value of an affine form, as a number. */
  | { readonly kind: 'index'; readonly value: Affine }
  /** Result of `reductions[reduction]`; in stores and in later reductions only. */
  | { readonly kind: 'accumulator'; readonly reduction: number }
  | { readonly kind: 'apply'; readonly op: ScalarOp; readonly args: readonly Scalar[] };

/** Over all points of `loops`, in a fixed order; the empty max is the smallest finite f32. */
export type Reduction =
  | {
      readonly kind: 'fold';
      readonly combine: 'sum' | 'max';
      readonly loops: readonly Loop[];
      readonly body: Scalar;
    }
  /**
   * Σ left · right where `left` does not depend on the innermost domain loop and `right` on no other domain loop but it:
   * a matrix product, which schedules may tile. Domain = (rows…, column).
   */
  | {
      readonly kind: 'product';
      readonly loops: readonly Loop[];
      readonly left: Scalar;
      readonly right: Scalar;
    };

export interface Store {
  readonly buffer: string;
  readonly index: Affine;
  readonly value: Scalar;
  /**
   * null: one element a domain point. Otherwise the values of each run of `tile` successive points of the innermost
   * domain loop are combined, in order, and stored once, at `index` + (innermost loop / tile).
   */
  readonly partial: { readonly combine: 'sum' | 'max'; readonly tile: number } | null;
}

/**
 * Fills `buffer` with the data-set rows of the run's batch. Without `order`: `shuffledRow` of
 * `compiler/program/noise.ts` if the frame says so, else position + b; with it: order[(position + b) mod rowCount].
 */
export interface RowsKernel {
  readonly kind: 'rows';
  readonly name: string;
  readonly buffer: string;
  readonly order: string | null;
  readonly count: number;
}

/** How a launch sees a buffer. `slotted`: element i of run s lies at s · length + i (see `frameWords.slot`). */
export interface KernelBuffer {
  readonly name: string;
  readonly element: BufferElement;
  readonly length: number;
  readonly slotted: boolean;
  /** Of a temporary array, once memory is planned: the buffer that it is a part of, and where it starts there. */
  readonly place?: { readonly buffer: string; readonly offset: number };
}

/** The launches of one entry point, in order. */
export interface KernelSequence {
  readonly name: string;
  readonly kernels: readonly Launch[];
  readonly buffers: readonly KernelBuffer[];
}
