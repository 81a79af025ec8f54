import type { EntryName, Program } from '../compiler/index.js';
import { bytes, count, counted, metric, table } from './words.js';

/** On a GPU. Kept equal to the compiler's own by its type, so that help needs no compiler. */
const elementBytes: Readonly<Record<Program['buffers'][number]['element'], number>> = {
  f32: 4,
  u32: 4,
  f16: 2,
};

/** What a step costs on a real GPU, counted from the program and not measured. */
export interface Statistics {
  readonly model: string;
  readonly parameters: number;
  readonly dispatches_per_step: number;
  readonly flops_per_step: number;
  readonly bytes_per_step: number;
  /** Arithmetic intensity. */
  readonly flops_per_byte: number;
  /** Of matrix products: those in the kernels over those that the forward pass and twice as many in the backward pass take. */
  readonly flops_executed_over_needed: number;
  readonly peak_workspace_bytes: number;
  readonly entries: Readonly<Record<string, EntryStatistics>>;
}

export interface EntryStatistics {
  readonly dispatches: number;
  readonly rows: number;
  readonly samples: number;
  readonly flops: number;
  readonly bytes: number;
}

export const parameterCount = (program: Program): number =>
  program.parameters.reduce(
    (sum, slot) => sum + slot.shape.reduce((product, extent) => product * extent, 1),
    0,
  );

/** What a real GPU runs of an entry. */
const gpuKernels = (program: Program, name: EntryName): Program['kernels'] =>
  program.entries[name].dispatches.gpu
    .flatMap(dispatch => program.dispatches[dispatch]!.jobs.flat())
    .map(kernel => program.kernels[kernel]!);

function entryStatistics(program: Program, name: EntryName): EntryStatistics {
  const { dispatches, rows, samples } = program.entries[name];
  const kernels = gpuKernels(program, name);
  return {
    dispatches: dispatches.gpu.length,
    rows,
    samples,
    flops: kernels.reduce((sum, kernel) => sum + kernel.flops, 0),
    bytes: kernels.reduce((sum, kernel) => sum + kernel.bytes, 0),
  };
}

export function statistics(program: Program): Statistics {
  const names = Object.keys(program.entries) as EntryName[];
  const step = entryStatistics(program, 'train_step');
  const executed = gpuKernels(program, 'train_step').reduce((sum, kernel) => sum + kernel.productFlops, 0);
  const workspace = program.buffers.filter(buffer => buffer.role === 'workspace');
  return {
    model: program.model.name,
    parameters: parameterCount(program),
    dispatches_per_step: step.dispatches,
    flops_per_step: step.flops,
    bytes_per_step: step.bytes,
    flops_per_byte: step.flops / step.bytes,
    flops_executed_over_needed: executed / program.training.neededFlops,
    peak_workspace_bytes: workspace.reduce(
      (sum, buffer) => sum + buffer.length * elementBytes[buffer.element],
      0,
    ),
    entries: Object.fromEntries(names.map(name => [name, entryStatistics(program, name)])),
  };
}

export function statisticsTable(facts: Statistics): string {
  const entries = Object.entries(facts.entries).map(
    ([name, entry]) =>
      [
        name,
        `${counted(entry.dispatches, 'dispatch', 'dispatches')}, ${counted(entry.rows, 'row')} x ${counted(entry.samples, 'sample')}, ` +
          `${metric(entry.flops)}FLOP, ${bytes(entry.bytes)}`,
      ] as const,
  );
  const totals = table([
    ['parameters', count(facts.parameters)],
    ['dispatches per step', count(facts.dispatches_per_step)],
    ['operations per step', `${metric(facts.flops_per_step)}FLOP`],
    ['memory traffic per step', bytes(facts.bytes_per_step)],
    ['arithmetic intensity', `${facts.flops_per_byte.toFixed(1)} FLOP/byte`],
    ['FLOPs executed over needed', facts.flops_executed_over_needed.toFixed(3)],
    ['peak workspace', bytes(facts.peak_workspace_bytes)],
  ]);
  return `${facts.model}\n${totals}\n\nentry points, one run each\n${table(entries)}`;
}
