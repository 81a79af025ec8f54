import type { Device, HostTime, Peaks, Session, StepProfile } from '../../runtime/index.js';
import { type LaunchProfile, launchProfiles } from './launches.js';

/** Of training, to see how long the device waits for the host: some tens of submissions, on a slow device a few. */
const stretchSeconds = 1.5;
const leastStretch = 8;
/** No clock is finer. */
const leastStepSeconds = 1e-6;

/** What was timed of one stage of training. */
export interface StageProfile {
  readonly step: StepProfile;
  readonly host: HostTime;
  readonly launches: readonly LaunchProfile[];
}

/** `peaks`: null where the device does not measure them. */
export interface Profile {
  readonly stages: readonly StageProfile[];
  readonly peaks: Peaks | null;
}

/** What is timed of the stages of training, one after another. */
export async function eachStage<Result>(
  { program: { training } }: Session,
  time: (stage: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const stage of training.stages.keys()) results.push(await time(stage));
  return results;
}

/** @throws RuntimeFault as `Session.profile` */
export async function measure(device: Device, session: Session, untimed: number): Promise<Profile> {
  const times = await eachStage(session, async stage => {
    const step = await session.profile(untimed, stage);
    // At once: by now submissions have as many steps as this stage's should have.
    const stretch = Math.ceil(stretchSeconds / Math.max(step.stepSeconds, leastStepSeconds));
    return { step, host: await session.hostTime(Math.max(leastStretch, stretch), stage) };
  });
  // After the steps: a processor that has been busy runs at the same speed for both.
  const peaks = (await device.peaks?.()) ?? null;
  const stages = times.map(({ step, host }) => ({
    step,
    host,
    launches: launchProfiles(session.program, step, peaks),
  }));
  return { stages, peaks };
}
