import { fault } from '../errors.js';
import { buildFrame, reservedStep } from '../frame.js';
import { meanAndError, Pace, StreamingLogSumExp } from '../metrics.js';
import { runStream, SubmissionPacer } from '../pacing.js';
import { requireState, type SessionCore, stillFacts } from './core.js';
import { visitRows } from './rows.js';
import type { EvaluateOptions, Evaluation } from './types.js';

const defaultSamples = 5000;
/** Results of the entry: for each row, over the samples of one run that count. */
const logSumResult = 'logsumexp';
const sumResult = 'sum';

export async function evaluate(core: SessionCore, options: EvaluateOptions): Promise<Evaluation | null> {
  requireState(core, 'it cannot be evaluated');
  const { k = defaultSamples, split = 'test', signal, onProgress } = options;
  if (!Number.isSafeInteger(k) || k < 1)
    throw fault('option-invalid', { option: 'k', reason: `${k} is not 1 or more` });
  const rows = visitRows(core, split, options.rows);
  const total = new WeightTotals(core, rows, k);
  const pace = new Pace();
  const stopped = await runStream({
    pacer: new SubmissionPacer(core.loaded.maxRuns),
    first: 0,
    last: total.runs,
    signal,
    submit: (first, count) => total.submit(first, count),
    done: (results, first, count) => {
      total.add(results, first, count);
      const done = first + count;
      onProgress?.({ done, total: total.runs, secondsLeft: pace.secondsLeft(done, total.runs) });
    },
  });
  return stopped < total.runs ? null : { ...total.result(), seconds: pace.seconds };
}

type Results = Readonly<Record<string, Float32Array>>;

/** Sums of importance weights for each row; run r handles block ⌊r / chunks⌋ of rows and chunk r mod chunks of samples. */
class WeightTotals {
  readonly runs: number;
  readonly #core: SessionCore;
  readonly #rows: readonly number[];
  readonly #k: number;
  readonly #chunks: number;
  readonly #logSums: StreamingLogSumExp;
  readonly #sums: Float64Array;

  constructor(core: SessionCore, rows: readonly number[], k: number) {
    const entry = core.program.entries.evaluate;
    this.#core = core;
    this.#rows = rows;
    this.#k = k;
    this.#chunks = Math.ceil(k / entry.samples);
    this.runs = Math.ceil(rows.length / entry.rows) * this.#chunks;
    this.#logSums = new StreamingLogSumExp(rows.length);
    this.#sums = new Float64Array(rows.length);
  }

  submit(first: number, count: number): Promise<Results> {
    const core = this.#core;
    const entry = core.program.entries.evaluate;
    const facts = stillFacts(core, reservedStep.evaluate);
    const frames = Array.from({ length: count }, (_, slot) => {
      const run = first + slot;
      const position = Math.floor(run / this.#chunks) * entry.rows;
      const sampleOffset = (run % this.#chunks) * entry.samples;
      const { length: rowCount } = this.#rows;
      return buildFrame(entry, { ...facts, position, rowCount, sampleOffset, samples: this.#k }, slot);
    });
    return core.loaded.run('evaluate', frames);
  }

  add(results: Results, first: number, count: number): void {
    const perRun = this.#core.program.entries.evaluate.rows;
    const logSums = results[logSumResult]!;
    const sums = results[sumResult]!;
    for (let slot = 0; slot < count; slot++) {
      const start = Math.floor((first + slot) / this.#chunks) * perRun;
      // The last block runs past the end, over rows that were counted already.
      const inside = Math.min(perRun, this.#rows.length - start);
      for (let i = 0; i < inside; i++) {
        this.#logSums.add(start + i, logSums[slot * perRun + i]!);
        this.#sums[start + i] = this.#sums[start + i]! + sums[slot * perRun + i]!;
      }
    }
  }

  result(): Omit<Evaluation, 'seconds'> {
    const k = this.#k;
    const images = this.#rows.length;
    const estimates = Float64Array.from({ length: images }, (_, i) => this.#logSums.value(i) - Math.log(k));
    const bad = estimates.findIndex(estimate => !Number.isFinite(estimate));
    if (bad >= 0)
      throw fault('not-finite', { what: `log p(x) of row ${this.#rows[bad]}`, value: estimates[bad]! });
    const { mean, standardError } = meanAndError(estimates);
    const elbo = this.#sums.reduce((sum, value) => sum + value, 0) / (k * images);
    return { nll: -mean, nllStderr: standardError, elbo, k, images };
  }
}
