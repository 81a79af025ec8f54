import { maxTimedRuns, type Spans } from '../device.js';
import { fault } from '../errors.js';
import { noSteps, requireState, type SessionCore } from './core.js';
import { readState, writeState } from './state.js';
import { stageOf, stageStart, stepFrames } from './steps.js';
import { train } from './training.js';
import type { HostTime, StepProfile } from './types.js';

/**
 * Times training steps of a stage, launch by launch, after others of it; without a stage, those that come next. Leaves the
 * session as it was.
 * @throws RuntimeFault `state-missing`, `option-invalid` where the device cannot tell times
 */
export async function profile(core: SessionCore, untimed: number, stage?: number): Promise<StepProfile> {
  requireState(core, 'it cannot be profiled');
  const { time } = core.loaded;
  if (time === undefined) throw tellsNoTimes();
  return leavingState(core, async () => {
    core.data.use('train');
    if (stage !== undefined) {
      core.step = stageStart(core, stage) - 1;
      core.epoch = noSteps;
    }
    const { entry, endStep } = stageOf(core, core.step + 1);
    const steps = Math.min(untimed, endStep - 1 - core.step);
    const { seconds } = await train(core, { steps });
    // Of a stage that is over, its last step once more.
    const first = Math.min(core.step + 1, endStep - 1);
    const timed = Math.min(maxTimedRuns, core.loaded.maxRuns, endStep - first);
    const timing = await time.call(core.loaded, entry, stepFrames(core, first, timed));
    return { timing, steps: timed, stepSeconds: seconds / steps };
  });
}

const tellsNoTimes = () =>
  fault('option-invalid', { option: 'profile', reason: 'this device does not tell times' });

async function leavingState<Result>(core: SessionCore, work: () => Promise<Result>): Promise<Result> {
  const before = await readState(core);
  try {
    return await work();
  } finally {
    writeState(core, before);
  }
}

/**
 * Trains so many steps, tells how long the device had nothing to do meanwhile, and leaves the session as it was.
 * @throws RuntimeFault `state-missing`, `option-invalid` where the device cannot tell times
 */
export async function hostTime(core: SessionCore, steps: number): Promise<HostTime> {
  requireState(core, 'it cannot be profiled');
  const { watch } = core.loaded;
  if (watch === undefined) throw tellsNoTimes();
  return leavingState(core, async () => {
    const watched = watch.call(core.loaded);
    const training = train(core, { steps });
    await Promise.allSettled([training]);
    const spans = await watched();
    await training;
    return betweenSpans(spans);
  });
}

/** How long nothing ran between the first and the last of some submissions, which follow one another. */
export function betweenSpans({ clock, begins, ends }: Spans): HostTime {
  let betweenSeconds = 0;
  for (let i = 1; i < begins.length; i++) betweenSeconds += Math.max(0, begins[i]! - ends[i - 1]!);
  return { clock, submissions: begins.length, seconds: ends.at(-1) ?? 0, betweenSeconds };
}
