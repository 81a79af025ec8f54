import { describe, expect, it } from 'vitest';
import { type EntryKey, frameWords } from '../../../compiler/program/index.js';
import { fault } from '../../../runtime/errors.js';
import { SubmissionPacer } from '../../../runtime/pacing.js';
import type { HostState, SessionCore } from '../../../runtime/session/core.js';
import { hostTime, profile } from '../../../runtime/session/profile.js';
import { tinyArtefact } from '../../support/tiny-program.js';

const { program } = tinyArtefact;
const kept: HostState = { step: 0, epoch: { sum: 0, steps: 0 }, buffers: new Map() };
const spans = { clock: 'host', begins: new Float64Array(), ends: new Float64Array() } as const;

type Loaded = Pick<SessionCore['loaded'], 'run' | 'time' | 'watch' | 'write'>;

/** A session of one step an epoch; its first stage has one epoch, on a device that notes what it is given. */
function session(device: Partial<Loaded> = {}, bound = -1) {
  const done: (readonly [EntryKey, readonly number[]])[] = [];
  const note = (entry: EntryKey, frames: readonly Uint32Array[]) =>
    done.push([entry, frames.map(frame => frame[frameWords.step]!)]);
  const stage = { bound: 'elbo(k=2)', epochs: 1 };
  const training = { ...program.training, stages: [stage, { bound: 'iwae(k=5)', epochs: 3 }] };
  const core = {
    program: { ...program, training, earlierSteps: [program.entries.train_step] },
    seed: 1n,
    binarise: 'none',
    data: { use: () => undefined, rows: () => program.training.batch },
    trainingPacer: new SubmissionPacer(4),
    step: 0,
    epoch: kept.epoch,
    copiedAt: performance.now(),
    lastGood: kept,
    loaded: {
      maxRuns: 4,
      read: async () => new Float32Array(4),
      write: () => undefined,
      run: async (entry: EntryKey, frames: readonly Uint32Array[]) => {
        note(entry, frames);
        return { bound: new Float32Array(frames.length).fill(bound) };
      },
      time: async (entry: EntryKey, frames: readonly Uint32Array[]) => {
        note(entry, frames);
        return { ...spans, launches: [] };
      },
      ...device,
    },
  } as unknown as SessionCore;
  return { core, done };
}

const stepsOf = (done: readonly (readonly [EntryKey, readonly number[]])[]) =>
  done.flatMap(([, steps]) => steps);

describe('a profile', () => {
  it('does as many steps of a stage as were asked for, where it has but one', async () => {
    const { core, done } = session();
    const { steps, objective } = await profile(core, 5, 0);
    expect(stepsOf(done)).toEqual(Array.from({ length: 5 + 4 }, () => 1));
    expect(new Set(done.map(([entry]) => entry))).toEqual(new Set([0]));
    expect({ steps, objective }).toEqual({ steps: 4, objective: 'elbo(k=2)' });
    expect(core.step).toBe(0);
  });

  it('goes on from step to step in a stage that has enough', async () => {
    const { core, done } = session();
    expect(await profile(core, 3, 1)).toMatchObject({ steps: 4, objective: 'iwae(k=5)' });
    expect(stepsOf(done)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(done.map(([entry]) => entry))).toEqual(new Set(['train_step']));
  });

  it('watches the steps of the stage that it is asked for', async () => {
    const submissions = {
      clock: 'host',
      begins: Float64Array.of(0, 2),
      ends: Float64Array.of(1, 3),
    } as const;
    const { core, done } = session({ watch: () => async () => submissions });
    expect(await hostTime(core, 2, 0)).toMatchObject({ submissions: 2, seconds: 3, betweenSeconds: 1 });
    expect(await hostTime(core, 3, 1)).toMatchObject({ submissions: 2 });
    expect(stepsOf(done)).toEqual([1, 1, 2, 3, 4]);
    expect(new Set(done.map(([entry]) => entry))).toEqual(new Set([0, 'train_step']));
    await hostTime(core, 0);
    expect(stepsOf(done)).toHaveLength(5);
    expect(core.step).toBe(0);
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 32])('refuses to watch %s steps', async steps => {
    const { core } = session({ watch: () => async () => spans });
    await expect(hostTime(core, steps)).rejects.toMatchObject({ code: 'option-invalid' });
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 32])('refuses %s untimed steps', async untimed => {
    await expect(profile(session().core, untimed)).rejects.toMatchObject({ code: 'option-invalid' });
  });

  it('says that the bound left the finite numbers', async () => {
    const { core } = session({}, Number.NaN);
    await expect(profile(core, 2)).rejects.toMatchObject({ code: 'not-finite' });
    expect(core.step).toBe(0);
  });
});

describe('a fault of training', () => {
  const refused = fault('device-memory', { what: 'a run', bytes: 1 });
  const run = () => Promise.reject(refused);
  const later = fault('device-lost', { reason: 'gone' });
  const fails = () => {
    throw later;
  };

  it.each([
    ['rejects', () => () => Promise.reject(later)],
    ['throws', () => fails],
  ] as const)('is told where the watch %s after it', async (_, watch) => {
    await expect(hostTime(session({ run, watch }).core, 2)).rejects.toBe(refused);
  });

  it('is told where the state cannot be put back after it', async () => {
    const watch = () => async () => spans;
    await expect(hostTime(session({ run, watch, write: fails }).core, 2)).rejects.toBe(refused);
    await expect(profile(session({ run, write: fails }).core, 2)).rejects.toBe(refused);
  });
});
