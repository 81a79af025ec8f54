import type { Estimate, Evaluation } from '../../runtime/index.js';

/** NLL of one set of rows less that of another: the errors of independent means add in squares. */
export const difference = (one: Evaluation, other: Evaluation): Estimate => ({
  mean: one.nll - other.nll,
  standardError: Math.hypot(one.nllStderr, other.nllStderr),
});
