import { type EntryKey, entryOf } from '../../compiler/program/index.js';
import { fault } from '../errors.js';
import { buildFrame, type NoiseClock, type RunFacts } from '../frame.js';
import type { SessionCore } from './core.js';

export function stepsPerEpoch(core: SessionCore): number {
  const { batch } = core.program.training;
  const rows = core.data.rows('train');
  if (rows < batch) {
    throw fault('data-shape', {
      what: 'training data',
      expected: `at least a batch of ${batch} rows`,
      found: `${rows}`,
    });
  }
  return Math.floor(rows / batch);
}

type DataClock = (seed: bigint, step: number, epoch: number) => NoiseClock;
const sameClock: DataClock = () => ({ seed: 0n, step: 0 });

/** Which draw of the binarisation a step sees: two steps with the same clock see the same pixels of a row. */
const dataNoise: Readonly<Record<SessionCore['binarise'], DataClock>> = {
  dynamic: (seed, step) => ({ seed, step }),
  'per-epoch': (seed, _step, epoch) => ({ seed, step: epoch + 1 }),
  once: sameClock,
  threshold: sameClock,
  none: sameClock,
};

/** What training step `step`, counted from 1, is told. */
export function stepFacts(core: SessionCore, step: number): RunFacts {
  const perEpoch = stepsPerEpoch(core);
  const epoch = Math.floor((step - 1) / perEpoch);
  return {
    noise: { seed: core.seed, step },
    dataNoise: dataNoise[core.binarise](core.seed, step, epoch),
    position: ((step - 1) % perEpoch) * core.program.training.batch,
    rowCount: core.data.rows('train'),
    epoch,
    shuffle: true,
    sampleOffset: 0,
    step,
    samples: 0,
    threshold: core.binarise === 'threshold',
  };
}

/** The stage that a training step belongs to. */
export interface Stage {
  readonly index: number;
  readonly bound: string;
  readonly entry: EntryKey;
  /** The first step that is another stage's; infinity for the last stage. */
  readonly endStep: number;
}

export function stageOf(core: SessionCore, step: number): Stage {
  const { stages } = core.program.training;
  const perEpoch = stepsPerEpoch(core);
  let endStep = 1;
  for (const [index, { bound, epochs }] of stages.slice(0, -1).entries()) {
    endStep += epochs * perEpoch;
    if (step < endStep) return { index, bound, entry: index, endStep };
  }
  const { bound } = stages.at(-1)!;
  return { index: stages.length - 1, bound, entry: 'train_step', endStep: Number.POSITIVE_INFINITY };
}

/** The first training step of a stage. */
export function stageStart(core: SessionCore, index: number): number {
  const before = core.program.training.stages.slice(0, index);
  return 1 + stepsPerEpoch(core) * before.reduce((sum, { epochs }) => sum + epochs, 0);
}

/** The frames of successive steps of one stage, from `first` on; behind its last one, that one again. */
export function stepFrames(
  core: SessionCore,
  first: number,
  count: number,
  { entry: key, endStep }: Stage = stageOf(core, first),
): readonly Uint32Array[] {
  const entry = entryOf(core.program, key);
  return Array.from({ length: count }, (_, i) =>
    buildFrame(entry, stepFacts(core, Math.min(first + i, endStep - 1)), i),
  );
}
