import { fault } from '../errors.js';
import type { NoiseClock, RunFacts } from '../frame.js';
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
