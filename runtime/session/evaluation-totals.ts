import type { Program } from '../../compiler/program/index.js';
import { fault } from '../errors.js';
import { GroupedBound, meanAndError, WeightSpread } from '../metrics.js';
import type { Estimate, Evaluation, LayerDivergence, Tensors } from './types.js';

/** Names of results: terms of log w for each [row, sample], and sums over samples for each row. */
const likelihoodOf = (data: string) => `log_lik.${data}`;
const priorOf = (latent: string) => `log_prior.${latent}`;
const recognitionOf = (latent: string) => `log_q.${latent}`;
const closedFormOf = (latent: string) => `kl.${latent}`;
const meanOf = (latent: string) => `mean.${latent}`;

export type Results = Readonly<Record<string, Float32Array>>;

/** Where the results of one run belong. */
export interface Block {
  readonly row: number;
  readonly rows: number;
  readonly samples: number;
  /** Samples and rows that a run has room for. */
  readonly stride: number;
  readonly perRun: number;
}

/** Sums over samples for each row, in f64, from which every figure of an evaluation follows. */
export class EvaluationTotals {
  readonly #program: Program;
  readonly #rows: readonly number[];
  readonly #samples: number;
  readonly #bounds: readonly GroupedBound[];
  readonly #spread: WeightSpread;
  readonly #logWeights: Float64Array;
  readonly #likelihood: Float64Array;
  /** By name of a term; those of the divergences' sampled parts and closed forms. */
  readonly #divergences: ReadonlyMap<string, Float64Array>;
  readonly #closedForms = new Map<string, Float64Array>();
  readonly #means = new Map<string, Float64Array>();

  constructor(program: Program, rows: readonly number[], sizes: readonly number[]) {
    const perRow = () => new Float64Array(rows.length);
    this.#program = program;
    this.#rows = rows;
    this.#samples = sizes.at(-1)!;
    this.#bounds = sizes.map(size => new GroupedBound(size, rows.length));
    this.#spread = new WeightSpread(rows.length);
    this.#logWeights = perRow();
    this.#likelihood = perRow();
    this.#divergences = new Map(program.model.latents.map(({ name }) => [name, perRow()]));
  }

  /** Adds the results of the run in `slot`. Runs of one row come in the order of their samples. */
  add(results: Results, slot: number, block: Block): void {
    const { data, latents } = this.#program.model;
    const likelihoods = data.map(({ name }) => results[likelihoodOf(name)]!);
    const layers = latents.map(({ name }) => ({
      prior: results[priorOf(name)]!,
      recognition: results[recognitionOf(name)]!,
      divergence: this.#divergences.get(name)!,
    }));
    for (let r = 0; r < block.rows; r++) {
      const image = block.row + r;
      const start = (slot * block.perRun + r) * block.stride;
      for (let at = start; at < start + block.samples; at++) {
        let logWeight = 0;
        for (const values of likelihoods) logWeight += values[at]!;
        this.#likelihood[image] = this.#likelihood[image]! + logWeight;
        for (const { prior, recognition, divergence } of layers) {
          const difference = recognition[at]! - prior[at]!;
          divergence[image] = divergence[image]! + difference;
          logWeight -= difference;
        }
        this.#logWeights[image] = this.#logWeights[image]! + logWeight;
        this.#spread.add(image, logWeight);
        for (const bound of this.#bounds) bound.add(image, logWeight);
      }
      this.#addClosedForms(results, image, start, block.samples);
    }
    this.#addMeans(results, slot, block);
  }

  #addClosedForms(results: Results, image: number, start: number, samples: number): void {
    for (const { name } of this.#program.model.latents) {
      const values = results[closedFormOf(name)];
      if (values === undefined) continue;
      const total = sumsNamed(this.#closedForms, name, this.#rows.length);
      for (let at = start; at < start + samples; at++) total[image] = total[image]! + values[at]!;
    }
  }

  #addMeans(results: Results, slot: number, block: Block): void {
    for (const { name } of this.#program.model.latents) {
      const values = results[meanOf(name)];
      if (values === undefined) continue;
      const width = this.#width(name);
      const total = sumsNamed(this.#means, name, this.#rows.length * width);
      const from = slot * block.perRun * width;
      const to = block.row * width;
      for (let i = 0; i < block.rows * width; i++) total[to + i] = total[to + i]! + values[from + i]!;
    }
  }

  /** Units of a latent. */
  #width(latent: string): number {
    const { shape } = this.#program.model.latents.find(({ name }) => name === latent)!;
    return shape.reduce((product, size) => product * size, 1);
  }

  result(): Omit<Evaluation, 'seconds'> {
    const largest = this.#bounds.at(-1)!;
    const estimates = largest.values();
    const bad = estimates.findIndex(estimate => !Number.isFinite(estimate));
    if (bad >= 0)
      throw fault('not-finite', { what: `log p(x) of row ${this.#rows[bad]}`, value: estimates[bad]! });
    const { mean, standardError } = meanAndError(estimates);
    const elbo = this.#perSample(this.#logWeights);
    const gaps = estimates.map((estimate, i) => estimate - this.#logWeights[i]! / this.#samples);
    const divergences = [...this.#divergences.values()];
    const divergence = this.#logWeights.map((_, i) =>
      divergences.reduce((sum, values) => sum + values[i]!, 0),
    );
    return {
      nll: -mean,
      nllStderr: standardError,
      elbo: elbo.mean,
      elboStderr: elbo.standardError,
      k: this.#samples,
      bounds: this.#bounds.map(bound => {
        const groups = Math.floor(this.#samples / bound.size);
        return { k: bound.size, groups, ...meanAndError(bound.values()) };
      }),
      reconstruction: this.#perSample(this.#likelihood),
      divergence: this.#perSample(divergence),
      layers: this.#program.model.latents.map(({ name }) => this.#layer(name)),
      posteriorDivergence: meanAndError(gaps),
      effectiveSamples: meanAndError(this.#spread.effectiveSamples()),
      means: this.#meanTensors(),
      images: this.#rows.length,
    };
  }

  #perSample(sums: Float64Array): Estimate {
    return meanAndError(sums.map(sum => sum / this.#samples));
  }

  #layer(name: string): LayerDivergence {
    const closed = this.#closedForms.get(name);
    return {
      name,
      sampled: this.#perSample(this.#divergences.get(name)!),
      closedForm: closed === undefined ? null : this.#perSample(closed),
    };
  }

  #meanTensors(): Tensors {
    const tensors = this.#program.model.latents.flatMap(({ name, shape }) => {
      const sums = this.#means.get(name);
      if (sums === undefined) return [];
      const values = Float32Array.from(sums, sum => sum / this.#samples);
      return [[name, { shape: [this.#rows.length, ...shape], values }] as const];
    });
    return Object.fromEntries(tensors);
  }
}

/** The array of this name, made when it is first asked for. */
function sumsNamed(arrays: Map<string, Float64Array>, name: string, length: number): Float64Array {
  const known = arrays.get(name) ?? new Float64Array(length);
  arrays.set(name, known);
  return known;
}
