/**
 * How long one submission should last: long enough that its overhead does not show, short enough that a stop is prompt,
 * a desktop stays smooth and no driver's watchdog fires (about two seconds on most).
 */
const targetMilliseconds = 50;

/** Chooses how many runs go into a submission. Results never depend on it. */
export class SubmissionPacer {
  readonly #maxRuns: number;
  #runs = 1;
  #lastDone = 0;

  constructor(maxRuns: number) {
    this.#maxRuns = maxRuns;
  }

  get runs(): number {
    return this.#runs;
  }

  /**
   * Learns from a submission that is done. With several in flight a submission starts when the one before it ends, or
   * when it was submitted, whichever is later. The number at most doubles each time, because the first runs are slow.
   */
  record(runs: number, submittedAt: number, doneAt: number): void {
    const milliseconds = Math.max(doneAt - Math.max(submittedAt, this.#lastDone), 0.01);
    this.#lastDone = doneAt;
    const ideal = Math.floor((runs * targetMilliseconds) / milliseconds);
    this.#runs = Math.max(1, Math.min(ideal, runs * 2, this.#maxRuns));
  }
}

interface Submission<Result> {
  readonly first: number;
  readonly count: number;
  readonly submittedAt: number;
  readonly result: Promise<Result>;
}

export interface Stream<Result> {
  readonly pacer: SubmissionPacer;
  /** Runs to do: first … last − 1. */
  readonly first: number;
  readonly last: number;
  /** The first run after `first` that must not share a submission with it; default: none. */
  readonly boundary?: (first: number) => number;
  readonly signal: AbortSignal | undefined;
  readonly submit: (first: number, count: number) => Promise<Result>;
  /** Called in order for each submission that is done. */
  readonly done: (result: Result, first: number, count: number) => void;
}

/**
 * Runs a stream of work with two submissions in flight: the next is encoded while the last one runs. Returns the first
 * run that was not done, which is `last` unless the signal stopped it. When it throws, nothing is in flight any more.
 */
export async function runStream<Result>(stream: Stream<Result>): Promise<number> {
  const inFlight: Submission<Result>[] = [];
  let next = stream.first;
  try {
    while (true) {
      while (inFlight.length < 2 && next < stream.last && stream.signal?.aborted !== true) {
        const end = Math.min(stream.last, stream.boundary?.(next) ?? stream.last);
        const count = Math.min(stream.pacer.runs, end - next);
        const submittedAt = performance.now();
        const result = stream.submit(next, count);
        // The loop awaits it later; until then a rejection must not count as unhandled, which ends a Node process.
        result.catch(() => undefined);
        inFlight.push({ first: next, count, submittedAt, result });
        next += count;
      }
      const oldest = inFlight[0];
      if (oldest === undefined) return next;
      const result = await oldest.result;
      inFlight.shift();
      stream.pacer.record(oldest.count, oldest.submittedAt, performance.now());
      stream.done(result, oldest.first, oldest.count);
    }
  } finally {
    await Promise.allSettled(inFlight.map(submission => submission.result));
  }
}
