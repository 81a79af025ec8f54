import { maxTimedRuns, type Spans } from '../device.js';
import { fault } from '../errors.js';
import { runStream } from '../pacing.js';
import { requireState, type SessionCore } from './core.js';
import { readState, writeState } from './state.js';
import { type Stage, stageOf, stageStart, stepFrames } from './steps.js';
import { boundResult, requirePossible } from './training.js';
import type { HostTime, StepProfile } from './types.js';

/**
 * Times training steps of a stage, launch by launch, after others of it; without a stage, those that come next. A stage
 * that has not as many does its last one again. Leaves the session as it was.
 * @throws RuntimeFault `state-missing`, `not-finite`, `option-invalid` also where the device cannot tell times
 */
export async function profile(core: SessionCore, untimed: number, stage?: number): Promise<StepProfile> {
  requireState(core, 'it cannot be profiled');
  const { time } = core.loaded;
  if (time === undefined) throw tellsNoTimes();
  requireCount('untimed', untimed, 1);
  return leavingState(core, async () => {
    const { first, own } = stretchOf(core, stage);
    requirePossible(first + untimed + maxTimedRuns, 'untimed');
    await doSteps(core, own, { first, count: untimed });
    const steps = Math.min(maxTimedRuns, core.loaded.maxRuns);
    const frames = stepFrames(core, first + untimed, steps, own);
    const timing = await time.call(core.loaded, own.entry, frames);
    return { timing, steps, objective: own.bound };
  });
}

/**
 * Does so many steps of a stage, those that come next without one, and tells how long the device had nothing to do
 * meanwhile. A stage that has not as many does its last one again. Leaves the session as it was.
 * @throws RuntimeFault `state-missing`, `not-finite`, `option-invalid` also where the device cannot tell times
 */
export async function hostTime(core: SessionCore, steps: number, stage?: number): Promise<HostTime> {
  requireState(core, 'it cannot be profiled');
  const { watch } = core.loaded;
  if (watch === undefined) throw tellsNoTimes();
  requireCount('steps', steps, 0);
  return leavingState(core, async () => {
    const { first, own } = stretchOf(core, stage);
    requirePossible(first + steps, 'steps');
    const watched = watch.call(core.loaded);
    const training = doSteps(core, own, { first, count: steps });
    // The watch ends behind training, whatever becomes of that; with nothing to tell it may fail on its own.
    const spans = training.then(watched, watched);
    await Promise.allSettled([spans]);
    await training;
    return betweenSpans(await spans);
  });
}

function requireCount(option: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw fault('option-invalid', { option, reason: `give a whole number of steps, from ${least}` });
}

const tellsNoTimes = () =>
  fault('option-invalid', { option: 'profile', reason: 'this device does not tell times' });

/** The step that a stage begins with, and the stage; without one, the next step and its stage. */
function stretchOf(core: SessionCore, stage: number | undefined) {
  core.data.use('train');
  const first = stage === undefined ? core.step + 1 : stageStart(core, stage);
  return { first, own: stageOf(core, first) };
}

/** Does so many steps of a stage as a run does them. */
async function doSteps(
  core: SessionCore,
  stage: Stage,
  { first, count }: { readonly first: number; readonly count: number },
): Promise<void> {
  await runStream({
    pacer: core.trainingPacer,
    first,
    last: first + count,
    signal: undefined,
    submit: async (from, runs) =>
      (await core.loaded.run(stage.entry, stepFrames(core, from, runs, stage)))[boundResult]!,
    done: bounds => {
      const value = bounds.find(bound => !Number.isFinite(bound));
      if (value !== undefined) throw fault('not-finite', { what: 'the bound of a profiled step', value });
    },
  });
}

/** A device that the work failed on may not take the old state back either: what the work failed with is told. */
async function leavingState<Result>(core: SessionCore, work: () => Promise<Result>): Promise<Result> {
  const before = await readState(core);
  const [outcome] = await Promise.allSettled([work()]);
  try {
    writeState(core, before);
  } catch (error) {
    if (outcome.status === 'fulfilled') throw error;
  }
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

/** How long nothing ran between the first and the last of some submissions, which follow one another. */
export function betweenSpans({ clock, begins, ends }: Spans): HostTime {
  let betweenSeconds = 0;
  for (let i = 1; i < begins.length; i++) betweenSeconds += Math.max(0, begins[i]! - ends[i - 1]!);
  return { clock, submissions: begins.length, seconds: ends.at(-1) ?? 0, betweenSeconds };
}
