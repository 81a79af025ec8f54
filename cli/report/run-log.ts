import { readFileSync } from 'node:fs';
import { isSystemError } from '../files.js';
import { inRun } from '../run-folder.js';

/** The objective averaged over one epoch, or a bound after it, counted from 1. */
export interface EpochPoint {
  readonly epoch: number;
  readonly bound: number;
}

/** A mean over images with its standard error. */
export interface LoggedEstimate {
  readonly mean: number;
  readonly stderr: number;
}

/** What an evaluation left in the log. */
export interface LoggedEvaluation {
  readonly step: number;
  readonly split: string;
  readonly nll: LoggedEstimate;
  readonly elbo: LoggedEstimate;
  readonly posteriorDivergence: LoggedEstimate | null;
  readonly k: number;
  readonly images: number;
  readonly units: LoggedUnits | null;
}

export interface LoggedUnits {
  readonly split: string;
  readonly images: number;
  readonly k: number;
  readonly layers: readonly { readonly name: string; readonly units: number; readonly active: number }[];
}

export interface RunLog {
  readonly epochs: readonly EpochPoint[];
  /** L_k of held-out rows after each epoch; empty without any. */
  readonly validation: readonly EpochPoint[];
  readonly evaluations: readonly LoggedEvaluation[];
}

type Entry = Readonly<Record<string, unknown>>;

const isEntry = (value: unknown): value is Entry => typeof value === 'object' && value !== null;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const entriesOf = (value: unknown): readonly Entry[] => (Array.isArray(value) ? value.filter(isEntry) : []);

function estimateOf(mean: unknown, stderr: unknown): LoggedEstimate | null {
  return isNumber(mean) ? { mean, stderr: isNumber(stderr) ? stderr : Number.NaN } : null;
}

function unitsOf(value: unknown): LoggedUnits | null {
  if (!isEntry(value) || !isNumber(value.images) || !isNumber(value.k)) return null;
  const layers = entriesOf(value.layers).flatMap(({ name, units, active }) =>
    typeof name === 'string' && isNumber(units) && isNumber(active) ? [{ name, units, active }] : [],
  );
  return { split: String(value.split), images: value.images, k: value.k, layers };
}

function evaluationOf(entry: Entry): LoggedEvaluation | null {
  const nll = estimateOf(entry.nll, entry.nll_stderr);
  const elbo = estimateOf(entry.elbo, entry.elbo_stderr);
  if (nll === null || elbo === null || !isNumber(entry.k) || !isNumber(entry.images)) return null;
  const gap = isEntry(entry.posterior_divergence) ? entry.posterior_divergence : {};
  return {
    step: isNumber(entry.step) ? entry.step : Number.NaN,
    split: typeof entry.split === 'string' ? entry.split : 'test',
    nll,
    elbo,
    posteriorDivergence: estimateOf(gap.mean, gap.stderr),
    k: entry.k,
    images: entry.images,
    units: unitsOf(entry.units),
  };
}

function parsed(line: string): Entry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    // A line that a crash cut off.
    return null;
  }
}

/** The log of a run, as far as it can be read; of an epoch that was trained in pieces, the last line counts. */
export function readLog(folder: string): RunLog {
  let text = '';
  try {
    text = readFileSync(inRun(folder, 'log'), 'utf8');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
  const entries: readonly Entry[] = text.split('\n').flatMap(line => {
    const entry = parsed(line);
    return entry === null ? [] : [entry];
  });
  return {
    epochs: curveOf(entries, ({ bound }) => bound),
    validation: curveOf(entries, ({ validation_nll: nll }) => (isNumber(nll) ? -nll : null)),
    evaluations: entries.flatMap(entry => evaluationOf(entry) ?? []),
  };
}

function curveOf(entries: readonly Entry[], height: (entry: Entry) => unknown): readonly EpochPoint[] {
  const points = new Map<number, number>();
  for (const entry of entries) {
    const bound = height(entry);
    if (isNumber(entry.epoch) && isNumber(bound)) points.set(entry.epoch + 1, bound);
  }
  return [...points].map(([epoch, bound]) => ({ epoch, bound })).sort((a, b) => a.epoch - b.epoch);
}

/** Of the evaluations of this step, the one with the most samples, then images, then the last. */
export function bestEvaluation({ evaluations }: RunLog, step: number): LoggedEvaluation | null {
  const ofStep = evaluations.filter(evaluation => evaluation.step === step);
  return ofStep.reduce<LoggedEvaluation | null>(
    (best, next) =>
      best === null || next.k > best.k || (next.k === best.k && next.images >= best.images) ? next : best,
    null,
  );
}
