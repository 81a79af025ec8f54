import { affine } from '../../../compiler/kernel/affine.js';
import type { EvalFrame } from '../../../compiler/kernel/eval.js';
import type {
  Affine,
  Kernel,
  KernelBuffer,
  Loop,
  Reduction,
  Scalar,
  Store,
} from '../../../compiler/kernel/ir.js';
import type { ScalarOp } from '../../../compiler/scalar/registry.js';
import type { KernelCase } from './kernel-runner.js';

export const frame: EvalFrame = {
  step: 7,
  seedLow: 0x12345678,
  seedHigh: 0x9abcdef0,
  dataStep: 3,
  dataSeedLow: 5,
  dataSeedHigh: 6,
  position: 4,
  rowCount: 60,
  epoch: 2,
  shuffle: 1,
  sampleOffset: 100,
  slot: 0,
  host: [0.5, -1.25],
};

/** Reproducible numbers between -1 and 1. */
export function numbers(count: number, seed: number): number[] {
  let state = seed + 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 31 - 1);
  });
}

export const at = (terms: Readonly<Record<string, number>>, constant = 0): Affine =>
  affine(
    constant,
    Object.entries(terms).map(([loop, stride]) => ({ loop, stride })),
  );
export const load = (buffer: string, terms: Readonly<Record<string, number>>, constant = 0): Scalar => ({
  kind: 'load',
  buffer,
  index: at(terms, constant),
});
export const apply = (op: ScalarOp, ...args: Scalar[]): Scalar => ({ kind: 'apply', op, args });
export const accumulator = (reduction: number): Scalar => ({ kind: 'accumulator', reduction });
export const constant = (value: number): Scalar => ({ kind: 'constant', value });
export const loop = (name: string, extent: number): Loop => ({ name, extent });

export interface Sketch {
  readonly domain: readonly Loop[];
  readonly reductions?: readonly Reduction[];
  readonly stores: readonly (Omit<Store, 'partial'> & { readonly partial?: Store['partial'] })[];
  /** Lengths of arrays by name; those that are loaded from hold numbers. */
  readonly arrays: Readonly<Record<string, number>>;
  readonly slotted?: readonly string[];
  readonly frame?: Partial<EvalFrame>;
  readonly extra?: Partial<KernelCase>;
}

export function sketch(name: string, given: Sketch): KernelCase {
  const { domain, reductions = [], slotted = [], extra = {} } = given;
  const kernel: Kernel = {
    kind: 'compute',
    name,
    domain,
    reductions,
    stores: given.stores.map(store => ({ partial: null, ...store })),
    origin: [],
  };
  const buffers = Object.entries(given.arrays).map(
    ([buffer, length]): KernelBuffer => ({
      name: buffer,
      element: buffer === 'rows' ? 'u32' : 'f32',
      length,
      slotted: slotted.includes(buffer),
    }),
  );
  const content = Object.fromEntries(
    Object.entries(given.arrays).map(([buffer, length], i) => [buffer, numbers(length, i)]),
  );
  return {
    kernel,
    buffers: [...buffers, ...(extra.buffers ?? [])],
    content: { ...content, ...extra.content },
    frame: { ...frame, ...given.frame },
    ...(extra.bytes ? { bytes: extra.bytes } : {}),
  };
}
