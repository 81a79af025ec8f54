import type { Model } from './model.js';
import type { Settings } from './settings.js';

/** A part of a training: a bound, and how many epochs it has; null: what is left. */
export interface BoundStage {
  readonly bound: string;
  readonly epochs: number | null;
}

/** What a model is trained with, one after the other; each bound is written with all of its arguments. */
export const stagesOf = ({ earlier, objective }: Model): readonly BoundStage[] => [
  ...earlier.map(stage => ({ bound: stage.objective.text, epochs: stage.epochs })),
  { bound: objective.text, epochs: null },
];

/** How much of `total` epochs each stage has. */
export function sharesOf(stages: readonly BoundStage[], total: number): readonly number[] {
  const told = stages.reduce((sum, { epochs }) => sum + (epochs ?? 0), 0);
  return stages.map(({ epochs }) => (epochs ?? Math.max(total - told, 0)) / Math.max(total, told));
}

/** The same stages in `epochs` of `total` epochs: each has its share, and one epoch at least. */
export function scaledStages(stages: readonly BoundStage[], epochs: number, total: number): Settings {
  if (stages.length < 2) return {};
  const shares = sharesOf(stages, total);
  const texts = stages.map(({ bound, epochs: told }, i) =>
    told === null ? bound : `${bound} for ${Math.max(1, Math.round(shares[i]! * epochs))} epochs`,
  );
  return { bound: texts.join(' then ') };
}
