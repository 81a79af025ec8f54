import { fault } from '../errors.js';
import { meanAndError, Pace, StreamingLogSumExp } from '../metrics.js';
import { seededSample } from '../seed.js';
import { requireState, type SessionCore } from './core.js';
import { GivenLatents, visitPairs } from './given.js';
import { drawLatents } from './pictures.js';
import { visitRows } from './rows.js';
import type { Surgery, SurgeryOptions } from './types.js';

const mostDraws = 1000;

/**
 * For N rows as the data distribution, q(h) = (1/N) Σ_n q(h | x_n) and h_i ~ q(h | x_i) for M of them:
 *   mean KL(q(h | x) ‖ p(h)) = I_q[x, h] + KL(q(h) ‖ p(h))
 *   I_q[x, h]      ≈ (1/M) Σ_i log q(h_i | x_i) − log q(h_i)
 *   KL(q(h) ‖ p(h)) ≈ (1/M) Σ_i log q(h_i) − log p(h_i)
 * Hoffman & Johnson (2016), "ELBO surgery: yet another way to carve up the variational evidence lower bound".
 */
export async function surgery(core: SessionCore, options: SurgeryOptions): Promise<Surgery | null> {
  requireState(core, 'it cannot be evaluated');
  const { latents } = core.program.model;
  if (latents.length !== 1) {
    const reason = `it is defined for one latent layer, and this model has ${latents.length}`;
    throw fault('option-invalid', { option: 'surgery', reason });
  }
  const { split = 'test', signal, onProgress } = options;
  const rows = visitRows(core, split, options.rows);
  const { draws = Math.min(mostDraws, rows.length) } = options;
  const drawn = seededSample(draws, rows.length, core.seed);
  const given = new GivenLatents(
    core,
    await drawLatents(
      core,
      drawn.map(position => rows[position]!),
      split,
    ),
  );
  // Drawing has put another list of rows in place.
  visitRows(core, split, rows);
  const pace = new Pace();
  const own = new Float64Array(draws);
  const prior = new Float64Array(draws);
  const mixture = new StreamingLogSumExp(draws);
  const onRuns = (done: number, total: number) =>
    onProgress?.({ done, total, secondsLeft: pace.secondsLeft(done, total) });
  const visit = { core, entry: 'latent_density', given, rowCount: rows.length, signal, onRuns } as const;
  const finished = await visitPairs(visit, ({ row, value, results, at }) => {
    const logDensity = results.log_q![at]!;
    mixture.add(value, logDensity);
    if (row !== drawn[value]) return;
    own[value] = logDensity;
    prior[value] = results.log_prior![at]!;
  });
  if (!finished) return null;
  const aggregate = own.map((_, i) => mixture.value(i) - Math.log(rows.length));
  return {
    mutualInformation: meanAndError(own.map((value, i) => value - aggregate[i]!)),
    marginalDivergence: meanAndError(aggregate.map((value, i) => value - prior[i]!)),
    rows: rows.length,
    draws,
    seconds: pace.seconds,
  };
}
