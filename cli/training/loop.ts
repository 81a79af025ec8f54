import type { Progress, Session } from '../../runtime/index.js';
import { type ProgressLine, progressLine, trainingText } from '../progress.js';
import { appendLog } from '../run-log.js';
import type { Terminal } from '../terminal.js';
import { Saver } from './saver.js';
import type { Validation } from './validation.js';

/** Seconds between two checkpoints, and between two plain lines, of epochs that are shorter than that. */
const restSeconds = 3;

export interface LoopResult {
  /** The objective averaged over the last epoch, or the part of it that was done; null if nothing was. */
  readonly bound: number | null;
  /** The epoch, from 0, that was best on validation rows, where there are any. */
  readonly best: { readonly epoch: number; readonly nll: number } | null;
  readonly endedEarly: boolean;
  readonly steps: number;
  readonly seconds: number;
}

interface Loop {
  readonly session: Session;
  readonly folder: string;
  /** Seconds between two checkpoints within an epoch, and how many of the latest are kept. */
  readonly checkpoints: { readonly every: number; readonly keep: number };
  readonly epochs: number;
  readonly validation: Validation | null;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  /** Told each entry of the log. */
  readonly onEntry?: ((entry: object, step: number) => void) | undefined;
}

/**
 * Trains up to `epochs`, keeping a checkpoint from time to time, at the end of each epoch, and at any other end; a line of
 * the log for each whole epoch.
 */
export async function trainEpochs(loop: Loop): Promise<LoopResult> {
  const { session, folder, checkpoints } = loop;
  const started = performance.now();
  const firstStep = session.step;
  const reporter = new Reporter(loop);
  const isDue = every(restSeconds);
  const saver = new Saver(folder, checkpoints.keep, firstStep);
  const signal = AbortSignal.any([loop.signal, saver.failed]);
  let bound: number | null = null;
  try {
    while (
      session.step < loop.epochs * session.stepsPerEpoch &&
      !signal.aborted &&
      !loop.validation?.isOver
    ) {
      const epoch = Math.floor(session.step / session.stepsPerEpoch);
      const report = await session.train({
        epochs: epoch + 1,
        signal,
        onProgress: progress => reporter.progress(progress),
        onGood: checkpoint => saver.inBackground(checkpoint),
        goodEverySeconds: checkpoints.every,
      });
      const last = report.epochBounds.at(-1);
      bound = last?.bound ?? bound;
      if (report.stopped === 'aborted') break;
      for (const done of report.epochBounds) {
        const entry = { ...done, step: report.step, seconds: report.seconds };
        appendLog(folder, entry);
        loop.onEntry?.(entry, report.step);
      }
      reporter.epochDone(epoch, bound);
      await loop.validation?.after(epoch, signal);
      const finished = session.step >= loop.epochs * session.stepsPerEpoch;
      if (!finished && isDue()) await saver.now(await session.snapshot());
    }
    await saver.now(await session.snapshot());
  } catch (error) {
    // Numbers that left the finite ones, or a device that was lost: the host has a state of little before.
    const good = session.lastGood;
    // What stopped the training is told, not that this could not be written either.
    if (good !== null) await saver.now(good).catch(() => undefined);
    throw error;
  } finally {
    reporter.stop();
  }
  const endedEarly = loop.validation?.isOver === true && session.step < loop.epochs * session.stepsPerEpoch;
  const best = loop.validation?.best ?? null;
  return {
    bound,
    best,
    endedEarly,
    steps: session.step - firstStep,
    seconds: (performance.now() - started) / 1000,
  };
}

/** True when this many seconds have passed since it was last true. */
function every(seconds: number): () => boolean {
  let last = performance.now();
  return () => {
    const due = performance.now() - last >= seconds * 1000;
    if (due) last = performance.now();
    return due;
  };
}

class Reporter {
  readonly #loop: Loop;
  readonly #line: ProgressLine;
  readonly #isDue = every(restSeconds);
  #last: Progress | null = null;

  constructor(loop: Loop) {
    this.#loop = loop;
    this.#line = progressLine(loop.terminal);
  }

  progress(progress: Progress): void {
    this.#last = progress;
    const total = this.#loop.epochs * progress.stepsPerEpoch;
    this.#line.update({ done: progress.step, total, text: this.#text(progress, progress.bound) });
  }

  /** On a terminal the moving line says it already. */
  epochDone(epoch: number, bound: number | null): void {
    const finished = epoch + 1 >= this.#loop.epochs;
    if (process.stderr.isTTY || this.#last === null || bound === null || (!this.#isDue() && !finished))
      return;
    this.#loop.terminal.note(this.#text(this.#last, bound));
  }

  stop(): void {
    this.#line.stop();
  }

  #text({ epoch, step, stepsPerEpoch, stepsPerSecond, ...progress }: Progress, bound: number): string {
    const { epochs, session } = this.#loop;
    const objective = session.program.training.stages.length > 1 ? progress.objective : null;
    const secondsLeft = (epochs * stepsPerEpoch - step) / stepsPerSecond;
    return trainingText({ epoch: epoch + 1, epochs, objective, bound, stepsPerSecond, secondsLeft });
  }
}
