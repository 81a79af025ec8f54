import type { Device, HostTime, Peaks, Session, StepProfile } from '../../runtime/index.js';
import { type LaunchProfile, launchProfiles } from './launches.js';

/** Of training, to see how long the device waits for the host: some tens of submissions, on a slow device a few. */
const stretch: Stretch = { seconds: 1.5, least: 8 };
/** An end, though a clock should tell no time at all. */
const mostSteps = 2 ** 20;
/** How much longer than the last one a try may be, whose first steps are slow. */
const mostGrowth = 32;

/** How long steps are timed to tell the time of one, and how many at least. */
export interface Stretch {
  readonly seconds: number;
  readonly least: number;
}

/** What was timed of one stage of training. */
export interface StageProfile {
  readonly step: StepProfile;
  readonly host: HostTime;
  /** Seconds of a step whose launches nobody times. */
  readonly stepSeconds: number;
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

/** Does steps of a stage until they last about so long. A few quick ones take as long as their way to the device. */
export async function timeStretch(session: Session, stage: number, { seconds, least }: Stretch) {
  let steps = least;
  while (true) {
    const host = await session.hostTime(steps, stage);
    if (host.seconds >= seconds / 2 || steps >= mostSteps) return { host, stepSeconds: host.seconds / steps };
    const growth = Math.min(mostGrowth, (1.1 * seconds) / host.seconds);
    steps = Math.min(mostSteps, Math.ceil(steps * growth));
  }
}

/** @throws RuntimeFault as `Session.profile` */
export async function measure(device: Device, session: Session, untimed: number): Promise<Profile> {
  const times = await eachStage(session, async stage => ({
    step: await session.profile(untimed, stage),
    ...(await timeStretch(session, stage, stretch)),
  }));
  // After the steps: a processor that has been busy runs at the same speed for both.
  const peaks = (await device.peaks?.()) ?? null;
  const stages = times.map(each => ({
    ...each,
    launches: launchProfiles(session.program, each.step, peaks),
  }));
  return { stages, peaks };
}
