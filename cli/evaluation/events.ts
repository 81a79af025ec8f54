import type { Evaluation } from '../../runtime/index.js';
import { runtime } from '../doors.js';
import type { Events } from '../tensorboard/events.js';

/** The figures of an evaluation as scalars under `test/`, and for each latent a histogram of log10 A_u. */
export async function showEvaluation(
  events: Events,
  evaluation: Evaluation,
  entry: { readonly split: string; readonly step: number },
): Promise<void> {
  const { split, step, ...figures } = entry;
  events.scalars({ [split]: figures }, step);
  const { unitActivity } = await runtime();
  for (const [name, means] of Object.entries(evaluation.means)) {
    const { variances } = unitActivity(means);
    events.histogram(`log10 A_u/${name}`, logActivity(variances), step);
  }
}

/** A unit that does not move at all stands at the smallest activity that f32 means can show. */
const leastActivity = 1e-12;

/** log10 A_u of each unit: what is read in the paper's histogram is its two modes. */
export const logActivity = (variances: ArrayLike<number>): readonly number[] =>
  Array.from(variances, value => Math.log10(Math.max(value, leastActivity)));
