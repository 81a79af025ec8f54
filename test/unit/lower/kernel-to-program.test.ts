import { describe, expect, it } from 'vitest';
import type { Dispatch } from '../../../compiler/kernel/dispatch.js';
import { assemble, type EntryParts, type ProgramParts } from '../../../compiler/lower/kernel-to-program.js';
import { entryNames } from '../../../compiler/program/index.js';
import { buffer, dense, denseBuffers } from '../kernel/fixture.js';

const empty: EntryParts = {
  sequence: { name: 'empty', kernels: [], buffers: [] },
  dispatches: [],
  joined: null,
  host: [],
  rows: 1,
  samples: 1,
  results: [],
};
const parts = (entries: Partial<ProgramParts['entries']>): ProgramParts => ({
  model: { name: 'm', signature: '', bound: '', k: 1, data: [], latents: [] },
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
  roles: { x: 'parameters' },
  earlierSteps: [],
  entries: {
    ...(Object.fromEntries(entryNames.map(name => [name, empty])) as ProgramParts['entries']),
    ...entries,
  },
});
const alone = (kernel: number): Dispatch => ({ jobs: [{ units: 1, stages: [{ kernel, reason: '' }] }] });
const denseEntry: EntryParts = {
  ...empty,
  sequence: {
    name: 'dense',
    kernels: [dense, { ...dense, name: 'again' }],
    buffers: [...denseBuffers.values()],
  },
  dispatches: [alone(0), alone(1)],
  host: [{ kind: 'clock', clock: 'step' }],
};

describe('a program', () => {
  it('holds each text once, for each class of device', () => {
    const { program, wgsl } = assemble(parts({ train_step: denseEntry }));
    expect(program.kernels.map(kernel => kernel.name)).toEqual(['dense', 'again']);
    const { launches, dispatches } = program.entries.train_step;
    const sources = (indices: readonly number[]) => indices.map(index => program.dispatches[index]!.source);
    expect(Object.keys(wgsl)).toHaveLength(6);
    expect(launches).toEqual([0, 1]);
    expect(sources(dispatches.gpu)).toEqual(['dense.00.gpu', 'dense.01.gpu']);
    expect(sources(dispatches.software)).toEqual(['dense.00.software', 'dense.01.software']);
    expect(sources(dispatches.subgroups)).toEqual(['dense.00.subgroups', 'dense.01.subgroups']);
    expect(program.dispatches[1]).toMatchObject({ name: 'dense.01', jobs: [[1]] });
    expect(program.kernels[0]).toMatchObject({ flops: 840, bytes: 700 });
  });

  it('shares buffers between entries: a workspace is as long as any of them needs', () => {
    const longer: EntryParts = {
      ...empty,
      sequence: { name: 'longer', kernels: [], buffers: [buffer('out', 700), buffer('x', 50)] },
    };
    const { program } = assemble(parts({ train_step: denseEntry, evaluate: longer }));
    expect(program.buffers).toEqual([
      { name: 'x', role: 'parameters', element: 'f32', length: 50 },
      { name: 'w', role: 'workspace', element: 'f32', length: 42 },
      { name: 'out', role: 'workspace', element: 'f32', length: 700 },
      { name: 'sums', role: 'workspace', element: 'f32', length: 20 },
    ]);
  });

  it('refuses a clock the host does not have, and a buffer of two lengths', () => {
    const noon: EntryParts = { ...empty, host: [{ kind: 'clock', clock: 'noon' }] };
    expect(() => assemble(parts({ sample: noon }))).toThrow(/no clock noon/);
    const shorter: EntryParts = {
      ...empty,
      sequence: { name: 's', kernels: [], buffers: [buffer('x', 49)] },
    };
    expect(() => assemble(parts({ train_step: denseEntry, sample: shorter }))).toThrow(/two lengths/);
  });
});
