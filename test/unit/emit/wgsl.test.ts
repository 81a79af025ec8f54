import { describe, expect, it } from 'vitest';
import { printDispatch } from '../../../compiler/emit/wgsl/index.js';
import { literal } from '../../../compiler/emit/wgsl/text.js';
import type { Kernel, KernelBuffer, Launch, Scalar } from '../../../compiler/kernel/ir.js';
import { chooseSchedule, type Schedule } from '../../../compiler/kernel/schedule.js';
import { at, buffer, buffersOf, dense, denseBuffers, load } from '../kernel/fixture.js';

const elementwise = (extent: number, value: Scalar): Kernel => ({
  kind: 'compute',
  name: 'elementwise',
  domain: [{ name: 'i', extent }],
  reductions: [],
  stores: [{ buffer: 'out', index: at({ i: 1 }), value, partial: null }],
  origin: [],
});
const pointwise = { kind: 'pointwise' } as const;
type Product = Extract<Kernel['reductions'][number], { kind: 'product' }>;

/** The module of a dispatch that is this kernel alone. */
const printWgsl = (
  kernel: Launch,
  schedule: Schedule,
  buffers: ReadonlyMap<string, KernelBuffer>,
  workgroup = 64,
) =>
  printDispatch(
    { jobs: [{ units: 1, stages: [{ kernel: 0, reason: '' }] }] },
    { workgroup, jobs: [{ block: 1, stages: [schedule] }] },
    { kernels: [kernel], buffers: [...buffers.values()] },
  );

describe('a WGSL literal', () => {
  it.each([
    [0, '0.0f'],
    [-0, '(-0.0f)'],
    [1, '1.0f'],
    [0.1, '0.10000000149011612f'],
    [-2.5, '(-2.5f)'],
    [2 ** 80, '1.2089258196146292e+24f'],
    [Number.POSITIVE_INFINITY, '3.4028234663852886e+38f'],
    [-1e300, '(-3.4028234663852886e+38f)'],
    [1e-60, '0.0f'],
  ])('of %s is %s', (value, text) => {
    expect(literal(value)).toBe(text);
    expect(Number.parseFloat(text.replace(/[()f]/g, ''))).toBe(
      Math.fround(Math.min(3.4028234663852886e38, Math.max(-3.4028234663852886e38, value))),
    );
  });
});

