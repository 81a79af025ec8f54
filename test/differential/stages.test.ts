import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/index.js';
import { type Artefact, datasetOf, openSession, type Session } from '../../runtime/index.js';
import { openCpuDevice } from '../../runtime/node.js';
import { Random } from '../fuzz/random.js';

const specText = readFileSync(new URL('../../specs/ppca.iwae', import.meta.url), 'utf8');
const rows = 60;
const random = new Random(7);
const values = Float32Array.from({ length: rows * 5 }, () => random.below(1000) / 250 - 2);
const train = datasetOf('rows', { shape: [rows, 5], values });

async function program(bound: string, batch = 20): Promise<Artefact> {
  const source = { path: 'ppca.iwae', text: specText };
  const request = { source, readImport: () => null, overrides: { bound, batch }, verify: true };
  const { artefact, diagnostics } = await compile(request);
  expect(diagnostics).toEqual([]);
  return artefact!;
}

describe('a run in stages', () => {
  const device = openCpuDevice({ threads: 2 });
  afterAll(() => device.dispose());
  const open = async (bound: string): Promise<Session> => {
    const session = await openSession(device, await program(bound), { seed: 5 });
    session.bind({ train: { x: train } });
    await session.initialise();
    return session;
  };
  const tensorsOf = async (session: Session) => (await session.snapshot()).tensors;

  const first = 'elbo(k=2)';
  const second = 'iwae(k=7)';
  const third = 'power(k=3, p=2) using one_sample';
  const staged = `${first} for 2 epochs then ${second} for 3 epochs then ${third}`;

  it('is each bound for its epochs, one after the other, bit for bit', async () => {
    const whole = await open(staged);
    const report = await whole.train({ epochs: 8 });
    expect(report.epochBounds.map(({ objective }) => objective)).toEqual([
      ...Array<string>(2).fill(first),
      ...Array<string>(3).fill(second),
      ...Array<string>(3).fill(third),
    ]);
    const parts = [
      [first, 2],
      [second, 5],
      [third, 8],
    ] as const;
    let session: Session | null = null;
    const bounds: number[] = [];
    for (const [bound, epochs] of parts) {
      const next = await open(bound);
      if (session !== null) next.restore(await session.snapshot());
      bounds.push(...(await next.train({ epochs })).epochBounds.map(({ bound }) => bound));
      session = next;
    }
    expect(await tensorsOf(session!)).toEqual(await tensorsOf(whole));
    expect(report.epochBounds.map(({ bound }) => bound)).toEqual(bounds);
  });

  it('can stop and go on anywhere', async () => {
    const whole = await open(staged);
    await whole.train({ epochs: 7 });
    const pieces = await open(staged);
    for (const steps of [1, 4, 2, 3, 7]) await pieces.train({ steps });
    const resumed = await open(staged);
    resumed.restore(await pieces.snapshot());
    await resumed.train({ epochs: 7 });
    expect(await tensorsOf(resumed)).toEqual(await tensorsOf(whole));
  });

  it('has a training step for each stage', async () => {
    const { program: built } = await program(staged);
    expect(built.earlierSteps.map(({ samples }) => samples)).toEqual([2, 7]);
    expect(built.entries.train_step.samples).toBe(3);
    expect(built.training.stages.map(({ k, epochs }) => [k, epochs])).toEqual([
      [2, 2],
      [7, 3],
      [3, 45],
    ]);
  });
});
