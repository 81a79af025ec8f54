import type { Program } from '../../compiler/program/index.js';
import type { Checkpoint, Tensor } from '../checkpoint.js';
import type { SplitData, SplitName } from '../data/dataset.js';
import type { Device, DeviceInfo, Spans, Timing } from '../device.js';

/**
 * How grey data becomes binary: drawn afresh in each step (`dynamic`), in each epoch, or `once` for all steps; cut at one
 * half (`threshold`); or not at all (`none`), for data that holds only zeros and ones. Test data is always drawn once,
 * the same way for every seed. Likelihoods under different policies are of different data, and never comparable.
 */
export const binariseNames = ['dynamic', 'per-epoch', 'once', 'threshold', 'none'] as const;
export type Binarise = (typeof binariseNames)[number];

export interface SessionOptions {
  /** Of shuffling, initial values and noise; 64 bits. Default 0. */
  readonly seed?: bigint | number;
  /** Default 'dynamic'. */
  readonly binarise?: Binarise;
  /** Kept in checkpoints: SHA-256 of the spec's text. */
  readonly specHash?: string;
  /** Kept in checkpoints: SHA-256 of the training data. */
  readonly dataHash?: string;
  /** Bound at once; with training data, initial parameters are drawn as well. */
  readonly data?: SplitData;
}

/** Where training stands; steps count from 1 over the whole run. */
export interface Progress {
  /** Steps done. */
  readonly step: number;
  /** The step at which this call ends. */
  readonly lastStep: number;
  /** Of the last step done, from 0. */
  readonly epoch: number;
  readonly stepsPerEpoch: number;
  /** The objective, in nats, averaged over the steps since the last report. */
  readonly bound: number;
  /** The objective averaged over the steps of the current epoch, those before a resume included. */
  readonly epochBound: number;
  /** What the step ascended: the bound of its stage. */
  readonly objective: string;
  readonly stepsPerSecond: number;
  readonly secondsLeft: number;
}

export interface TrainOptions {
  /** Until this many epochs of the whole run are done; one of `epochs` and `steps` is required. */
  readonly epochs?: number;
  /** This many further steps. */
  readonly steps?: number;
  /** Stops after the steps already submitted (about a tenth of a second of them). */
  readonly signal?: AbortSignal;
  /** Called after each submission that is done, in order. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Called every `goodEverySeconds` (default 20) with a state that is known to be good, copied while the device went on.
   * It lets the caller keep it; what it throws ends the training.
   */
  readonly onGood?: (checkpoint: Checkpoint) => void;
  readonly goodEverySeconds?: number;
}

export interface TrainReport {
  /** Steps of the whole run that are done. */
  readonly step: number;
  readonly stopped: 'finished' | 'aborted';
  /** Mean of the objective over each epoch that this call trained a part of, its steps before a resume included. */
  readonly epochBounds: readonly {
    readonly epoch: number;
    /** The bound that the epoch's stage ascends. */
    readonly objective: string;
    readonly steps: number;
    readonly bound: number;
  }[];
  readonly seconds: number;
}

export interface EvaluateOptions {
  /**
   * Importance samples of each row; default 5000. Of a list the largest is drawn, and L_k for a smaller k is the mean over
   * the disjoint groups of k of these samples.
   */
  readonly k?: number | readonly number[];
  /** Default 'test'. */
  readonly split?: SplitName;
  /** Rows of the split; default all. `seededSample` draws a list. */
  readonly rows?: readonly number[];
  /** For each latent 1 for every unit that counts and 0 for the others, which are drawn from the prior. Default: all count. */
  readonly active?: Readonly<Record<string, ArrayLike<number>>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: WorkProgress) => void;
}

export interface WorkProgress {
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number;
}

/** A mean over rows with its standard error over rows: 0 for a single row. In nats where nothing else is said. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
}

/** In nats a row. Everything is estimated with the same samples. */
export interface Evaluation {
  /** −mean over rows of L_k(x) = log (1/k) Σ w. */
  readonly nll: number;
  /** Standard error of `nll` over rows; 0 for a single row. */
  readonly nllStderr: number;
  /** L_1: the mean of log w over rows and samples. */
  readonly elbo: number;
  readonly elboStderr: number;
  /** The largest k. */
  readonly k: number;
  /** L_k for each k asked for, in ascending order, each over `groups` disjoint groups of k samples a row. */
  readonly bounds: readonly (Estimate & { readonly k: number; readonly groups: number })[];
  /** E_q[log p(x | h)]. */
  readonly reconstruction: Estimate;
  /** D_KL(q(h | x) ‖ p(h)) over all layers, sampled. */
  readonly divergence: Estimate;
  /** In sampling order. Their sampled divergences add up to `divergence`. */
  readonly layers: readonly LayerDivergence[];
  /** D_KL(q(h | x) ‖ p(h | x)) = L_k − L_1: the gap that importance sampling closes. 0 where k is 1. */
  readonly posteriorDivergence: Estimate;
  /** (Σ w)² / Σ w², between 1 and k; a number of samples. */
  readonly effectiveSamples: Estimate;
  /** E_q[h | x] for each latent: [images, ...shape]; none where some units were drawn from the prior. */
  readonly means: Tensors;
  readonly images: number;
  readonly seconds: number;
}

/** E_q[log q(h_l | …) − log p(h_l | …)] of one layer. */
export interface LayerDivergence {
  readonly name: string;
  readonly sampled: Estimate;
  /** With the divergence of each sample's parents in closed form; null where there is none. */
  readonly closedForm: Estimate | null;
}

