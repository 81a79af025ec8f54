import type { EntryName } from '../../compiler/program/index.js';
import { fault } from '../errors.js';
import { buildFrame, reservedStep } from '../frame.js';
import { Pace } from '../metrics.js';
import { runStream, SubmissionPacer } from '../pacing.js';
import { requireState, type SessionCore, stillFacts } from './core.js';
import { EvaluationTotals, type Results } from './evaluation-totals.js';
import { visitRows } from './rows.js';
import type { EvaluateOptions, Evaluation } from './types.js';

const defaultSamples = 5000;
const activeBuffer = (latent: string) => `active.${latent}`;

export async function evaluate(core: SessionCore, options: EvaluateOptions): Promise<Evaluation | null> {
  requireState(core, 'it cannot be evaluated');
  const { split = 'test', active, signal, onProgress } = options;
  const sizes = sampleSizes(options.k ?? defaultSamples);
  const rows = visitRows(core, split, options.rows);
  if (active !== undefined) writeActive(core, active);
  const blocks = new Blocks(core, active === undefined ? 'evaluate' : 'evaluate_active', rows, sizes.at(-1)!);
  const totals = new EvaluationTotals(core.program, rows, sizes);
  const pace = new Pace();
  const stopped = await runStream({
    pacer: new SubmissionPacer(core.loaded.maxRuns),
    first: 0,
    last: blocks.runs,
    signal,
    submit: (first, count) => blocks.submit(first, count),
    done: (results, first, count) => {
      for (let slot = 0; slot < count; slot++) totals.add(results, slot, blocks.at(first + slot));
      const done = first + count;
      onProgress?.({ done, total: blocks.runs, secondsLeft: pace.secondsLeft(done, blocks.runs) });
    },
  });
  return stopped < blocks.runs ? null : { ...totals.result(), seconds: pace.seconds };
}

/** The numbers of samples asked for, ascending, each once. */
function sampleSizes(k: number | readonly number[]): readonly number[] {
  const wanted = typeof k === 'number' ? [k] : k;
  const bad = wanted.find(size => !Number.isSafeInteger(size) || size < 1);
  if (wanted.length === 0 || bad !== undefined) {
    const reason = bad === undefined ? 'the list is empty' : `${bad} is not 1 or more`;
    throw fault('option-invalid', { option: 'k', reason });
  }
  return [...new Set(wanted)].sort((a, b) => a - b);
}

function writeActive(core: SessionCore, active: Readonly<Record<string, ArrayLike<number>>>): void {
  for (const { name, shape } of core.program.model.latents) {
    const units = shape.reduce((product, size) => product * size, 1);
    const mask = Object.hasOwn(active, name) ? active[name] : undefined;
    if (mask?.length !== units) {
      const reason = `'${name}' has ${units} units, ${mask?.length ?? 'none'} given`;
      throw fault('option-invalid', { option: 'active', reason });
    }
    core.loaded.write(
      activeBuffer(name),
      Float32Array.from(mask, unit => (unit === 0 ? 0 : 1)),
    );
  }
}

/** Run r handles block ⌊r / chunks⌋ of rows and chunk r mod chunks of samples. */
class Blocks {
  readonly runs: number;
  readonly #core: SessionCore;
  readonly #entry: EntryName;
  readonly #rowCount: number;
  readonly #samples: number;
  readonly #chunks: number;

  constructor(core: SessionCore, entry: EntryName, rows: readonly number[], samples: number) {
    const { rows: perRun, samples: perChunk } = core.program.entries[entry];
    this.#core = core;
    this.#entry = entry;
    this.#rowCount = rows.length;
    this.#samples = samples;
    this.#chunks = Math.ceil(samples / perChunk);
    this.runs = Math.ceil(rows.length / perRun) * this.#chunks;
  }

  /** The first row and sample of a run, and how many of both count: the last ones run past the end. */
  at(run: number) {
    const entry = this.#core.program.entries[this.#entry];
    const row = Math.floor(run / this.#chunks) * entry.rows;
    const sample = (run % this.#chunks) * entry.samples;
    return {
      row,
      rows: Math.min(entry.rows, this.#rowCount - row),
      sample,
      samples: Math.min(entry.samples, this.#samples - sample),
      stride: entry.samples,
      perRun: entry.rows,
    };
  }

  submit(first: number, count: number): Promise<Results> {
    const core = this.#core;
    const entry = core.program.entries[this.#entry];
    const facts = stillFacts(core, reservedStep.evaluate);
    const frames = Array.from({ length: count }, (_, slot) => {
      const { row, sample } = this.at(first + slot);
      const place = { position: row, rowCount: this.#rowCount, sampleOffset: sample, samples: this.#samples };
      return buildFrame(entry, { ...facts, ...place }, slot);
    });
    return core.loaded.run(this.#entry, frames);
  }
}
