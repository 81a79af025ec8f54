import type { Affine, Reduction, Scalar } from '../../../compiler/kernel/ir.js';
import type { KernelCase } from './kernel-runner.js';
import {
  accumulator,
  apply,
  at,
  constant,
  frame,
  load,
  loop,
  numbers,
  type Sketch,
  sketch,
} from './kernel-sketch.js';

const rowContent = { rows: [17, 3, 58, 0, 41, 22, 9] };

const noise = (
  law: 'normal' | 'uniform',
  row: Affine,
  sample: Affine,
  element: Affine,
  choice: Scalar | null = null,
): Scalar => ({
  kind: 'noise',
  law,
  stream: 99,
  clock: law === 'normal' ? 'model' : 'data',
  rows: 'rows',
  row,
  sample,
  choice,
  element,
});

/** Σ over depth of left[row, depth] · right[depth, column], each stored in either layout, with an epilogue. */
function productCase(
  name: string,
  size: { readonly b: number; readonly k: number; readonly d: number; readonly j: number },
  layout: { readonly left: 'rows' | 'depth'; readonly right: 'columns' | 'depth' },
  epilogue: (sum: Scalar) => Sketch['stores'],
  arrays: Readonly<Record<string, number>> = {},
  extraReductions: readonly Reduction[] = [],
): KernelCase {
  const { b, k, d, j } = size;
  const m = b * k;
  const left =
    layout.left === 'depth' ? load('left', { b: k * d, k: d, d: 1 }) : load('left', { b: k, k: 1, d: m });
  const right = layout.right === 'columns' ? load('right', { d: j, j: 1 }) : load('right', { d: 1, j: d });
  return sketch(name, {
    domain: [loop('b', b), loop('k', k), loop('j', j)],
    reductions: [
      { kind: 'product', loops: [loop('d', d)], left: apply('tanh', left), right },
      ...extraReductions,
    ],
    stores: epilogue(accumulator(0)),
    arrays: { left: m * d, right: d * j, ...arrays },
  });
}

const plainStore =
  (k: number, j: number) =>
  (sum: Scalar): Sketch['stores'] => [
    { buffer: 'out', index: at({ b: k * j, k: j, j: 1 }), value: apply('add', sum, load('bias', { j: 1 })) },
  ];

function productCases(): KernelCase[] {
  const sizes = [
    { b: 4, k: 5, d: 7, j: 9 },
    { b: 3, k: 7, d: 50, j: 200 },
    { b: 20, k: 1, d: 30, j: 25 },
    { b: 1, k: 5, d: 1, j: 8 },
    { b: 40, k: 10, d: 20, j: 96 },
    { b: 2, k: 2, d: 33, j: 131 },
  ];
  return sizes.flatMap(size =>
    (['rows', 'depth'] as const).flatMap(left =>
      (['columns', 'depth'] as const).map(right =>
        productCase(
          `product ${Object.values(size).join('×')} left by ${left}, right by ${right}`,
          size,
          { left, right },
          plainStore(size.k, size.j),
          { bias: size.j, out: size.b * size.k * size.j },
        ),
      ),
    ),
  );
}

function weightGradient(): KernelCase {
  const [b, k, i, j] = [4, 6, 10, 37];
  return sketch('weight gradient, left without the sample axis', {
    domain: [loop('i', i), loop('j', j)],
    reductions: [
      {
        kind: 'product',
        loops: [loop('b', b), loop('k', k)],
        left: load('x', { b: i, i: 1 }),
        right: apply('multiply', load('dy', { b: k * j, k: j, j: 1 }), load('w', { b: k, k: 1 })),
      },
    ],
    stores: [{ buffer: 'out', index: at({ i: j, j: 1 }), value: accumulator(0) }],
    arrays: { x: b * i, dy: b * k * j, w: b * k, out: i * j },
  });
}

function twoProducts(): KernelCase {
  const [m, d, j] = [21, 19, 50];
  const left = load('h', { m: d, d: 1 });
  const product = (right: string): Reduction => ({
    kind: 'product',
    loops: [loop(`d${right}`, d)],
    left: left.kind === 'load' ? { ...left, index: at({ m: d, [`d${right}`]: 1 }) } : left,
    right: load(right, { [`d${right}`]: j, j: 1 }),
  });
  return sketch('two products and noise in one launch', {
    domain: [loop('m', m), loop('j', j)],
    reductions: [product('mean'), product('scale')],
    stores: [
      {
        buffer: 'out',
        index: at({ m: j, j: 1 }),
        value: apply(
          'add',
          accumulator(0),
          apply('multiply', apply('exp', accumulator(1)), load('mean', { j: 1 })),
        ),
      },
      { buffer: 'square', index: at({ m: j, j: 1 }), value: apply('square', accumulator(0)) },
    ],
    arrays: { h: m * d, mean: d * j, scale: d * j, out: m * j, square: m * j },
  });
}

