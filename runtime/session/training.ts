import { fault } from '../errors.js';
import { Pace, RunningMean } from '../metrics.js';
import { runStream } from '../pacing.js';
import { type EpochSum, type HostState, noSteps, requireState, type SessionCore } from './core.js';
import { nonFiniteBound, nonFiniteState } from './divergence.js';
import { isFiniteState, readBuffers, readState, toCheckpoint, writeState } from './state.js';
import { stageOf, stepFrames, stepsPerEpoch } from './steps.js';
import type { TrainOptions, TrainReport } from './types.js';

/** The result of a training step that is its objective. */
export const boundResult = 'bound';
/** How old the copy of the last good state may get. */
const defaultCopySeconds = 20;

/** Step counters are words of 32 bits, of which the last few are kept for other draws. */
const lastPossibleStep = 0xfffffff0;

function lastStepOf(core: SessionCore, { epochs, steps }: TrainOptions): number {
  const valid = (count: number | undefined) =>
    count === undefined || (Number.isSafeInteger(count) && count >= 0);
  if ((epochs === undefined) === (steps === undefined) || !valid(epochs) || !valid(steps)) {
    throw fault('option-invalid', { option: 'epochs or steps', reason: 'give one of them, a whole number' });
  }
  const last = epochs !== undefined ? epochs * stepsPerEpoch(core) : core.step + steps!;
  requirePossible(last, 'epochs or steps');
  return Math.max(last, core.step);
}

/** @throws RuntimeFault `option-invalid` where a run cannot have so many steps, as an option wants */
export function requirePossible(last: number, option: string): void {
  if (last > lastPossibleStep)
    throw fault('option-invalid', { option, reason: `${last} steps are more than a run can have` });
}

export async function train(core: SessionCore, options: TrainOptions): Promise<TrainReport> {
  requireState(core, 'it cannot train');
  const run = new TrainingRun(core, options);
  core.data.use('train');
  try {
    await runStream({
      pacer: core.trainingPacer,
      first: core.step + 1,
      last: run.lastStep + 1,
      boundary: first => stageOf(core, first).endStep,
      signal: options.signal,
      submit: (first, count) => run.submit(first, count),
      done: (bounds, first, count) => run.done(bounds, first, count),
    });
    await run.finish();
  } catch (error) {
    await run.recover();
    throw error instanceof NonFiniteBound ? await nonFiniteBound(core, error.step, error.value) : error;
  }
  return run.report();
}

/** A step's objective left the finite numbers; where they were left first is found out once nothing is in flight. */
class NonFiniteBound extends Error {
  readonly step: number;
  readonly value: number;
  constructor(step: number, value: number) {
    super(`the bound of step ${step} is ${value}`);
    this.step = step;
    this.value = value;
  }
}

class TrainingRun {
  readonly lastStep: number;
  readonly #core: SessionCore;
  readonly #options: TrainOptions;
  readonly #perEpoch: number;
  readonly #firstStep: number;
  readonly #pace = new Pace();
  readonly #epochs = new Map<number, RunningMean>();
  #copying: Promise<void> | null = null;
  /** The step whose state is being copied, and the sum of its epoch once its bounds have been seen. */
  #copyStep = 0;
  #copyEpoch: EpochSum | null = null;
  /** A copy that has arrived and whose steps have not all been seen. */
  #copy: HostState['buffers'] | null = null;

