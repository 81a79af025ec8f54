import type { Program } from '../../compiler/program/index.js';
import type { Checkpoint, Tensor } from '../checkpoint.js';
import type { SplitData, SplitName } from '../data/dataset.js';
import type { Device, DeviceInfo } from '../device.js';

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
  /** The objective averaged over the steps of the current epoch that this call has done. */
  readonly epochBound: number;
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
}

export interface TrainReport {
  /** Steps of the whole run that are done. */
  readonly step: number;
  readonly stopped: 'finished' | 'aborted';
  /** Mean of the objective over each epoch, or part of one, that this call trained. */
  readonly epochBounds: readonly { readonly epoch: number; readonly steps: number; readonly bound: number }[];
  readonly seconds: number;
}

export interface EvaluateOptions {
  /** Importance samples of each row; default 5000. */
  readonly k?: number;
  /** Default 'test'. */
  readonly split?: SplitName;
  /** Rows of the split; default all. `seededSample` draws a list. */
  readonly rows?: readonly number[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly secondsLeft: number;
  }) => void;
}

/** In nats a row. */
export interface Evaluation {
  /** −mean over rows of L_k(x) = log (1/k) Σ w. */
  readonly nll: number;
  /** Standard error of `nll` over rows; 0 for a single row. */
  readonly nllStderr: number;
  /** L_1: the mean of log w over rows and samples. */
  readonly elbo: number;
  readonly k: number;
  readonly images: number;
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
  /** Importance-weighted estimate of the log-likelihood, in memory that does not grow with k. Null when aborted. */
  evaluate(options?: EvaluateOptions): Promise<Evaluation | null>;
  /** The mean of each data variable given latents drawn from the prior: [count, ...shape]. */
  sample(count: number): Promise<Tensors>;
  reconstruct(rows: readonly number[], split?: SplitName): Promise<Reconstruction>;
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
