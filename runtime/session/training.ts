import { fault } from '../errors.js';
import { buildFrame, type NoiseClock, type RunFacts } from '../frame.js';
import { Pace, RunningMean } from '../metrics.js';
import { runStream } from '../pacing.js';
import { type HostState, requireState, type SessionCore } from './core.js';
import { isFiniteState, readState, writeState } from './state.js';
import type { TrainOptions, TrainReport } from './types.js';

/** The result of a training step that is its objective. */
const boundResult = 'bound';
/** How old the copy of the last good state may get. */
const copyEveryMilliseconds = 20_000;

export function stepsPerEpoch(core: SessionCore): number {
  const { batch } = core.program.training;
  const rows = core.data.rows('train');
  if (rows < batch) {
    throw fault('data-shape', {
      what: 'training data',
      expected: `at least a batch of ${batch} rows`,
      found: `${rows}`,
    });
  }
  return Math.floor(rows / batch);
}

/** Step counters are words of 32 bits, of which the last few are kept for other draws. */
const lastPossibleStep = 0xfffffff0;

function lastStepOf(core: SessionCore, { epochs, steps }: TrainOptions): number {
  const valid = (count: number | undefined) =>
    count === undefined || (Number.isSafeInteger(count) && count >= 0);
  if ((epochs === undefined) === (steps === undefined) || !valid(epochs) || !valid(steps)) {
    throw fault('option-invalid', { option: 'epochs or steps', reason: 'give one of them, a whole number' });
  }
  const last = epochs !== undefined ? epochs * stepsPerEpoch(core) : core.step + steps!;
  if (last > lastPossibleStep) {
    throw fault('option-invalid', {
      option: 'epochs or steps',
      reason: `${last} steps are more than a run can have`,
    });
  }
  return Math.max(last, core.step);
}

type DataClock = (seed: bigint, step: number, epoch: number) => NoiseClock;
const sameClock: DataClock = () => ({ seed: 0n, step: 0 });

/** Which draw of the binarisation a step sees: two steps with the same clock see the same pixels of a row. */
const dataNoise: Readonly<Record<SessionCore['binarise'], DataClock>> = {
  dynamic: (seed, step) => ({ seed, step }),
  'per-epoch': (seed, _step, epoch) => ({ seed, step: epoch + 1 }),
  once: sameClock,
  threshold: sameClock,
  none: sameClock,
};

/** What training step `step`, counted from 1, is told. */
export function stepFacts(core: SessionCore, step: number): RunFacts {
  const perEpoch = stepsPerEpoch(core);
  const epoch = Math.floor((step - 1) / perEpoch);
  return {
    noise: { seed: core.seed, step },
    dataNoise: dataNoise[core.binarise](core.seed, step, epoch),
    position: ((step - 1) % perEpoch) * core.program.training.batch,
    rowCount: core.data.rows('train'),
    epoch,
    shuffle: true,
    sampleOffset: 0,
    step,
    samples: 0,
    threshold: core.binarise === 'threshold',
  };
}

export async function train(core: SessionCore, options: TrainOptions): Promise<TrainReport> {
  requireState(core, 'it cannot train');
  const run = new TrainingRun(core, options);
  core.data.use('train');
  try {
    const next = await runStream({
      pacer: core.trainingPacer,
      first: core.step + 1,
      last: run.lastStep + 1,
      signal: options.signal,
      submit: (first, count) => run.submit(first, count),
      done: (bounds, first, count) => run.done(bounds, first, count),
    });
    await run.finish(next - 1);
  } catch (error) {
    await run.recover();
    throw error;
  }
  return run.report();
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
  /** A copy that has arrived and whose steps have not all been seen. */
  #copy: HostState | null = null;
  #copiedAt = performance.now();

  constructor(core: SessionCore, options: TrainOptions) {
    this.#core = core;
    this.#options = options;
    this.#perEpoch = stepsPerEpoch(core);
    this.#firstStep = core.step + 1;
    this.lastStep = lastStepOf(core, options);
  }

  async submit(first: number, count: number): Promise<Float32Array> {
    const core = this.#core;
    const entry = core.program.entries.train_step;
    const frames = Array.from({ length: count }, (_, i) => buildFrame(entry, stepFacts(core, first + i), i));
    const running = core.loaded.run('train_step', frames);
    this.#copyIfDue(first + count - 1);
    return (await running)[boundResult]!;
  }

  /** Copies the state from time to time; a copy is good once the bounds up to its step have been seen. */
  #copyIfDue(step: number): void {
    if (this.#copying !== null || performance.now() - this.#copiedAt < copyEveryMilliseconds) return;
    this.#copiedAt = performance.now();
    this.#copying = readState(this.#core, step).then(
      state => {
        this.#copy = state;
        this.#copying = null;
        this.#adoptCopy();
      },
      // What a read rejects with, the runs reject with as well.
      () => undefined,
    );
  }

  #adoptCopy(): void {
    const copy = this.#copy;
    if (copy === null || copy.step > this.#core.step) return;
    if (isFiniteState(copy)) this.#core.lastGood = copy;
    this.#copy = null;
  }

  done(bounds: Float32Array, first: number, count: number): void {
    const bad = bounds.findIndex(bound => !Number.isFinite(bound));
    if (bad >= 0) {
      const kept = this.#core.lastGood!.step;
      throw fault('not-finite', { what: `the bound of step ${first + bad}`, value: bounds[bad]!, kept });
    }
    const recent = new RunningMean();
    for (let i = 0; i < count; i++) {
      recent.add(bounds[i]!);
      this.#epochMean(Math.floor((first + i - 1) / this.#perEpoch)).add(bounds[i]!);
    }
    this.#core.step = first + count - 1;
    this.#adoptCopy();
    this.#report(recent.mean);
  }

  #epochMean(epoch: number): RunningMean {
    const known = this.#epochs.get(epoch) ?? new RunningMean();
    this.#epochs.set(epoch, known);
    return known;
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
      stepsPerSecond: this.#pace.rate(done),
      secondsLeft: this.#pace.secondsLeft(done, this.lastStep - this.#firstStep + 1),
    });
  }

  /** The state at the end. A step can leave parameters that are not finite although its own bound was. */
  async finish(step: number): Promise<void> {
    const state = await readState(this.#core, step);
    if (!isFiniteState(state)) {
      const kept = this.#core.lastGood!.step;
      throw fault('not-finite', { what: `a parameter after step ${step}`, value: Number.NaN, kept });
    }
    this.#core.lastGood = state;
  }

  /** Puts the last good state back, if the device is still there. */
  async recover(): Promise<void> {
    await this.#copying;
    const lastGood = this.#core.lastGood!;
    this.#core.step = lastGood.step;
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
      epochBounds: [...this.#epochs].map(([epoch, mean]) => ({ epoch, steps: mean.count, bound: mean.mean })),
      seconds: this.#pace.seconds,
    };
  }
}
