import type { Program } from '../../compiler/program/index.js';
import type { LoadedProgram } from '../device.js';
import { fault } from '../errors.js';
import type { NoiseClock } from '../frame.js';
import { reservedStep } from '../frame.js';
import type { SubmissionPacer } from '../pacing.js';
import type { DataBinding } from './binding.js';
import type { Binarise } from './types.js';

/** The objective summed over the steps that the epoch under way has had. */
export interface EpochSum {
  readonly sum: number;
  readonly steps: number;
}

export const noSteps: EpochSum = { sum: 0, steps: 0 };

/** Everything that training changes, after a step: the buffers are a copy. */
export interface HostState {
  readonly step: number;
  readonly epoch: EpochSum;
  readonly buffers: ReadonlyMap<string, Float32Array>;
}

/** What the parts of a session share. */
export interface SessionCore {
  readonly program: Program;
  readonly loaded: LoadedProgram;
  readonly seed: bigint;
  readonly binarise: Binarise;
  readonly specHash: string;
  readonly dataHash: string;
  readonly data: DataBinding;
  /** Kept from one call of `train` to the next, so that short ones need not find their pace again. */
  readonly trainingPacer: SubmissionPacer;
  /** Steps done. */
  step: number;
  epoch: EpochSum;
  /** When the state was last copied to the host, as `performance.now()` tells time. */
  copiedAt: number;
  /** Null until there are parameters. */
  lastGood: HostState | null;
}

/** @throws RuntimeFault `state-missing` before `initialise` or `restore` */
export function requireState(core: SessionCore, what: string): HostState {
  if (core.lastGood === null) throw fault('state-missing', { what });
  return core.lastGood;
}

/** The same draw for every seed of training, step and list of rows. */
export const heldOutNoise: NoiseClock = { seed: 0n, step: reservedStep.evaluate };

/** Facts of a run that is not a training step. */
export const stillFacts = (core: SessionCore, step: number) => ({
  noise: { seed: core.seed, step },
  dataNoise: heldOutNoise,
  position: 0,
  rowCount: 1,
  epoch: 0,
  shuffle: false,
  sampleOffset: 0,
  step: core.step,
  samples: 0,
  threshold: core.binarise === 'threshold',
});
