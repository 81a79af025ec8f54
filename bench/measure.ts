import { readFileSync } from 'node:fs';
import { compile } from '../compiler/index.js';
import { type Device, openSession, type Session } from '../runtime/index.js';
import { mnist } from '../runtime/node.js';
import type { evaluationCase, StepCase } from './cases.js';

export interface StepResult extends StepCase {
  /** Milliseconds a step: median and fastest of the repeats. */
  readonly median: number;
  readonly fastest: number;
  /** Operations of one step, in units of 10^9. */
  readonly gflop: number;
}

/** How long one repeat lasts, and how many there are. */
const repeatMilliseconds = 600;
const repeats = 9;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function open(
  device: Device,
  spec: string,
  overrides: { batch?: number; k?: number },
): Promise<Session> {
  const path = `specs/${spec}.iwae`;
  const request = { source: { path, text: readFileSync(path, 'utf8') }, readImport: () => null, overrides };
  const { artefact, diagnostics } = await compile(request);
  if (artefact === null) throw new Error(`${path} does not compile: ${JSON.stringify(diagnostics[0])}`);
  const session = await openSession(device, artefact, { seed: 1 });
  const { train, test } = await mnist();
  session.bind({ train: { x: train }, test: { x: test } });
  await session.initialise();
  return session;
}

/** Whole training steps: data, binarisation, noise, forward, backward and Adam. */
export async function measureStep(device: Device, given: StepCase): Promise<StepResult> {
  const session = await open(device, given.spec, { batch: given.batch, k: given.k });
  const timed = async (steps: number) => {
    const start = performance.now();
    await session.train({ steps });
    return (performance.now() - start) / steps;
  };
  // The engine replaces its quick code by fast code meanwhile.
  await timed(Math.ceil(20_000 / (given.batch * given.k)) + 20);
  const steps = Math.max(3, Math.round(repeatMilliseconds / (await timed(10))));
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) times.push(await timed(steps));
  const { kernels, entries } = session.program;
  const gflop = entries.train_step.launches.reduce((sum, i) => sum + kernels[i]!.flops, 0) / 1e9;
  session.dispose();
  return { ...given, median: median(times), fastest: Math.min(...times), gflop };
}

export interface EvaluationResult {
  readonly pairsPerSecond: number;
  readonly nll: number;
}

export async function measureEvaluation(
  device: Device,
  { spec, k, images }: typeof evaluationCase,
): Promise<EvaluationResult> {
  const session = await open(device, spec, {});
  const rows = Array.from({ length: images }, (_, i) => i);
  await session.evaluate({ k: 500, rows });
  const times: number[] = [];
  let nll = 0;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    const evaluation = await session.evaluate({ k, rows });
    times.push((performance.now() - start) / 1000);
    nll = evaluation!.nll;
  }
  session.dispose();
  return { pairsPerSecond: (images * k) / median(times), nll };
}
