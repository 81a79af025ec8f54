import { describe, expect, it } from 'vitest';
import type { Dispatch } from '../../../compiler/kernel/dispatch.js';
import { evaluateSequence } from '../../../compiler/kernel/eval.js';
import type { Kernel, KernelSequence, Scalar } from '../../../compiler/kernel/ir.js';
import { mergeLoops } from '../../../compiler/kernel/loops.js';
import { planMemory } from '../../../compiler/kernel/memory.js';
import { printKernel } from '../../../compiler/kernel/print.js';
import { chooseSchedule, scheduleDispatch, splitReason } from '../../../compiler/kernel/schedule.js';
import { kernelWork } from '../../../compiler/kernel/work.js';
import { shuffledRow } from '../../../compiler/program/index.js';
import { frameFacts } from '../../support/lowering.js';
import { at, buffer, dense, denseBuffers, load } from './fixture.js';

/** Where temporary arrays go, by what they are made of. */
const arenas = { f32: 'arena', u32: 'arena.u32', f16: 'arena.f16' } as const;
const frame = { ...frameFacts, host: [] };

describe('the kernel evaluator', () => {
  it('computes products, point stores and partial stores', () => {
    const x = Float64Array.from({ length: 50 }, (_, i) => Math.sin(i));
    const w = Float64Array.from({ length: 42 }, (_, i) => Math.cos(i));
    const content = new Map([
      ['x', x],
      ['w', w],
    ]);
    evaluateSequence({ name: 's', kernels: [dense], buffers: [...denseBuffers.values()] }, content, frame);
    const sum = (r: number, c: number) =>
      [0, 1, 2, 3, 4].reduce((s, d) => s + x[5 * r + d]! * w[7 * d + c]!, 0);
    expect(content.get('out')![7 * 3 + 2]).toBeCloseTo(Math.tanh(sum(3, 2) + w[37]!), 12);
    expect(content.get('sums')![7]).toBeCloseTo(sum(3, 4) + sum(3, 5) + sum(3, 6), 12);
  });

  it('fills rows in order, shuffled, or from a list', () => {
    const rowsOf = (order: string | null, shuffle: number) => {
      const content = new Map([['order', Float64Array.of(9, 4, 7)]]);
      const sequence: KernelSequence = {
        name: 's',
        kernels: [{ kind: 'rows', name: 'rows', buffer: 'rows', order, count: 2 }],
        buffers: [{ ...buffer('rows', 2), element: 'u32' }],
      };
      evaluateSequence(sequence, content, {
        ...frame,
        position: 2,
        rowCount: 3,
        seedLow: 5,
        epoch: 1,
        shuffle,
      });
      return [...content.get('rows')!];
    };
    expect(rowsOf(null, 0)).toEqual([2, 0]);
    expect(rowsOf('order', 0)).toEqual([7, 9]);
    expect(rowsOf(null, 1)).toEqual([shuffledRow(2, 3, 5, 0, 1), shuffledRow(0, 3, 5, 0, 1)]);
  });
});

describe('loops', () => {
  const copy = (
    domain: Kernel['domain'],
    from: Record<string, number>,
    to: Record<string, number>,
  ): Kernel => ({
    kind: 'compute',
    name: 'copy',
    domain,
    reductions: [],
    stores: [{ buffer: 'out', index: at(to), value: load('x', from), partial: null }],
    origin: [],
  });
  const domain = [
    { name: 'b', extent: 3 },
    { name: 'one', extent: 1 },
    { name: 'k', extent: 4 },
  ];

  it('are one where every index steps through both as through one', () => {
    const merged = mergeLoops(copy(domain, { b: 4, one: 9, k: 1 }, { b: 8, k: 2 }));
    expect(merged.domain).toEqual([{ name: 'k', extent: 12 }]);
    expect(merged.stores[0]!.index).toEqual(at({ k: 2 }));
  });

  it('stay apart where one index does not', () => {
    expect(mergeLoops(copy(domain, { b: 1, k: 3 }, { b: 4, k: 1 })).domain).toEqual([domain[0], domain[2]]);
  });

  it('keep the column of a product apart', () => {
    expect(mergeLoops(dense)).toEqual(dense);
  });
});