  constructor(core: SessionCore, options: TrainOptions) {
    this.#core = core;
    this.#options = options;
    this.#perEpoch = stepsPerEpoch(core);
    this.#firstStep = core.step + 1;
    this.lastStep = lastStepOf(core, options);
    const { sum, steps } = core.epoch;
    const epoch = Math.floor(core.step / this.#perEpoch);
    // A run may go on with other data, whose epochs begin elsewhere.
    if (steps > 0 && steps === core.step % this.#perEpoch)
      this.#epochs.set(epoch, new RunningMean(sum, steps));
  }

  async submit(first: number, count: number): Promise<Float32Array> {
    const core = this.#core;
    const running = core.loaded.run(stageOf(core, first).entry, stepFrames(core, first, count));
    this.#copyIfDue(first + count - 1);
    return (await running)[boundResult]!;
  }

  /** Copies the state from time to time; a copy is good once the bounds up to its step have been seen. */
  #copyIfDue(step: number): void {
    const core = this.#core;
    const seconds = this.#options.goodEverySeconds ?? defaultCopySeconds;
    if (this.#copying !== null || performance.now() - core.copiedAt < seconds * 1000) return;
    core.copiedAt = performance.now();
    this.#copyStep = step;
    this.#copyEpoch = null;
    this.#copying = readBuffers(core).then(
      buffers => {
        this.#copy = buffers;
        this.#copying = null;
      },
      // What a read rejects with, the runs reject with as well.
      () => undefined,
    );
  }

  #adoptCopy(): void {
    const [buffers, epoch] = [this.#copy, this.#copyEpoch];
    if (buffers === null || epoch === null) return;
    this.#copy = null;
    const state: HostState = { step: this.#copyStep, epoch, buffers };
    if (!isFiniteState(state)) return;
    this.#core.lastGood = state;
    this.#options.onGood?.(toCheckpoint(this.#core, state));
  }

  done(bounds: Float32Array, first: number, count: number): void {
    const bad = bounds.findIndex(bound => !Number.isFinite(bound));
    if (bad >= 0) throw new NonFiniteBound(first + bad, bounds[bad]!);
    const recent = new RunningMean();
    for (let i = 0; i < count; i++) {
      recent.add(bounds[i]!);
      this.#epochMean(Math.floor((first + i - 1) / this.#perEpoch)).add(bounds[i]!);
    }
    const step = first + count - 1;
    this.#core.step = step;
    this.#core.epoch = this.#epochSum(step);
    if (step === this.#copyStep) this.#copyEpoch = this.#core.epoch;
    this.#adoptCopy();
    this.#report(recent.mean);
  }

  #epochMean(epoch: number): RunningMean {
    const known = this.#epochs.get(epoch) ?? new RunningMean();
    this.#epochs.set(epoch, known);
    return known;
  }

  #epochSum(step: number): EpochSum {
    if (step % this.#perEpoch === 0) return noSteps;
    const { sum, count } = this.#epochMean(Math.floor(step / this.#perEpoch));
    return { sum, steps: count };
  }

  #report(bound: number): void {
    const { step } = this.#core;
    const epoch = Math.floor((step - 1) / this.#perEpoch);
    const done = step - this.#firstStep + 1;
    this.#options.onProgress?.({
      step,
      lastStep: this.lastStep,
      epoch,
      stepsPerEpoch: this.#perEpoch,
      bound,
      epochBound: this.#epochMean(epoch).mean,
      objective: stageOf(this.#core, step).bound,
      stepsPerSecond: this.#pace.rate(done),
      secondsLeft: this.#pace.secondsLeft(done, this.lastStep - this.#firstStep + 1),
    });
  }

  /** The state at the end. A step can leave parameters that are not finite although its own bound was. */
  async finish(): Promise<void> {
    const state = await readState(this.#core);
    if (!isFiniteState(state)) throw nonFiniteState(this.#core, state);
    this.#core.lastGood = state;
  }

  /** Puts the last good state back, if the device is still there. */
  async recover(): Promise<void> {
    await this.#copying;
    const lastGood = this.#core.lastGood!;
    this.#core.step = lastGood.step;
    this.#core.epoch = lastGood.epoch;
    try {
      writeState(this.#core, lastGood);
    } catch {
      // The device is gone: what training failed with says so.
    }
  }

  report(): TrainReport {
    const { step } = this.#core;
    return {
      step,
      stopped: step === this.lastStep ? 'finished' : 'aborted',
      epochBounds: [...this.#epochs].map(([epoch, mean]) => ({
        epoch,
        objective: stageOf(this.#core, epoch * this.#perEpoch + 1).bound,
        steps: mean.count,
        bound: mean.mean,
      })),
      seconds: this.#pace.seconds,
    };
  }
}
