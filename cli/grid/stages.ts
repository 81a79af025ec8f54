import type { Settings } from './settings.js';

/** A part of a training: a bound, and how many epochs it has; null: what is left. */
export interface BoundStage {
  readonly bound: string;
  readonly epochs: number | null;
}

/** `A for n epochs then B` apart; anything else is one stage. */
export function stagesOf(bound: string): readonly BoundStage[] {
  const [, first, epochs, rest] = /^(.*?)\s+for\s+(\d+)\s+epochs\s+then\s+(.*)$/s.exec(bound) ?? [];
  if (first === undefined || epochs === undefined || rest === undefined) return [{ bound, epochs: null }];
  return [{ bound: first, epochs: Number(epochs) }, ...stagesOf(rest)];
}

/** How much of `total` epochs each stage has. */
export function sharesOf(stages: readonly BoundStage[], total: number): readonly number[] {
  const told = stages.reduce((sum, { epochs }) => sum + (epochs ?? 0), 0);
  return stages.map(({ epochs }) => (epochs ?? Math.max(total - told, 0)) / Math.max(total, told));
}

/** The same stages in `epochs` of `total` epochs: each has its share, and one epoch at least. */
export function scaledStages({ bound }: Settings, epochs: number, total: number): Settings {
  const stages = bound === undefined ? [] : stagesOf(bound);
  if (stages.length < 2) return {};
  const shares = sharesOf(stages, total);
  const texts = stages.map(({ bound: text, epochs: told }, i) =>
    told === null ? text : `${text} for ${Math.max(1, Math.round(shares[i]! * epochs))} epochs`,
  );
  return { bound: texts.join(' then ') };
}