describe('a memory plan', () => {
  const step = (from: string, to: string): Kernel => ({
    kind: 'compute',
    name: to,
    domain: [{ name: 'i', extent: 4 }],
    reductions: [],
    stores: [{ buffer: to, index: at({ i: 1 }), value: load(from, { i: 1 }), partial: null }],
    origin: [],
  });
  const sequence: KernelSequence = {
    name: 's',
    kernels: [step('in', 'a'), step('a', 'b'), step('b', 'c'), step('c', 'out')],
    buffers: ['in', 'a', 'b', 'c', 'out'].map(name => buffer(name, name === 'b' ? 8 : 4)),
  };
  const alone = sequence.kernels.map((_, kernel) => ({
    jobs: [{ units: 1, stages: [{ kernel, reason: '' }] }],
  }));
  const isTemporary = (name: string) => 'abc'.includes(name);
  const plan = planMemory(sequence.buffers, [{ sequence, dispatches: alone }], isTemporary, arenas);

  it('lets arrays share memory when their lifetimes are apart, and never a launch with itself', () => {
    const places = plan.buffers.map(({ name, place }) => [name, place?.offset]);
    expect(places).toEqual([
      ['in', undefined],
      ['a', 16],
      ['b', 0],
      ['c', 16],
      ['out', undefined],
    ]);
    expect(plan.buffers[1]!.place!.buffer).toBe('arena');
  });

  it('keeps apart what one dispatch touches', () => {
    const stages = [0, 1, 2].map(kernel => ({ kernel, reason: '' }));
    const together = [{ jobs: [{ units: 4, stages }] }, alone[3]!];
    const ways = [{ sequence, dispatches: together }];
    const { peakBytes, unsharedBytes } = planMemory(sequence.buffers, ways, isTemporary, arenas);
    expect(peakBytes).toBe(4 * (2 * 16 + 4));
    expect(unsharedBytes).toBe(plan.unsharedBytes);
  });

  it('reports what it takes', () => {
    expect(plan.peakBytes).toBe(4 * (16 + 4));
    expect(plan.unsharedBytes).toBe(4 * (8 + 4 + 4));
  });
});

