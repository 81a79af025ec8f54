import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kernelEntries, tensorGraphs } from '../../../compiler/driver.js';
import {
  type Dispatch,
  type DispatchedSequence,
  stagesOf,
  withoutChains,
} from '../../../compiler/kernel/dispatch.js';
import { fuse } from '../../../compiler/kernel/fuse.js';
import type { Kernel, KernelSequence, Scalar } from '../../../compiler/kernel/ir.js';
import { layoutParameters } from '../../../compiler/lower/layout.js';
import { modelOf } from '../../support/reference.js';
import { at, buffer, load } from './fixture.js';

const spec = (name: string) => readFileSync(new URL(`../../../specs/${name}.iwae`, import.meta.url), 'utf8');

function stepOf(name: string, k: number) {
  const model = modelOf(spec(name).replace(/k=\d+/, `k=${k}`));
  return kernelEntries(model, layoutParameters(model), tensorGraphs(model)).train_step;
}

/** Kernels by job and dispatch, as positions in the sequence. */
const shape = (dispatches: readonly Dispatch[]) =>
  dispatches.map(({ jobs }) => jobs.map(({ stages }) => stages.map(stage => stage.kernel)));

const rows = 40;
const columns = 6;

/** to[r, c] := Σ_j from[…] over the loops given, of `rows` × `columns` elements. */
const kernel = (name: string, value: Scalar, inner = 0): Kernel => ({
  kind: 'compute',
  name,
  domain: [
    { name: 'r', extent: rows },
    { name: 'c', extent: columns },
  ],
  reductions:
    inner === 0 ? [] : [{ kind: 'fold', combine: 'sum', loops: [{ name: 'j', extent: inner }], body: value }],
  stores: [
    {
      buffer: name,
      index: at({ r: columns, c: 1 }),
      value: inner === 0 ? value : { kind: 'accumulator', reduction: 0 },
      partial: null,
    },
  ],
  origin: [],
});

const own = (from: string) => load(from, { r: columns, c: 1 });
const ownRow = (from: string) => load(from, { r: columns, j: 1 });
const ownColumn = (from: string) => load(from, { j: columns, c: 1 });

function fused(...kernels: readonly Kernel[]): readonly Dispatch[] {
  const sequence: KernelSequence = {
    name: 's',
    kernels,
    buffers: [buffer('in', rows * columns), ...kernels.map(({ name }) => buffer(name, rows * columns))],
  };
  return fuse(sequence, name => name.startsWith('t'));
}

describe('fusion of kernels', () => {
  it('takes rows through kernels that need their own row only', () => {
    const dispatches = fused(
      kernel('t0', own('in')),
      kernel('t1', ownRow('t0'), columns),
      kernel('out', own('t1')),
    );
    expect(shape(dispatches)).toEqual([[[0, 1, 2]]]);
    expect(dispatches[0]!.jobs[0]!.units).toBe(rows);
  });

  it('starts a dispatch where a kernel needs other rows, and says so', () => {
    const dispatches = fused(kernel('t0', own('in')), kernel('out', ownColumn('t0'), rows));
    expect(shape(dispatches)).toEqual([[[0]], [[1]]]);
    expect(stagesOf(dispatches[1]!)[0]!.reason).toMatch(/a row of out reads more than its own row of t0/);
  });

  it('does not take rows past those that one before has not read yet', () => {
    const dispatches = fused(kernel('t0', ownColumn('in'), rows), {
      ...kernel('t1', own('t0')),
      stores: [{ buffer: 'in', index: at({ r: columns, c: 1 }), value: own('t0'), partial: null }],
    });
    expect(shape(dispatches)).toEqual([[[0]], [[1]]]);
    expect(stagesOf(dispatches[1]!)[0]!.reason).toMatch(/must have read before/);
  });

  it('puts what is independent side by side, and joins it where one kernel needs both', () => {
    const dispatches = fused(
      kernel('t0', own('in')),
      kernel('t1', own('in')),
      kernel('t2', ownColumn('t0'), rows),
      kernel('t3', ownColumn('t1'), rows),
      kernel('out', { kind: 'apply', op: 'add', args: [own('t2'), own('t3')] }),
    );
    expect(shape(dispatches)).toEqual([[[0], [1]], [[2, 3, 4]]]);
  });

  it('never binds more than eight buffers', () => {
    const kernels = Array.from({ length: 12 }, (_, i) => kernel(`o${i}`, own('in')));
    const dispatches = fused(...kernels);
    expect(shape(dispatches).map(jobs => jobs.length)).toEqual([7, 5]);
    const chain = fused(...kernels.map((each, i) => (i === 0 ? each : kernel(`o${i}`, own(`o${i - 1}`)))));
    expect(shape(chain).map(jobs => jobs[0]!.length)).toEqual([7, 5]);
    expect(stagesOf(chain[1]!)[0]!.reason).toMatch(/they bind 9 buffers/);
  });

  it('is undone for devices without cheap barriers, in the same order', () => {
    const stage = (position: number) => ({ kernel: position, reason: '' });
    const dispatch = {
      jobs: [
        { units: 4, stages: [stage(0), stage(2), stage(3)] },
        { units: 1, stages: [stage(1)] },
      ],
    };
    expect(shape(withoutChains(dispatch))).toEqual([[[0], [1]], [[2]], [[3]]]);
  });
});

const names = ({ sequence, dispatches }: DispatchedSequence) =>
  dispatches.map(dispatch => stagesOf(dispatch).map(({ kernel }) => sequence.kernels[kernel]!.name));

describe('dispatches of a training step', () => {
  it.each([
    ['mnist1l', 1, 2, 3],
    ['mnist1l', 5, 2, 3],
    ['mnist1l', 50, 6, 7],
    ['mnist1l', 5000, 6, 7],
    ['mnist2l', 1, 2, 3],
    ['mnist2l', 50, 6, 7],
  ])('%s at k = %i: %i, and %i with the update apart', (name, k, joined, apart) => {
    const step = stepOf(name, k);
    for (const [expected, { sequence, dispatches }] of [
      [joined, step.joined!],
      [apart, step],
    ] as const) {
      expect(dispatches).toHaveLength(expected);
      const all = dispatches.flatMap(stagesOf).map(stage => stage.kernel);
      expect(all.toSorted((a, b) => a - b)).toEqual(sequence.kernels.map((_, i) => i));
    }
  });

  it('has all gradients of weights side by side, and the update last or in them', () => {
    const step = stepOf('mnist1l', 5);
    const [, gradients, update] = names(step);
    expect(gradients!.filter(name => name.includes('gradient.'))).toHaveLength(13);
    expect(update).toEqual([expect.stringMatching(/^train_step\.\d+\.parameters$/)]);
    expect(names(step.joined!)[1]!.toSorted()).toEqual(
      gradients!.map(name => (name.includes('gradient.') ? `${name}.update` : name)).toSorted(),
    );
  });

  it('has the update apart, and says why, where it needs all gradients first', () => {
    const clipped = modelOf(spec('mnist1l').replace('gradient sum', 'gradient sum\n    clip_norm 5'));
    const entries = kernelEntries(clipped, layoutParameters(clipped), tensorGraphs(clipped));
    const { sequence, joined } = entries.train_step;
    expect(joined).toBeNull();
    expect(sequence.kernels.at(-1)).toMatchObject({
      origin: expect.arrayContaining([
        expect.stringMatching(
          /^not joined to the kernels before it: train_step\.\d+\.\S+ needs gradients first$/,
        ),
      ]),
    });
  });
});
