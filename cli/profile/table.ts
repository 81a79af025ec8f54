import type { Peaks, StepProfile } from '../../runtime/index.js';
import { columns, counted, metric, shortTime } from '../words.js';
import { type LaunchProfile, withPeaks } from './launches.js';

const clocks: Readonly<Record<StepProfile['timing']['clock'], string>> = {
  device: "the device's own clock",
  threads: "the threads' clock, waiting for one another included",
  host: "the host's clock, one submission for each launch: the way there and back is part of each time",
};

const percent = (part: number | null): string => (part === null ? '' : `${(100 * part).toFixed(1)}%`);

/** Launches by the time they take, at most `most` of them, and what a step takes beside them. */
export function profileTable(
  launches: readonly LaunchProfile[],
  profile: StepProfile,
  peaks: Peaks | null,
  most: number,
): string {
  const total = launches.reduce((sum, { seconds }) => sum + seconds, 0);
  const sorted = launches.toSorted((a, b) => b.seconds - a.seconds);
  const line = (
    name: string,
    { seconds, flops, bytes, ofFlops, ofBytes }: Omit<LaunchProfile, 'name' | 'kernels'>,
  ) => [
    name,
    shortTime(seconds),
    percent(total === 0 ? null : seconds / total),
    seconds === 0 || flops === 0 ? '' : `${metric(flops / seconds)}FLOP/s`,
    flops === 0 ? '' : percent(ofFlops),
    seconds === 0 ? '' : `${metric(bytes / seconds)}B/s`,
    percent(ofBytes),
  ];
  const rest = sorted.slice(most);
  const heading = ['launch', 'time', 'of step', 'operations', 'of peak', 'traffic', 'of peak'];
  const rows = [heading, ...sorted.slice(0, most).map(each => line(each.name, each))];
  if (rest.length > 0)
    rows.push(line(`${counted(rest.length, 'more launch', 'more launches')}`, sum(rest, peaks)));
  rows.push(line('all', sum(launches, peaks)));
  const outside = profile.stepSeconds - total;
  return [
    columns(rows),
    '',
    `  a step that nobody timed  ${shortTime(profile.stepSeconds)}`,
    `  outside of launches       ${outside > 0 ? `${shortTime(outside)} (${percent(outside / profile.stepSeconds)})` : 'nothing'}`,
    ...(peaks === null
      ? []
      : [`  peaks, measured now       ${metric(peaks.flops)}FLOP/s, ${metric(peaks.bytes)}B/s`]),
    `  medians of ${counted(profile.steps, 'step')} by ${clocks[profile.timing.clock]}`,
  ].join('\n');
}

function sum(
  launches: readonly LaunchProfile[],
  peaks: Peaks | null,
): Omit<LaunchProfile, 'name' | 'kernels'> {
  const total = (of: 'seconds' | 'flops' | 'bytes') => launches.reduce((sum, each) => sum + each[of], 0);
  return withPeaks({ seconds: total('seconds'), flops: total('flops'), bytes: total('bytes') }, peaks);
}
