import { maxTimedRuns } from '../device.js';
import { fault } from '../errors.js';
import { requireState, type SessionCore } from './core.js';
import { readState, writeState } from './state.js';
import { stageOf, stepFrames } from './steps.js';
import { train } from './training.js';
import type { StepProfile } from './types.js';

/**
 * Times training steps, launch by launch, and leaves the session as it was.
 * @throws RuntimeFault `state-missing`, `option-invalid` where the device cannot tell times
 */
export async function profile(core: SessionCore, untimed: number): Promise<StepProfile> {
  requireState(core, 'it cannot be profiled');
  const { time } = core.loaded;
  if (time === undefined) {
    throw fault('option-invalid', { option: 'profile', reason: 'this device does not tell times' });
  }
  const before = await readState(core);
  try {
    core.data.use('train');
    const report = await train(core, { steps: untimed });
    const first = core.step + 1;
    const { entry, endStep } = stageOf(core, first);
    const steps = Math.min(maxTimedRuns, core.loaded.maxRuns, endStep - first);
    const timing = await time.call(core.loaded, entry, stepFrames(core, first, steps));
    return { timing, steps, stepSeconds: report.seconds / untimed };
  } finally {
    writeState(core, before);
  }
}
