import type { Evaluation, Session, SplitName } from '../runtime/index.js';
import { runtime } from './doors.js';
import { progressLine } from './progress.js';
import type { Terminal } from './terminal.js';
import { count, duration, nats } from './words.js';

export interface EvaluationPlan {
  readonly k: number;
  /** How many rows; undefined: all. */
  readonly images: number | undefined;
  readonly split: SplitName;
  /** Rows of the split. */
  readonly total: number;
  readonly seed: bigint;
  readonly signal: AbortSignal;
}

/** Null when the signal stopped it. @throws RuntimeFault `option-invalid` for more rows than there are */
export async function evaluateRows(
  session: Session,
  plan: EvaluationPlan,
  terminal: Terminal,
): Promise<Evaluation | null> {
  const { seededSample } = await runtime();
  const { k, images, split, total, signal } = plan;
  const rows = images === undefined ? undefined : seededSample(images, total, plan.seed);
  const line = progressLine(terminal);
  try {
    return await session.evaluate({
      k,
      split,
      signal,
      ...(rows === undefined ? {} : { rows }),
      onProgress: ({ done, total: all, secondsLeft }) =>
        line.update({ done, total: all, text: `evaluating L_${k}  ETA ${duration(secondsLeft)}` }),
    });
  } finally {
    line.stop();
  }
}

/** `test NLL 113.12 ± 1.02 nats: -L_100 on a seeded sample of 1,000 of 10,000 test rows (8.1 s)` */
export function evaluationText(result: Evaluation, plan: EvaluationPlan): string {
  const { nll, nllStderr, k, images, seconds } = result;
  const all = images === plan.total;
  const rows = all ? `all ${count(images)}` : `a seeded sample of ${count(images)} of ${count(plan.total)}`;
  return (
    `${plan.split} NLL ${nats(nll)} ± ${nats(nllStderr)} nats (standard error): ` +
    `-L_${k} on ${rows} ${plan.split} rows, ${duration(seconds)}; L_1 is ${nats(result.elbo)}`
  );
}

/** The same for machines. */
export const evaluationJson = ({ nll, nllStderr, elbo, k, images, seconds }: Evaluation) => ({
  nll,
  nll_stderr: nllStderr,
  elbo,
  k,
  images,
  seconds,
});