export interface SurgeryOptions {
  /** Default 'test'. */
  readonly split?: SplitName;
  /** Rows of the split that make up the data distribution; default all. */
  readonly rows?: readonly number[];
  /** Rows of these, a seeded sample, whose latents are drawn: default all, at most 1000. */
  readonly draws?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: WorkProgress) => void;
}

/**
 * The mean KL(q(h | x) ‖ p(h)) in two parts, for the N rows as the data distribution: Hoffman & Johnson (2016), "ELBO
 * surgery". In nats.
 */
export interface Surgery {
  /** I_q[x, h] = mean KL(q(h | x) ‖ q(h)), q(h) = (1/N) Σ q(h | x_n); at most log N. */
  readonly mutualInformation: Estimate;
  /** KL(q(h) ‖ p(h)). */
  readonly marginalDivergence: Estimate;
  readonly rows: number;
  readonly draws: number;
  readonly seconds: number;
}

/** For each data variable or latent by name, [rows, ...its shape]. */
export type Tensors = Readonly<Record<string, Tensor>>;

export interface Reconstruction {
  /** The rows as the model saw them, binarised where it is. */
  readonly data: Tensors;
  /** The mean of each data variable given one draw of the latents from q. */
  readonly means: Tensors;
}

/** Each [rows, count]. */
export interface Densities {
  readonly joint: Tensor;
  readonly recognition: Tensor;
}

/** How long the launches of training steps took. */
export interface StepProfile {
  /** Of `steps` steps. */
  readonly timing: Timing;
  readonly steps: number;
  /** Of their stage. */
  readonly objective: string;
}

/** How long the device had nothing to do in a stretch of training steps. */
export interface HostTime {
  readonly clock: Spans['clock'];
  readonly submissions: number;
  /** From the beginning of the first submission to the end of the last. */
  readonly seconds: number;
  /** Of these, those in which no submission was on the device: the host had not given it the next one. */
  readonly betweenSeconds: number;
}

/** One program on one device with its data and parameters. Calls that return a promise must not overlap. */
export interface Session {
  readonly program: Program;
  readonly device: DeviceInfo;
  readonly seed: bigint;
  readonly binarise: Binarise;
  /** Steps done. */
  readonly step: number;
  /**
   * A state on the host that is known to be good: not much older than the last step of `train`, and there even after the
   * device is lost. Null before there are parameters.
   */
  readonly lastGood: Checkpoint | null;
  /** floor(training rows / batch). @throws RuntimeFault `data-missing` without training data. */
  readonly stepsPerEpoch: number;
  /**
   * Gives the session its data, copied to the device when it is first used, and computes the statistics that the model asks for.
   * @throws RuntimeFault `data-missing`, `data-shape`, `data-corrupt`, `data-grey` with `none` and data that is not binary
   */
  bind(data: SplitData): void;
  /** Draws initial parameters and sets step to 0. Needs training data if the model uses its statistics. */
  initialise(): Promise<void>;
  /**
   * Trains. The outcome does not depend on how steps are grouped, nor on interruptions.
   * @throws RuntimeFault `not-finite` (the session is put back to its last good state), `device-lost`
   */
  train(options: TrainOptions): Promise<TrainReport>;
  /**
   * Importance-weighted estimate of the log-likelihood and all that follows from the same samples, in memory that does not
   * grow with k. Null when aborted.
   * @throws RuntimeFault `option-invalid`, `not-finite`, `state-missing`
   */
  evaluate(options?: EvaluateOptions): Promise<Evaluation | null>;
  /**
   * ELBO surgery of a model with one latent layer. Null when aborted.
   * @throws RuntimeFault `option-invalid`, also for a model with several layers
   */
  surgery(options?: SurgeryOptions): Promise<Surgery | null>;
  /**
   * Times training steps launch by launch, after `untimed` others, and leaves the session as it was. `stage`: of which
   * stage; default: that of the next step. A stage that has not as many does its last one again.
   * @throws RuntimeFault `not-finite`, `option-invalid` also where the device cannot tell times
   */
  profile(untimed: number, stage?: number): Promise<StepProfile>;
  /**
   * Does so many steps, tells how long the device had nothing to do meanwhile, and leaves the session as it was. `stage`: as
   * for `profile`.
   * @throws RuntimeFault `not-finite`, `option-invalid` also where the device cannot tell times
   */
  hostTime(steps: number, stage?: number): Promise<HostTime>;
  /** The mean of each data variable given latents drawn from the prior: [count, ...shape]. */
  sample(count: number): Promise<Tensors>;
  reconstruct(rows: readonly number[], split?: SplitName): Promise<Reconstruction>;
  /** The mean of each data variable for each given value of the latents: latents and result are [count, ...shape]. */
  decode(latents: Tensors): Promise<Tensors>;
  /** log p(x, h) and log q(h | x) of each row for each given value of the latents: [rows, count], in nats. */
  densities(latents: Tensors, rows: readonly number[], split?: SplitName): Promise<Densities>;
  /** Mean of q for each latent. */
  encode(rows: readonly number[], split?: SplitName): Promise<Tensors>;
  parameters(): Promise<Tensors>;
  /** Everything that is needed to go on bit for bit. */
  snapshot(): Promise<Checkpoint>;
  /**
   * Puts parameters, states, statistics and step back. The seed and binarisation are the session's own.
   * @throws RuntimeFault `checkpoint-mismatch`
   */
  restore(checkpoint: Checkpoint): void;
  /**
   * Goes on with `lastGood` on another device: after the device was lost, or to change it. The old device may be gone.
   * On failure the session stays where it was.
   * @throws RuntimeFault as `openSession`
   */
  moveTo(device: Device): Promise<void>;
  dispose(): void;
}
