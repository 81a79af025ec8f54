import { existsSync, readFileSync } from 'node:fs';
import type { Dataset, Session, SplitData } from '../../runtime/index.js';
import { runtime } from '../doors.js';
import { Failure } from '../failure.js';
import { writeWhole } from '../files.js';
import { inRun, type ValidationConfig } from '../run-folder.js';
import { appendLog } from '../run-log.js';

/** Importance samples of each row, and at most how many rows, a seeded sample. */
export const validationSamples = 50;
const mostRows = 1000;

/**
 * The training data in two parts, whose last rows are for validation.
 * @throws Failure `usage` if nothing would be left to train on
 */
export function holdOut(data: SplitData, { rows }: ValidationConfig): SplitData {
  const parts = Object.entries(data.train ?? {}).map(([name, dataset]) => {
    const kept = dataset.rows - rows;
    if (kept < 1) {
      throw new Failure('usage', `--validation ${rows}: the training data has ${dataset.rows} rows`, {
        help: 'hold fewer rows out',
      });
    }
    return [name, part(dataset, 0, kept), part(dataset, kept, dataset.rows)] as const;
  });
  return {
    ...data,
    train: Object.fromEntries(parts.map(([name, train]) => [name, train])),
    validation: Object.fromEntries(parts.map(([name, , held]) => [name, held])),
  };
}

const part = (dataset: Dataset, from: number, to: number): Dataset => ({
  ...dataset,
  rows: to - from,
  values: dataset.values.subarray(from * dataset.width, to * dataset.width),
  ...(dataset.labels === undefined ? {} : { labels: dataset.labels.subarray(from, to) }),
});

interface Best {
  readonly epoch: number;
  readonly nll: number;
}

/** The NLL of held-out rows after each epoch, the best parameters so far, and whether it is time to end. */
export class Validation {
  readonly #session: Session;
  readonly #run: string;
  readonly #config: ValidationConfig;
  #best: Best | null = null;
  #lastEpoch = -1;

  /** What an interrupted run has found so far is in its log. */
  constructor(session: Session, run: string, config: ValidationConfig) {
    this.#session = session;
    this.#run = run;
    this.#config = config;
    for (const entry of readLog(run)) this.#see(entry);
  }

  get best(): Best | null {
    return this.#best;
  }

  /** True when the last `patience` epochs were no better than one before them. */
  get isOver(): boolean {
    const { patience } = this.#config;
    return patience !== null && this.#best !== null && this.#lastEpoch - this.#best.epoch >= patience;
  }

  #see(found: Best): boolean {
    this.#lastEpoch = found.epoch;
    const isBetter = this.#best === null || found.nll < this.#best.nll;
    if (isBetter) this.#best = found;
    return isBetter;
  }

  /** Evaluates after an epoch; nothing when the signal comes first. The best parameters are written before the log says so. */
  async after(epoch: number, signal: AbortSignal): Promise<void> {
    const { seededSample, encodeCheckpoint } = await runtime();
    const { rows } = this.#config;
    const evaluation = await this.#session.evaluate({
      k: validationSamples,
      split: 'validation',
      rows: seededSample(Math.min(rows, mostRows), rows, this.#session.seed),
      signal,
    });
    if (evaluation === null) return;
    const { nll, nllStderr, k, images } = evaluation;
    if (this.#see({ epoch, nll })) {
      await writeWhole(inRun(this.#run, 'best'), encodeCheckpoint(await this.#session.snapshot()));
    }
    appendLog(this.#run, {
      epoch,
      validation_nll: nll,
      validation_nll_stderr: nllStderr,
      k,
      images,
      step: this.#session.step,
    });
  }
}

function readLog(run: string): readonly Best[] {
  const path = inRun(run, 'log');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap(line => {
    if (!line.includes('"validation_nll"')) return [];
    const { epoch, validation_nll: nll } = JSON.parse(line) as { epoch: number; validation_nll: number };
    return [{ epoch, nll }];
  });
}
