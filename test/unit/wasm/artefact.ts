import { assemble } from '../../../compiler/emit/wat/assemble.js';
import { emitModule } from '../../../compiler/emit/wat/module.js';
import { affine } from '../../../compiler/kernel/affine.js';
import type { Kernel, KernelBuffer, Launch, Scalar } from '../../../compiler/kernel/ir.js';
import { kernelBuffers } from '../../../compiler/kernel/scalar.js';
import {
  type Artefact,
  type Entry,
  type EntryName,
  entryNames,
  type Program,
  type ProgramBuffer,
  programVersion,
} from '../../../compiler/program/index.js';

/*
 * Two launches that depend on each other from run to run: hidden = tanh(parameters · weights) for enough rows to be
 * shared out, and parameters ← parameters / 2 + mean of hidden over the columns, in place; and a result of one number.
 */
export const rowCount = 203;
export const depth = 40;
export const columns = 72;

const at = (terms: Readonly<Record<string, number>>) =>
  affine(
    0,
    Object.entries(terms).map(([loop, stride]) => ({ loop, stride })),
  );
const load = (buffer: string, terms: Readonly<Record<string, number>>): Scalar => ({
  kind: 'load',
  buffer,
  index: at(terms),
});
const apply = (op: 'add' | 'multiply' | 'tanh', ...args: Scalar[]): Scalar => ({ kind: 'apply', op, args });

const compute = (name: string, rest: Pick<Kernel, 'domain' | 'reductions' | 'stores'>): Kernel => ({
  kind: 'compute',
  name,
  origin: [],
  ...rest,
});

const kernels: readonly Kernel[] = [
  compute('hidden', {
    domain: [
      { name: 'm', extent: rowCount },
      { name: 'j', extent: columns },
    ],
    reductions: [
      {
        kind: 'product',
        loops: [{ name: 'd', extent: depth }],
        left: load('parameters', { m: depth, d: 1 }),
        right: load('dataset.w', { d: columns, j: 1 }),
      },
    ],
    stores: [
      {
        buffer: 'hidden',
        index: at({ m: columns, j: 1 }),
        value: apply('tanh', { kind: 'accumulator', reduction: 0 }),
        partial: null,
      },
    ],
  }),
  compute('update', {
    domain: [
      { name: 'm', extent: rowCount },
      { name: 'd', extent: depth },
    ],
    reductions: [
      {
        kind: 'fold',
        combine: 'sum',
        loops: [{ name: 'j', extent: columns }],
        body: load('hidden', { m: columns, j: 1 }),
      },
    ],
    stores: [
      {
        buffer: 'parameters',
        index: at({ m: depth, d: 1 }),
        value: apply(
          'add',
          apply('multiply', load('parameters', { m: depth, d: 1 }), { kind: 'constant', value: 0.5 }),
          apply('multiply', { kind: 'accumulator', reduction: 0 }, { kind: 'constant', value: 1 / columns }),
        ),
        partial: null,
      },
    ],
  }),
  compute('total', {
    domain: [],
    reductions: [
      {
        kind: 'fold',
        combine: 'sum',
        loops: [{ name: 'i', extent: rowCount * depth }],
        body: load('parameters', { i: 1 }),
      },
    ],
    stores: [{ buffer: 'total', index: at({}), value: { kind: 'accumulator', reduction: 0 }, partial: null }],
  }),
];

const buffers: readonly ProgramBuffer[] = [
  { name: 'parameters', role: 'parameters', element: 'f32', length: rowCount * depth },
  { name: 'dataset.w', role: 'dataset', element: 'f32', length: 0 },
  { name: 'hidden', role: 'workspace', element: 'f32', length: rowCount * columns },
  { name: 'total', role: 'result', element: 'f32', length: 1 },
];

const kernelBuffer = ({ name, element, length, role }: ProgramBuffer): KernelBuffer => ({
  name,
  element,
  length,
  slotted: role === 'result',
});

const entry: Entry = {
  launches: [0, 1, 2],
  dispatches: { gpu: [], software: [], subgroups: [] },
  rows: 1,
  samples: 1,
  host: [],
  results: [{ name: 'total', buffer: 'total', shape: [] }],
};

/** The launches as an artefact with CPU kernels only. */
export async function wasmArtefact(extra: readonly Launch[] = []): Promise<Artefact> {
  const launches = [...kernels, ...extra].map(kernel => {
    const used = kernel.kind === 'rows' ? { read: [], written: [kernel.buffer] } : kernelBuffers(kernel);
    const bindings = [...new Set([...used.read, ...used.written])];
    return { kernel, bindings, buffers: buffers.map(kernelBuffer) };
  });
  const module = emitModule(launches);
  const program: Program = {
    format: 'iwaec-program',
    version: programVersion,
    model: { name: 'sum', signature: '', bound: '', k: 1, data: [], latents: [] },
    training: {
      batch: 1,
      optimizer: '',
      schedule: '',
      epochs: 1,
      stages: [{ bound: 'elbo', k: 1, epochs: 1 }],
      neededFlops: 0,
    },
    parameters: [],
    states: [],
    buffers,
    kernels: launches.map(({ kernel, bindings }, i) => ({
      name: kernel.name,
      bindings: bindings.map(buffer => ({ buffer, offset: 0, access: 'read_write' as const })),
      flops: 0,
      productFlops: 0,
      bytes: 0,
      wasm: module.launches[i]!,
    })),
    dispatches: [],
    earlierSteps: [],
    entries: Object.fromEntries(entryNames.map(name => [name, entry])) as Record<EntryName, Entry>,
  };
  const wasm = { plain: assemble(module.plain), relaxed: assemble(module.relaxed) };
  return { program, wgsl: {}, wasm };
}

export const startParameters = (): Float32Array =>
  Float32Array.from({ length: rowCount * depth }, (_, i) => Math.sin(i));
export const weights = (): Float32Array =>
  Float32Array.from({ length: depth * columns }, (_, i) => Math.cos(i) / 4);
