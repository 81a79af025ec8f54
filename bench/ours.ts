import { readFileSync } from 'node:fs';
import { compile } from '../compiler/index.js';
import { type Device, openSession, type Session } from '../runtime/index.js';
import { mnist } from '../runtime/node.js';
import type { estimatorCase, evaluationCase, StepCase } from './cases.js';
import { type Contestant, median, type Timing, timeInTurn } from './contestant.js';

/** The compiled program of a spec of this project. */
async function artefactOf(
  spec: string,
  overrides: { readonly batch?: number; readonly k?: number; readonly bound?: string },
) {
  const path = `specs/${spec}.iwae`;
  const request = { source: { path, text: readFileSync(path, 'utf8') }, readImport: () => null, overrides };
  const { artefact, diagnostics } = await compile(request);
  if (artefact === null) throw new Error(`${path} does not compile: ${JSON.stringify(diagnostics[0])}`);
  return artefact;
}

type Built = Awaited<ReturnType<typeof artefactOf>>;

async function bindData(session: Session): Promise<void> {
  const { train, test } = await mnist();
  session.bind({ train: { x: train }, test: { x: test } });
}

export interface Ours extends Contestant {
  /** Operations of one step, in units of 10^9. */
  readonly gflop: number;
  /** Of one step: a GPU's dispatches, launches of the CPU's threads. */
  readonly dispatches: number;
}

/** Whole training steps: data, binarisation, noise, forward, backward and Adam. */
export const openOurs = async (device: Device, { spec, batch, k }: StepCase): Promise<Ours> =>
  contestant(device, await artefactOf(spec, { batch, k }));

async function contestant(device: Device, artefact: Built): Promise<Ours> {
  const start = performance.now();
  const session = await openSession(device, artefact, { seed: 1 });
  const loaded = performance.now();
  await bindData(session);
  const bound = performance.now();
  await session.initialise();
  await session.train({ steps: 1 });
  const firstStep = loaded - start + (performance.now() - bound);
  const { kernels, entries } = session.program;
  const { launches, dispatches } = entries.train_step;
  const { gpu } = device.info;
  return {
    name: 'iwaec',
    firstStep,
    gflop: launches.reduce((sum, i) => sum + kernels[i]!.flops, 0) / 1e9,
    dispatches: (gpu === undefined ? launches : dispatches[gpu]).length,
    async train(steps) {
      const begin = performance.now();
      await session.train({ steps });
      return performance.now() - begin;
    },
    dispose: () => session.dispose(),
  };
}

export interface EstimatorResult {
  readonly full: Timing;
  readonly estimated: Timing;
  /** How many times the steps of the full gradient: the ratio of the medians. */
  readonly ratio: number;
}

/** Steps with the full gradient and with an estimated one, in turn. */
export async function measureEstimator(
  device: Device,
  { spec, batch, bound, estimator }: typeof estimatorCase,
): Promise<EstimatorResult> {
  const full = await contestant(device, await artefactOf(spec, { batch, bound }));
  const using = `${bound} using ${estimator}`;
  const estimated = await contestant(device, await artefactOf(spec, { batch, bound: using }));
  const [ofFull, ofEstimated] = await timeInTurn([full, estimated]);
  full.dispose();
  estimated.dispose();
  return { full: ofFull!, estimated: ofEstimated!, ratio: ofFull!.median / ofEstimated!.median };
}

export interface EvaluationResult {
  readonly pairsPerSecond: number;
  readonly nll: number;
}

export async function measureEvaluation(
  device: Device,
  { spec, k, images }: typeof evaluationCase,
): Promise<EvaluationResult> {
  const session = await openSession(device, await artefactOf(spec, {}), { seed: 1 });
  await bindData(session);
  await session.initialise();
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
