import { affine } from '../../../compiler/kernel/affine.js';
import type { Kernel, KernelBuffer, Scalar } from '../../../compiler/kernel/ir.js';

export const at = (strides: Readonly<Record<string, number>>, constant = 0) =>
  affine(
    constant,
    Object.entries(strides).map(([loop, stride]) => ({ loop, stride })),
  );

export const load = (buffer: string, strides: Readonly<Record<string, number>>, constant = 0): Scalar => ({
  kind: 'load',
  buffer,
  index: at(strides, constant),
});

export const buffer = (name: string, length: number, slotted = false): KernelBuffer => ({
  name,
  element: 'f32',
  length,
  slotted,
});

export const buffersOf = (...buffers: readonly KernelBuffer[]) =>
  new Map(buffers.map(each => [each.name, each]));

/** out[r, c] = tanh(Σ_d x[r, d] w[d, c] + bias[c]), 10 × 7 with depth 5; and its sum over each 4 columns. */
export const dense: Kernel = {
  kind: 'compute',
  name: 'dense',
  domain: [
    { name: 'r', extent: 10 },
    { name: 'c', extent: 7 },
  ],
  reductions: [
    {
      kind: 'product',
      loops: [{ name: 'd', extent: 5 }],
      left: load('x', { r: 5, d: 1 }),
      right: load('w', { d: 7, c: 1 }),
    },
  ],
  stores: [
    {
      buffer: 'out',
      index: at({ r: 7, c: 1 }),
      value: {
        kind: 'apply',
        op: 'tanh',
        args: [
          {
            kind: 'apply',
            op: 'add',
            args: [{ kind: 'accumulator', reduction: 0 }, load('w', { c: 1 }, 35)],
          },
        ],
      },
      partial: null,
    },
    {
      buffer: 'sums',
      index: at({ r: 2 }),
      value: { kind: 'accumulator', reduction: 0 },
      partial: { combine: 'sum', tile: 4 },
    },
  ],
  origin: ['a dense layer'],
};

export const denseBuffers = buffersOf(
  buffer('x', 50),
  buffer('w', 42),
  buffer('out', 70),
  buffer('sums', 20),
);
