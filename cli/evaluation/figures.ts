import type { Evaluation, Session, SplitData, Surgery, UnitActivity } from '../../runtime/index.js';
import { rowCount } from '../data.js';
import { runtime } from '../doors.js';
import { type EvaluationPlan, evaluateRows, rowsOf, withProgress } from '../evaluation.js';
import type { Terminal } from '../terminal.js';

/** Which images the activity of units is measured on: those evaluated, or the first of the training rows. */
export const unitImages = ['evaluated', 'train'] as const;
export type UnitImages = (typeof unitImages)[number];

/** What is asked for beside the one stream of samples. Each costs about another evaluation, surgery less. */
export interface Extras {
  readonly unitImages: UnitImages;
  readonly pruned: boolean;
  readonly gap: boolean;
  readonly surgery: boolean;
}

/** Everything that `iwaec eval` knows of a run. */
export interface Figures {
  readonly plan: EvaluationPlan;
  readonly evaluation: Evaluation;
  readonly units: Units;
  /** With the inactive units drawn from the prior. */
  readonly pruned: Evaluation | null;
  /** Of as many training rows. */
  readonly train: Evaluation | null;
  readonly surgery: Surgery | null;
}

export interface Units {
  readonly split: 'train' | 'test';
  readonly images: number;
  /** Samples of which E_q[u | x] is the mean; with one layer it is exact. */
  readonly k: number;
  readonly layers: readonly LayerUnits[];
}

export interface LayerUnits extends UnitActivity {
  readonly name: string;
  readonly active: number;
  /** Eigenvalues above the threshold. */
  readonly pcaActive: number;
}

/** Burda et al. measure activity on the first 500 training images; this many samples suffice below a first layer. */
const trainUnits = { images: 500, k: 200 } as const;

/** Null when the signal of the plan stopped it. */
export async function figuresOf(
  session: Session,
  data: SplitData,
  plan: EvaluationPlan,
  extras: Extras,
  terminal: Terminal,
): Promise<Figures | null> {
  const evaluation = await evaluateRows(session, plan, terminal);
  if (evaluation === null) return null;
  const units = await unitsOf(session, data, plan, extras.unitImages, evaluation, terminal);
  if (units === null) return null;
  let pruned: Evaluation | null = null;
  if (extras.pruned) {
    pruned = await evaluateRows(session, { ...plan, active: await activeUnits(units) }, terminal);
    if (pruned === null) return null;
  }
  let train: Evaluation | null = null;
  if (extras.gap) {
    const total = rowCount(data, 'train');
    const images = Math.min(evaluation.images, total);
    train = await evaluateRows(session, { ...plan, split: 'train', total, images }, terminal);
    if (train === null) return null;
  }
  if (!extras.surgery) return { plan, evaluation, units, pruned, train, surgery: null };
  const surgery = await operate(session, plan, terminal);
  return surgery === null ? null : { plan, evaluation, units, pruned, train, surgery };
}

async function unitsOf(
  session: Session,
  data: SplitData,
  plan: EvaluationPlan,
  images: UnitImages,
  evaluation: Evaluation,
  terminal: Terminal,
): Promise<Units | null> {
  const { unitActivity, countActive } = await runtime();
  const layersOf = ({ means }: Evaluation): readonly LayerUnits[] =>
    Object.entries(means).map(([name, means]) => {
      const activity = unitActivity(means);
      const { variances, eigenvalues } = activity;
      return { name, ...activity, active: countActive(variances), pcaActive: countActive(eigenvalues) };
    });
  if (images === 'evaluated') {
    const { k, images } = evaluation;
    return { split: plan.split, images, k, layers: layersOf(evaluation) };
  }
  const rows = Array.from({ length: Math.min(trainUnits.images, rowCount(data, 'train')) }, (_, row) => row);
  const { k } = trainUnits;
  const found = await withProgress(terminal, 'measuring units', onProgress =>
    session.evaluate({ k, split: 'train', rows, signal: plan.signal, onProgress }),
  );
  return found === null ? null : { split: 'train', images: rows.length, k, layers: layersOf(found) };
}

async function activeUnits({ layers }: Units): Promise<Readonly<Record<string, ArrayLike<number>>>> {
  const { activeThreshold } = await runtime();
  const mask = ({ variances }: LayerUnits) => Array.from(variances, value => Number(value > activeThreshold));
  return Object.fromEntries(layers.map(layer => [layer.name, mask(layer)]));
}

async function operate(session: Session, plan: EvaluationPlan, terminal: Terminal): Promise<Surgery | null> {
  const rows = await rowsOf(plan);
  const { split, signal } = plan;
  return withProgress(terminal, 'ELBO surgery', onProgress =>
    session.surgery({ split, signal, onProgress, ...(rows === undefined ? {} : { rows }) }),
  );
}
