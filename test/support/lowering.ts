import { type EvalFrame, evaluateDispatches, evaluateSequence } from '../../compiler/kernel/eval.js';
import type { KernelBuffer } from '../../compiler/kernel/ir.js';
import { type LoweredEntry, lowerEntry } from '../../compiler/lower/tensor-to-kernel/index.js';
import { sizeOf } from '../../compiler/tensor/axes.js';
import { type Bindings, evaluateHostScalar } from '../../compiler/tensor/eval.js';
import type { Graph } from '../../compiler/tensor/ir.js';

const inputBuffer = (name: string) => `in.${name}`;
const outputBuffer = (name: string) => `out.${name}`;
const datasetBuffer = (name: string) => `dataset.${name}`;

/** Lowers a graph with a buffer for each input and each output, so that the limit on buffers is felt. */
export function lowerApart(
  graph: Graph,
  encodings: Readonly<Record<string, 'byte' | 'f32'>> = {},
): LoweredEntry {
  const inputs = graph.nodes.flatMap(node => (node.op === 'input' ? [node] : []));
  const buffer = (name: string, length: number, slotted: boolean): KernelBuffer => ({
    name,
    element: 'f32',
    length,
    slotted,
  });
  const place = (name: string) => ({ buffer: name, offset: 0 });
  const lengths = new Map(inputs.map(({ name, axes }) => [name, sizeOf(axes)]));
  const datasets = graph.nodes.flatMap(node => (node.op === 'dataset' ? [node.name] : []));
  return lowerEntry('test', [
    {
      graph,
      options: {
        inputs: Object.fromEntries(inputs.map(({ name }) => [name, place(inputBuffer(name))])),
        outputs: Object.fromEntries(graph.outputs.map(({ name }) => [name, place(outputBuffer(name))])),
        datasets: Object.fromEntries(
          datasets.map(name => [name, { buffer: datasetBuffer(name), encoding: encodings[name] ?? 'f32' }]),
        ),
        rows: { buffer: 'rows', order: null },
        buffers: [
          ...[...lengths].map(([name, length]) => buffer(inputBuffer(name), length, false)),
          ...graph.outputs.map(({ name, axes }) => buffer(outputBuffer(name), sizeOf(axes), true)),
        ],
      },
    },
  ]);
}

/** The frame of a run: what both the f64 evaluator of kernels and a device are told. */
export const frameFacts = {
  step: 1,
  seedLow: 0,
  seedHigh: 0,
  dataStep: 1,
  dataSeedLow: 0,
  dataSeedHigh: 0,
  position: 0,
  rowCount: 1,
  epoch: 0,
  shuffle: 0,
  sampleOffset: 0,
  slot: 0,
} satisfies Omit<EvalFrame, 'host'>;

/** Runs lowered kernels one by one, or their dispatches, in f64; a result for each output, by name. The second slot of every output is written. */
export function evaluateLowered(
  graph: Graph,
  lowered: LoweredEntry,
  bindings: Bindings,
  frame: Partial<EvalFrame> = {},
  how: 'kernels' | 'dispatches' = 'kernels',
): ReadonlyMap<string, Float64Array> {
  const slot = 1;
  const content = new Map<string, Float64Array>();
  for (const [name, values] of Object.entries(bindings.inputs ?? {})) {
    content.set(inputBuffer(name), Float64Array.from(values));
  }
  for (const [name, { values }] of Object.entries(bindings.datasets ?? {})) {
    content.set(datasetBuffer(name), Float64Array.from(values));
  }
  const outputs = graph.outputs.map(({ name, axes }) => ({ name, length: sizeOf(axes) }));
  for (const { name, length } of outputs)
    content.set(outputBuffer(name), new Float64Array(2 * length).fill(Number.NaN));
  const host = lowered.host.map(scalar => evaluateHostScalar(scalar, bindings.clocks ?? {}));
  const facts = { ...frameFacts, ...frame, host, slot };
  if (how === 'kernels') evaluateSequence(lowered.sequence, content, facts);
  else evaluateDispatches(lowered.sequence, lowered.dispatches, content, facts);
  return new Map(
    outputs.map(({ name, length }) => [name, content.get(outputBuffer(name))!.slice(slot * length)]),
  );
}
