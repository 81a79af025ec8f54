import type { KernelBuffer } from '../../kernel/ir.js';

/** Where an array lies: row-major from element `offset` of a buffer. */
export interface ArrayPlace {
  readonly buffer: string;
  readonly offset: number;
}

export interface DatasetPlace {
  readonly buffer: string;
  readonly encoding: 'byte' | 'f32';
}

/** What a graph's leaves and outputs stand for on a device. */
export interface LoweringOptions {
  /** By the names of `input` nodes. Their arrays lie in canonical axis order. */
  readonly inputs: Readonly<Record<string, ArrayPlace>>;
  /**
   * By output name. An output may take the place of an input that has the same layout; whoever reads the input then reads
   * the old value.
   */
  readonly outputs: Readonly<Record<string, ArrayPlace>>;
  /** By the names of `dataset` nodes. */
  readonly datasets: Readonly<Record<string, DatasetPlace>>;
  /** Buffer of the batch's row indices, and the buffer of the list they are looked up in, if any. */
  readonly rows: { readonly buffer: string; readonly order: string | null };
  /** Every buffer that the places name; `rows`, `order`, data sets and workspaces are added. */
  readonly buffers: readonly KernelBuffer[];
}
