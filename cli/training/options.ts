import type { Precision } from '../../compiler/index.js';
import type { Binarise } from '../../runtime/index.js';
import type { CommonOptions, OverrideWish } from '../options.js';
import type { TuningWish } from '../tuning/choose.js';

/** As commander hands them over. */
export interface TrainCommandOptions extends TuningWish, OverrideWish {
  readonly out?: string;
  readonly epochs?: number;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly binarize?: Binarise;
  readonly data?: string;
  readonly testData?: string;
  readonly validation?: number;
  readonly patience?: number;
  readonly checkpointEvery: number;
  readonly keep: number;
  readonly evalK: number;
  readonly evalImages: number;
  readonly model?: string;
  readonly precision?: Precision;
  readonly tensorboard?: boolean;
}

export type TrainOptions = TrainCommandOptions & CommonOptions;
