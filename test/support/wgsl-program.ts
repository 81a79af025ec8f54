import type { KernelBuffer } from '../../compiler/kernel/ir.js';
import { assemble, type EntryParts } from '../../compiler/lower/kernel-to-program.js';
import type { LoweredEntry } from '../../compiler/lower/tensor-to-kernel/index.js';
import {
  type Artefact,
  type BufferRole,
  type EntryName,
  entryNames,
  type WgslVariant,
} from '../../compiler/program/index.js';

/** Which WGSL every device runs: a test wants both on the one it has. */
export type Variant = 'gpu' | 'software';

const roleOf = ({ name }: KernelBuffer): BufferRole => {
  if (name.startsWith('in.')) return 'statistic';
  if (name.startsWith('out.')) return 'result';
  if (name.startsWith('dataset.')) return 'dataset';
  if (name === 'rows' || name === 'order') return name;
  return 'workspace';
};

/** A program whose training step is the lowered graph, each output a result; the other entries do nothing. */
export function wgslProgram(lowered: LoweredEntry, rows: number, variant: Variant): Artefact {
  const nothing: EntryParts = {
    sequence: { name: 'nothing', kernels: [], buffers: [] },
    host: [],
    rows: 1,
    samples: 1,
    results: [],
  };
  const { sequence, host } = lowered;
  const results = sequence.buffers
    .filter(buffer => buffer.name.startsWith('out.'))
    .map(({ name, length }) => ({ name: name.slice('out.'.length), buffer: name, shape: [length] }));
  const artefact = assemble({
    model: { name: 'test', signature: '', bound: '', k: 1, data: [], latents: [] },
    training: { batch: rows, optimizer: '', schedule: '', epochs: 1 },
    parameters: [],
    states: [],
    roles: Object.fromEntries(sequence.buffers.map(buffer => [buffer.name, roleOf(buffer)])),
    entries: {
      ...(Object.fromEntries(entryNames.map(name => [name, nothing])) as Record<EntryName, EntryParts>),
      train_step: { sequence, host, rows, samples: 1, results },
    },
  });
  const { program } = artefact;
  const both = (chosen: WgslVariant) => ({ gpu: chosen, software: chosen });
  const kernels = program.kernels.map(kernel => ({ ...kernel, variants: both(kernel.variants[variant]) }));
  return { ...artefact, program: { ...program, kernels } };
}
