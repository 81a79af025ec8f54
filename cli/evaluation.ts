import type { Estimate, Evaluation, Session, SplitName, WorkProgress } from '../runtime/index.js';
import { runtime } from './doors.js';
import { progressLine } from './progress.js';
import type { Terminal } from './terminal.js';
import { count, duration, nats } from './words.js';

export interface EvaluationPlan {
  /** One number of samples, or several from the same samples. */
  readonly k: number | readonly number[];
  /** How many rows; undefined: all. */
  readonly images: number | undefined;
  readonly split: Exclude<SplitName, 'validation'>;
  /** Rows of the split. */
  readonly total: number;
  readonly seed: bigint;
  readonly signal: AbortSignal;
  /** For each latent, which units count. */
  readonly active?: Readonly<Record<string, ArrayLike<number>>>;
}

/** Null when the signal stopped it. @throws RuntimeFault `option-invalid` for more rows than there are */
export async function evaluateRows(
  session: Session,
  plan: EvaluationPlan,
  terminal: Terminal,
): Promise<Evaluation | null> {
  const { k, split, signal, active } = plan;
  const rows = await rowsOf(plan);
  const most = typeof k === 'number' ? k : Math.max(...k);
  return withProgress(terminal, `evaluating L_${most}`, onProgress =>
    session.evaluate({
      k,
      split,
      signal,
      onProgress,
      ...(rows === undefined ? {} : { rows }),
      ...(active === undefined ? {} : { active }),
    }),
  );
}

/** The rows that a plan means; undefined: all. */
export async function rowsOf({
  images,
  total,
  seed,
}: EvaluationPlan): Promise<readonly number[] | undefined> {
  const { seededSample } = await runtime();
  return images === undefined ? undefined : seededSample(images, total, seed);
}

/** Shows how far a work is, under a name, for as long as it takes. */
export async function withProgress<Result>(
  terminal: Terminal,
  name: string,
  work: (onProgress: (progress: WorkProgress) => void) => Promise<Result>,
): Promise<Result> {
  const line = progressLine(terminal);
  try {
    return await work(({ done, total, secondsLeft }) =>
      line.update({ done, total, text: `${name}  ETA ${duration(secondsLeft)}` }),
    );
  } finally {
    line.stop();
  }
}

/** `test NLL 113.12 ± 1.02 nats: -L_100 on a seeded sample of 1,000 of 10,000 test rows (8.1 s)` */
export function evaluationText(result: Evaluation, plan: EvaluationPlan): string {
  const { nll, nllStderr, k, seconds } = result;
  return (
    `${plan.split} NLL ${nats(nll)} ± ${nats(nllStderr)} nats (standard error): ` +
    `-L_${k} on ${rowsText(result, plan)}, ${duration(seconds)}; L_1 is ${nats(result.elbo)}`
  );
}

/** `all 10,000 test rows`, `a seeded sample of 100 of 10,000 test rows` */
export const rowsText = ({ images }: Evaluation, { total, split }: EvaluationPlan): string =>
  images === total
    ? `all ${count(images)} ${split} rows`
    : `a seeded sample of ${count(images)} of ${count(total)} ${split} rows`;

const estimate = ({ mean, standardError }: Estimate) => ({ mean, stderr: standardError });

export { estimate as estimateJson };

/** The same for machines. */
export const evaluationJson = (result: Evaluation) => ({
  nll: result.nll,
  nll_stderr: result.nllStderr,
  elbo: result.elbo,
  elbo_stderr: result.elboStderr,
  k: result.k,
  images: result.images,
  bounds: result.bounds.map(bound => ({ k: bound.k, groups: bound.groups, ...estimate(bound) })),
  reconstruction: estimate(result.reconstruction),
  divergence: estimate(result.divergence),
  layers: result.layers.map(({ name, sampled, closedForm }) => ({
    name,
    divergence: estimate(sampled),
    closed_form: closedForm === null ? null : estimate(closedForm),
  })),
  posterior_divergence: estimate(result.posteriorDivergence),
  effective_samples: estimate(result.effectiveSamples),
  seconds: result.seconds,
});