const partialProducts = [
  { tile: 32, b: 5 },
  { tile: 64, b: 5 },
  { tile: 64, b: 55 },
].map(({ tile, b }) => {
  const size = { b, k: 4, d: 12, j: 100 };
  const tiles = Math.ceil(size.j / tile);
  return productCase(
    `product with partial sums by ${tile} of ${4 * b} rows`,
    size,
    { left: 'depth', right: 'columns' },
    sum => [
      {
        buffer: 'sums',
        index: at({ b: size.k * tiles, k: tiles }),
        value: apply('softplus', sum),
        partial: { combine: 'sum', tile },
      },
      {
        buffer: 'largest',
        index: at({ b: size.k * tiles, k: tiles }),
        value: sum,
        partial: { combine: 'max', tile },
      },
      { buffer: 'out', index: at({ b: size.k * size.j, k: size.j, j: 1 }), value: sum },
    ],
    { sums: 4 * b * tiles, largest: 4 * b * tiles, out: 4 * b * size.j },
  );
});

const softmax = (b: number, k: number): KernelCase =>
  sketch(`log-sum-exp over ${k}`, {
    domain: [loop('b', b)],
    reductions: [
      { kind: 'fold', combine: 'max', loops: [loop('k', k)], body: load('x', { b: k, k: 1 }) },
      {
        kind: 'fold',
        combine: 'sum',
        loops: [loop('q', k)],
        body: apply('exp', apply('subtract', load('x', { b: k, q: 1 }), accumulator(0))),
      },
    ],
    stores: [
      {
        buffer: 'out',
        index: at({ b: 1 }),
        value: apply('add', accumulator(0), apply('log', accumulator(1))),
      },
    ],
    arrays: { x: b * k, out: b },
  });

const columnSums = (rows: number, columns: number): KernelCase =>
  sketch(`column sums ${rows}×${columns}`, {
    domain: [loop('j', columns)],
    reductions: [
      { kind: 'fold', combine: 'sum', loops: [loop('i', rows)], body: load('x', { i: columns, j: 1 }) },
    ],
    stores: [{ buffer: 'out', index: at({ j: 1 }), value: accumulator(0) }],
    arrays: { x: rows * columns, out: columns },
  });

const mapCase = (name: string, size: number): KernelCase =>
  sketch(name, {
    domain: [loop('i', size)],
    stores: [
      {
        buffer: 'moment',
        index: at({ i: 1 }),
        value: apply(
          'add',
          apply('multiply', { kind: 'host', slot: 0 }, load('moment', { i: 1 })),
          load('x', { i: 1 }),
        ),
      },
      {
        buffer: 'out',
        index: at({ i: 1 }),
        value: apply('subtract', load('moment', { i: 1 }), { kind: 'host', slot: 1 }),
      },
    ],
    arrays: { moment: size, x: size, out: size },
  });

function noiseCase(law: 'normal' | 'uniform', elements: number): KernelCase {
  const [b, k] = [7, 3];
  return sketch(`${law} noise of ${elements} elements`, {
    domain: [loop('b', b), loop('k', k), loop('e', elements)],
    stores: [
      {
        buffer: 'out',
        index: at({ b: k * elements, k: elements, e: 1 }),
        value: noise(law, at({ b: 1 }), at({ k: 1 }), at({ e: 1 })),
      },
      {
        buffer: 'turned',
        index: at({ b: k * elements, k: elements, e: 1 }),
        value: noise(law, at({}, 2), at({ e: 1 }), at({ k: 1, b: 5 }, 1)),
      },
    ],
    arrays: { rows: b, out: b * k * elements, turned: b * k * elements },
    extra: { content: rowContent },
  });
}

/** Samples whose numbers lie in an array: the same one for neighbouring elements, and another for each. */
function chosenNoiseCase(elements: number): KernelCase {
  const b = 7;
  const choice = load('choice', { b: 1 });
  return sketch(`noise of chosen samples, ${elements} elements`, {
    domain: [loop('b', b), loop('e', elements)],
    stores: [
      {
        buffer: 'out',
        index: at({ b: elements, e: 1 }),
        value: noise('normal', at({ b: 1 }), at({}), at({ e: 1 }), choice),
      },
      {
        buffer: 'turned',
        index: at({ b: elements, e: 1 }),
        value: noise('normal', at({}, 2), at({}, 3), at({ b: 5 }), load('choice', { e: 1 })),
      },
    ],
    arrays: { rows: b, choice: Math.max(b, elements), out: b * elements, turned: b * elements },
    extra: {
      content: {
        ...rowContent,
        choice: Array.from({ length: Math.max(b, elements) }, (_, i) => (i * 13) % 50),
      },
    },
  });
}

