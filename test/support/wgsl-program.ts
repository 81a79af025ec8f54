import type { KernelBuffer } from '../../compiler/kernel/ir.js';
import { assemble, type EntryParts, type ProgramParts } from '../../compiler/lower/kernel-to-program.js';
import type { LoweredEntry } from '../../compiler/lower/tensor-to-kernel/index.js';
import {
  type Artefact,
  type BufferRole,
  type EntryName,
  entryNames,
  type GpuClass,
} from '../../compiler/program/index.js';
import { noTuning, type Tuning } from '../../compiler/tuning/tuning.js';

/** Which dispatches every device runs: a test wants all on the one it has. `unfused`: each kernel its own, for a GPU. */
export type Variant = GpuClass | 'unfused';

const roleOf = ({ name }: KernelBuffer): BufferRole => {
  if (name.startsWith('in.')) return 'statistic';
  if (name.startsWith('out.')) return 'result';
  if (name.startsWith('dataset.')) return 'dataset';
  if (name === 'rows' || name === 'order') return name;
  return 'workspace';
};

/** A program whose training step is the lowered graph, each output a result; the other entries do nothing. */
export function wgslProgram(
  lowered: LoweredEntry,
  rows: number,
  variant: Variant,
  tuning: Tuning = noTuning,
): Artefact {
  const nothing: EntryParts = {
    sequence: { name: 'nothing', kernels: [], buffers: [] },
    dispatches: [],
    joined: null,
    host: [],
    rows: 1,
    samples: 1,
    results: [],
  };
  const { sequence, host, joined } = lowered;
  const alone = sequence.kernels.map((_, kernel) => ({
    jobs: [{ units: 1, stages: [{ kernel, reason: '' }] }],
  }));
  const code =
    variant === 'unfused'
      ? { sequence, dispatches: alone, joined: null }
      : { sequence, dispatches: lowered.dispatches, joined };
  const results = sequence.buffers
    .filter(buffer => buffer.name.startsWith('out.'))
    .map(({ name, length }) => ({ name: name.slice('out.'.length), buffer: name, shape: [length] }));
  const parts: ProgramParts = {
    model: { name: 'test', signature: '', bound: '', k: 1, data: [], latents: [] },
    training: {
      batch: rows,
      optimizer: '',
      schedule: '',
      epochs: 1,
      stages: [{ bound: 'elbo', k: 1, epochs: 1 }],
      neededFlops: 0,
    },
    parameters: [],
    states: [],
    roles: Object.fromEntries(sequence.buffers.map(buffer => [buffer.name, roleOf(buffer)])),
    earlierSteps: [],
    entries: {
      ...(Object.fromEntries(entryNames.map(name => [name, nothing])) as Record<EntryName, EntryParts>),
      train_step: { ...code, host, rows, samples: 1, results },
    },
  };
  return stepOfClass(assemble(parts, tuning), variant === 'unfused' ? 'gpu' : variant);
}

/** The same artefact, whose training step has the dispatches of one class on every GPU. */
export function stepOfClass(artefact: Artefact, gpu: GpuClass): Artefact {
  const { program } = artefact;
  const { train_step } = program.entries;
  const chosen = train_step.dispatches[gpu];
  const entries = {
    ...program.entries,
    train_step: { ...train_step, dispatches: { gpu: chosen, software: chosen, subgroups: chosen } },
  };
  return { ...artefact, program: { ...program, entries } };
}
