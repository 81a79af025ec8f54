import type { Objective, Stage, Training } from '../model/ir.js';
import { spanText } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { makeAxisTable } from './axes.js';
import type { Layers } from './bound.js';
import { elaborateObjective } from './objective.js';
import { epochsOf } from './schedule.js';
import { noAmbient, report, type Scope, type Session } from './scope.js';

/** The objectives that a choice names, each with sample axes of its own. */
export interface ElaboratedStages {
  readonly objective: Objective;
  readonly earlier: readonly Stage[];
}

/**
 * `bound elbo(k=5) for 10 epochs then iwae(k=50)`, or a bound for all epochs; null where something is wrong, and reported.
 * `k` replaces the argument of the last one.
 */
export function elaborateStages(
  session: Session,
  choice: ast.BoundChoice,
  layers: Layers,
  k: number | undefined,
): ElaboratedStages | null {
  const own = (): Session => ({ ...session, maker: { ...session.maker, axes: makeAxisTable() } });
  const scope: Scope = { session, names: new Map(), ambient: noAmbient, site: null, axes: null, frame: null };
  const earlier = choice.earlier.map(stage => ({
    objective: elaborateObjective(own(), stage, layers, undefined),
    epochs: epochsOf(scope, stage.epochs),
  }));
  const objective = elaborateObjective(own(), choice, layers, k);
  const sound = earlier.filter((stage): stage is Stage => stage.objective !== null && stage.epochs !== null);
  return objective === null || sound.length < earlier.length ? null : { objective, earlier: sound };
}

/** The last stage has what is left of the schedule: that must be something. */
export function checkStages(
  scope: Scope,
  choice: ast.BoundChoice,
  { earlier }: ElaboratedStages,
  { schedule }: Training,
): void {
  const before = earlier.reduce((sum, { epochs }) => sum + epochs, 0);
  if (before < schedule.epochs) return;
  report(scope, 'stage-never-reached', choice.value.span, {
    bound: spanText(choice.value.span),
    before,
    epochs: schedule.epochs,
    schedule: schedule.text,
  });
}