describe('a kernel', () => {
  it('prints what it computes and why', () => {
    expect(printKernel(dense)).toBe(`# a dense layer
kernel dense for r < 10, c < 7
  r0 = product over d < 5
    x[5·r + d]  ×  w[7·d + c]
  out[7·r + c] := tanh(add(r0, w[c + 35]))
  sums[2·r + tile] := r0 (sum of each 4 columns)`);
  });

  it('counts its work', () => {
    expect(kernelWork(dense, denseBuffers)).toEqual({
      flops: 70 * 2 + 70 * 5 * 2,
      productFlops: 70 * 5 * 2,
      bytes: 4 * (50 + 35 + 70 + 20),
    });
  });

  it('is walked as its shape and the device ask for', () => {
    const large = (rows: number, columns: number): Kernel => ({
      ...dense,
      domain: [
        { name: 'r', extent: rows },
        { name: 'c', extent: columns },
      ],
      stores: dense.stores.slice(0, 1),
    });
    const withPartials = (kernel: Kernel, count: number): Kernel => ({
      ...kernel,
      stores: Array.from({ length: count }, () => ({
        ...dense.stores[1]!,
        partial: { combine: 'sum', tile: 64 },
      })),
    });
    const rowSums: Kernel = {
      ...dense,
      domain: [{ name: 'r', extent: 10 }],
      reductions: [
        { kind: 'fold', combine: 'sum', loops: [{ name: 'd', extent: 2000 }], body: load('x', { d: 1 }) },
      ],
      stores: dense.stores.slice(0, 1),
    };
    expect(chooseSchedule(large(4000, 1000), 'gpu')).toMatchObject({
      kind: 'tiled',
      tileRows: 64,
      tileColumns: 64,
    });
    expect(chooseSchedule(large(20, 50), 'gpu')).toMatchObject({ kind: 'tiled', tileRows: 16 });
    // 50 × 200 gradients of weights over 1000 rows: few tiles, so that groups of invocations share the rows.
    const deep = (rows: number, columns: number, terms: number): Kernel => {
      const [product] = dense.reductions;
      return {
        ...large(rows, columns),
        reductions: [{ ...product!, loops: [{ name: 'd', extent: terms }] }],
      };
    };
    expect(chooseSchedule(deep(50, 200, 1000), 'gpu')).toMatchObject({ tileRows: 16, splits: 4 });
    expect(chooseSchedule(deep(200, 784, 1000), 'gpu')).toMatchObject({ tileRows: 32, splits: 4 });
    expect(chooseSchedule(deep(2000, 2000, 1000), 'gpu')).toMatchObject({ tileRows: 64, splits: 1 });
    expect(chooseSchedule(deep(50, 200, 100), 'gpu')).toMatchObject({ splits: 1 });
    expect(chooseSchedule(withPartials(deep(50, 200, 1000), 1), 'gpu')).toMatchObject({ splits: 1 });
    expect(splitReason(deep(50, 200, 1000), chooseSchedule(deep(50, 200, 1000), 'gpu'))).toBe(
      'on a GPU 1000 terms shared by 4 groups of invocations: its 52 tiles alone would leave it idle',
    );
    expect(chooseSchedule(withPartials(large(4000, 1000), 6), 'gpu')).toMatchObject({ tileRows: 32 });
    const chain: Dispatch = {
      jobs: [{ units: 4000, stages: [0, 1].map(kernel => ({ kernel, reason: '' })) }],
    };
    const inChain = (partials: number) =>
      scheduleDispatch(chain, [large(4000, 784), withPartials(large(4000, 784), partials)], 'gpu').jobs[0];
    expect(inChain(1)).toMatchObject({ block: 16, stages: [{ tileRows: 16 }, { tileColumns: 128 }] });
    expect(inChain(3)).toMatchObject({ block: 16, stages: [{ tileRows: 16 }, { tileColumns: 64 }] });
    expect(inChain(8)).toMatchObject({ block: 8, stages: [{ tileRows: 8 }, { tileColumns: 64 }] });
    expect(chooseSchedule(large(4000, 1000), 'software')).toMatchObject({ kind: 'blocked' });
    const inSubgroups = (kernel: Kernel) => chooseSchedule(kernel, 'subgroups');
    expect(inSubgroups(deep(4000, 1000, 200))).toMatchObject({
      kind: 'broadcast',
      lanes: 4,
      threadColumns: 16,
    });
    expect(inSubgroups(large(20, 50))).toMatchObject({ threadRows: 1, threadColumns: 4 });
    expect(inSubgroups(deep(20, 1000, 1000))).toMatchObject({ threadRows: 2, threadColumns: 16 });
    expect(inSubgroups(withPartials(deep(20, 1000, 1000), 1))).toMatchObject({ threadColumns: 16 });
    // What a factor loads for each row, at each of its terms or before them, makes fewer rows better.
    const scaled = (factor: Scalar): Kernel => {
      const kernel = deep(1024, 200, 400);
      const [product] = kernel.reductions as readonly Extract<
        Kernel['reductions'][number],
        { kind: 'product' }
      >[];
      const left: Scalar = { kind: 'apply', op: 'multiply', args: [factor, product!.left] };
      return { ...kernel, reductions: [{ ...product!, left }] };
    };
    expect(inSubgroups(scaled(load('x', { d: 1 })))).toMatchObject({ threadRows: 4, threadColumns: 8 });
    expect(inSubgroups(scaled(load('x', { r: 1 })))).toMatchObject({ threadRows: 2 });
    expect(inSubgroups(scaled(load('x', { r: 1, d: 1024 })))).toMatchObject({ threadRows: 2 });
    expect(inSubgroups(rowSums)).toMatchObject({ kind: 'pointwise' });
    expect(chooseSchedule(rowSums, 'gpu')).toEqual({ kind: 'cooperative', lanes: 256, along: 'terms' });
    expect(chooseSchedule(rowSums, 'software')).toMatchObject({ kind: 'pointwise' });
  });
});
