import type { EntryName, Program } from 'iwaec';

export type Entry = Program['entries'][EntryName];

export interface EntryChoice {
  /** As maps of memory and graphs name it. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly entry: Entry;
}

/** The entries of a program; of a run in stages, the training step of each with its bound. */
export function entryChoices({ entries, earlierSteps, training }: Program): readonly EntryChoice[] {
  const { stages } = training;
  const labelOf = (stage: number) =>
    stages.length === 1
      ? 'train_step'
      : `train_step, stage ${stage + 1} of ${stages.length}: ${stages[stage]!.bound}`;
  const steps = [
    ...earlierSteps.map((entry, stage) => ({ name: `train_step.${stage}`, label: labelOf(stage), entry })),
    { name: 'train_step', label: labelOf(stages.length - 1), entry: entries.train_step },
  ];
  return Object.entries(entries).flatMap(([name, entry]) =>
    name === 'train_step' ? steps : [{ name, label: name, entry }],
  );
}
