import { count, nats } from '../words.js';
import type { LoggedEstimate, LoggedEvaluation } from './run-log.js';

/** `112.39 ± 0.94`; nothing stands for an error that an old log does not have. */
export const withError = ({ mean, stderr }: LoggedEstimate): string =>
  Number.isNaN(stderr) ? nats(mean) : `${nats(mean)} ± ${nats(stderr)}`;

export const splitWord = (split: string): string => (split === 'train' ? 'training' : split);

/** `k = 5,000, n = 10,000 test images` */
export const basis = ({ k, images, split }: Pick<LoggedEvaluation, 'k' | 'images' | 'split'>): string =>
  `k = ${count(k)}, n = ${count(images)} ${splitWord(split)} images`;

/** `19 + 5`, in the order of the layers. */
export const sumOf = (active: readonly number[]): string => active.join(' + ');