function datasetCase(encoding: 'byte' | 'f32', width: number): KernelCase {
  const b = 7;
  const count = 60 * width;
  const value = (row: Affine, feature: Affine): Scalar => ({
    kind: 'dataset',
    buffer: 'data',
    rows: 'rows',
    row,
    feature,
    width,
    encoding,
  });
  const data =
    encoding === 'byte' ? Array.from({ length: count }, (_, i) => (i * 37) % 256) : numbers(count, 5);
  return sketch(`data set of ${encoding}, ${width} wide`, {
    domain: [loop('b', b), loop('i', width)],
    stores: [
      { buffer: 'out', index: at({ b: width, i: 1 }), value: value(at({ b: 1 }), at({ i: 1 })) },
      {
        buffer: 'turned',
        index: at({ b: width, i: 1 }),
        value: value(at({ b: 1 }), at({ i: -1 }, width - 1)),
      },
    ],
    arrays: { rows: b, out: b * width, turned: b * width },
    extra: {
      buffers: [{ name: 'data', element: 'f32', length: 0, slotted: false }],
      content: { ...rowContent, data },
      ...(encoding === 'byte' ? { bytes: ['data'] } : {}),
    },
  });
}

const rowsCase = (shuffle: number, order: boolean): KernelCase => ({
  kernel: {
    kind: 'rows',
    name: `rows, shuffle ${shuffle}, order ${order}`,
    buffer: 'rows',
    order: order ? 'order' : null,
    count: 20,
  },
  buffers: [
    { name: 'rows', element: 'u32', length: 20, slotted: false },
    { name: 'order', element: 'u32', length: 60, slotted: false },
  ],
  content: { order: Array.from({ length: 60 }, (_, i) => (i * 7) % 60) },
  frame: { ...frame, shuffle, position: 50 },
});

export const kernelCases: readonly KernelCase[] = [
  ...[1, 3, 4, 5, 400, 40_003].map(size => mapCase(`in-place map of ${size}`, size)),
  ...productCases(),
  weightGradient(),
  twoProducts(),
  ...partialProducts,
  ...[2, 5, 50, 1000].map(k => softmax(20, k)),
  columnSums(50, 7),
  columnSums(1000, 203),
  columnSums(300, 2),
  ...[3, 8, 50].flatMap(size => [noiseCase('normal', size), noiseCase('uniform', size)]),
  ...[3, 8, 50].map(chosenNoiseCase),
  ...[5, 8, 784].flatMap(width => [datasetCase('byte', width), datasetCase('f32', width)]),
  ...[rowsCase(0, false), rowsCase(1, false), rowsCase(0, true)],
  sketch('transposed copy with an index and a gather', {
    domain: [loop('i', 13), loop('j', 11)],
    stores: [
      {
        buffer: 'out',
        index: at({ i: 1, j: 13 }),
        value: apply('add', load('x', { i: 11, j: 1 }), { kind: 'index', value: at({ i: 100, j: -1 }, 3) }),
      },
    ],
    arrays: { x: 143, out: 143 },
  }),
  sketch('total into a slotted result', {
    domain: [],
    reductions: [
      {
        kind: 'fold',
        combine: 'sum',
        loops: [loop('b', 20), loop('k', 7)],
        body: apply('divide', load('x', { b: 7, k: 1 }), constant(20)),
      },
    ],
    stores: [{ buffer: 'out', index: at({}), value: accumulator(0) }],
    arrays: { x: 140, out: 1 },
    slotted: ['out'],
    frame: { slot: 3 },
  }),
  sketch('long function at many points', {
    domain: [loop('b', 300), loop('j', 71)],
    stores: [
      {
        buffer: 'out',
        index: at({ b: 71, j: 1 }),
        value: apply('log', apply('softplus', load('x', { j: 300, b: 1 }))),
      },
    ],
    arrays: { x: 21_300, out: 21_300 },
  }),
  sketch('partial sums without a product', {
    domain: [loop('b', 9), loop('j', 70)],
    stores: [
      {
        buffer: 'out',
        index: at({ b: 3 }),
        value: load('x', { b: 70, j: 1 }),
        partial: { combine: 'sum', tile: 32 },
      },
    ],
    arrays: { x: 630, out: 27 },
  }),
];