describe('a WGSL module', () => {
  it('binds the frame and then the buffers, those it writes last', () => {
    const { text, bindings, workgroups } = printWgsl(dense, chooseSchedule(dense, 'software'), denseBuffers);
    expect(bindings).toEqual([
      { buffer: 'x', access: 'read' },
      { buffer: 'w', access: 'read' },
      { buffer: 'out', access: 'read_write' },
      { buffer: 'sums', access: 'read_write' },
    ]);
    expect(text).toContain('@group(0) @binding(0) var<uniform> frame: array<vec4<u32>, 16>;');
    expect(text).toContain('@group(0) @binding(3) var<storage, read_write> buffer3_out: array<f32>;');
    expect(workgroups).toEqual([1, 1, 1]);
  });

  it('folds a long line of workgroups into y and guards what lies beyond', () => {
    const extent = 64 * 65535 + 1;
    const kernel = elementwise(extent, { kind: 'constant', value: 1 });
    const { text, workgroups } = printWgsl(kernel, pointwise, buffersOf(buffer('out', extent)));
    expect(workgroups).toEqual([65535, 2, 1]);
    expect(text).toContain('group.x + group.y * 65535u');
    expect(text).toContain(`if (point >= ${extent}u) { return; }`);
  });

  it('holds only the functions it calls', () => {
    const text = (value: Scalar) =>
      printWgsl(elementwise(8, value), pointwise, buffersOf(buffer('out', 8), buffer('x', 8))).text;
    const x = load('x', { i: 1 });
    expect(text(x)).not.toContain('fn scalar_');
    const tanh = text({ kind: 'apply', op: 'tanh', args: [x] });
    expect(tanh.match(/^fn \w+/gm)).toEqual(['fn scalar_tanh', 'fn stage0', 'fn main']);
    const noise: Scalar = {
      kind: 'noise',
      law: 'normal',
      stream: 7,
      clock: 'model',
      rows: null,
      row: at({}),
      sample: at({}),
      choice: null,
      element: at({ i: 1 }),
    };
    expect(text(noise)).toContain('fn threefry');
    expect(text(noise)).toContain('vec4<u32>(frame[0u].y, frame[0u].z, 7u, frame[0u].x)');
  });

  it('computes what is shared once', () => {
    const x = load('x', { i: 1 });
    const squared: Scalar = { kind: 'apply', op: 'exp', args: [x] };
    const kernel = elementwise(8, { kind: 'apply', op: 'multiply', args: [squared, squared] });
    const { text } = printWgsl(kernel, pointwise, buffersOf(buffer('out', 8), buffer('x', 8)));
    expect(text.match(/exp\(/g)).toHaveLength(1);
  });

  it("reads a host scalar behind the frame's words, and results in the run's slot", () => {
    const kernel = elementwise(8, { kind: 'host', slot: 60 });
    const { text } = printWgsl(kernel, pointwise, buffersOf(buffer('out', 8, true)));
    expect(text).toContain('var<uniform> frame: array<vec4<u32>, 32>;');
    expect(text).toContain('bitcast<f32>(frame[18u].x)');
    expect(text).toContain('buffer1_out[frame[2u].w * 8u + point]');
  });

  it('never lets a workgroup part before a barrier', () => {
    const tiled = printWgsl(dense, chooseSchedule(dense, 'gpu'), denseBuffers, 256);
    expect(tiled.text).toMatch(/workgroupBarrier/);
    const stage = tiled.text.slice(tiled.text.indexOf('fn stage'));
    expect(stage.split('\n').filter(line => line.includes('return'))).toEqual([]);
  });

  it('broadcasts where all invocations of a subgroup are', () => {
    const schedule = { kind: 'broadcast', lanes: 4, threadRows: 2, threadColumns: 4 } as const;
    const { text, workgroups } = printWgsl(dense, schedule, denseBuffers, 16);
    expect(text.startsWith('enable subgroups;')).toBe(true);
    expect(text.match(/subgroupBroadcast\(/g)).toHaveLength(4);
    const stage = text.slice(text.indexOf('fn stage'));
    expect(stage.split('\n').filter(line => line.includes('return'))).toEqual([]);
    expect(workgroups).toEqual([2, 1, 1]);
  });

  it('computes what a factor has of its row or of its term alone once', () => {
    const weight = load('w', { d: 1 });
    const scale: Scalar = { kind: 'apply', op: 'exp', args: [load('x', { r: 1 })] };
    const own: Scalar = { kind: 'apply', op: 'multiply', args: [scale, load('x', { r: 3, d: 1 })] };
    const left: Scalar = { kind: 'apply', op: 'multiply', args: [own, weight] };
    const [product] = dense.reductions;
    const kernel = { ...dense, reductions: [{ ...(product as Product), left }] };
    const schedule = { kind: 'broadcast', lanes: 4, threadRows: 2, threadColumns: 4 } as const;
    const { text } = printWgsl(kernel, schedule, denseBuffers, 16);
    const [before, loop] = text.slice(text.indexOf('fn stage')).split('for (var at_d');
    expect(before!.match(/exp\(/g)).toHaveLength(2);
    expect(loop).not.toContain('exp(');
    expect(loop!.match(/buffer\d_w\[at_d_\d+\];/g)).toHaveLength(1);
  });

  it('hides from drivers how often a loop runs where they would unroll it', () => {
    const schedule = { kind: 'broadcast', lanes: 4, threadRows: 2, threadColumns: 4 } as const;
    const text = (rolled: object) =>
      printDispatch(
        { jobs: [{ units: 1, stages: [{ kernel: 0, reason: '' }] }] },
        { workgroup: 16, jobs: [{ block: 1, stages: [schedule] }], ...rolled },
        { kernels: [dense], buffers: [...denseBuffers.values()] },
      ).text;
    expect(text({})).toMatch(/at_d_\d+ \+= 1u\)/);
    expect(text({ rolled: true })).toMatch(/at_d_\d+ \+= step\d+\)/);
  });

  it('has no loop around what runs once', () => {
    const print = (threadRows: number) =>
      printWgsl(dense, { kind: 'broadcast', lanes: 4, threadRows, threadColumns: 4 }, denseBuffers).text;
    expect(print(2)).toContain('for (var i = 0u; i < 2u; i += 1u)');
    expect(print(1)).not.toMatch(/var i\b/);
    expect(print(1)).toContain('let i = 0u;');
  });

  it('has one text for jobs that differ in numbers, where drivers compile slowly and nobody waits for another', () => {
    const adding = (extent: number) =>
      elementwise(extent, { kind: 'apply', op: 'add', args: [load('x', { i: 1 }), load('x', { i: 1 })] });
    const print = (schedule: Schedule, rolled: object) =>
      printDispatch(
        { jobs: [0, 1].map(kernel => ({ units: 1, stages: [{ kernel, reason: '' }] })) },
        { workgroup: 16, jobs: [0, 1].map(() => ({ block: 1, stages: [schedule] })), ...rolled },
        { kernels: [adding(40), adding(100)], buffers: [buffer('x', 100), buffer('out', 100)] },
      );
    const { text, workgroups } = print(pointwise, { rolled: true });
    expect(text.match(/^fn /gm)).toHaveLength(2);
    expect(text).toContain('if (point >= number0_0) { return; }');
    expect(text).toContain('if (unit < 3u) { first = 0u; number0_0 = 40u; }');
    expect(text).toContain('else { first = 3u; number0_0 = 100u; }');
    expect(workgroups).toEqual([10, 1, 1]);
    expect(print(pointwise, {}).text.match(/^fn /gm)).toHaveLength(3);
    const lanes = { kind: 'cooperative', lanes: 4, along: 'terms' } as const;
    expect(print(lanes, { rolled: true }).text.match(/^fn /gm)).toHaveLength(3);
  });

  it('shuffles rows or looks them up', () => {
    const rows = (order: string | null) =>
      printWgsl(
        { kind: 'rows', name: 'rows', buffer: 'rows', order, count: 20 },
        pointwise,
        buffersOf({ ...buffer('rows', 20), element: 'u32' }, { ...buffer('order', 0), element: 'u32' }),
      ).text;
    expect(rows(null)).toContain('fn shuffled_row');
    expect(rows('order')).toContain('row = buffer1_order[row];');
    expect(rows('order')).not.toContain('shuffled_row');
  });
});
