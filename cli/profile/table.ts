import type { Program } from '../../compiler/index.js';
import type { HostTime, Peaks, StepProfile } from '../../runtime/index.js';
import { columns, counted, metric, shortTime } from '../words.js';
import { type LaunchProfile, withPeaks } from './launches.js';
import type { StageProfile } from './measure.js';

const clocks: Readonly<Record<StepProfile['timing']['clock'], string>> = {
  device: "the device's own clock",
  threads: "the threads' clock, waiting for one another included",
  host: "the host's clock, one submission for each launch: the way there and back is part of each time",
};

const percent = (part: number | null): string => (part === null ? '' : `${(100 * part).toFixed(1)}%`);

/** The part of a stretch of training in which the device waited for the host; null where there was nothing to wait between. */
export const hostShare = ({ submissions, seconds, betweenSeconds }: HostTime): number | null =>
  submissions < 2 || seconds <= 0 ? null : betweenSeconds / seconds;

/** Which stage of several a table is about, and how much a step of it does. */
export function profileHeading(
  { model, training }: Program,
  { step, launches }: StageProfile,
  stage: number,
): string {
  const { stages, batch } = training;
  const which = stages.length > 1 ? `stage ${stage + 1} of ${stages.length}, ` : '';
  const flops = launches.reduce((sum, launch) => sum + launch.flops, 0);
  return (
    `${model.name}, ${which}${step.objective}, batch ${batch}: ` +
    `${counted(launches.length, 'launch', 'launches')}, ${metric(flops)}FLOP a step`
  );
}

/** The launches of a stage's step by the time they take, at most `most` of them, and what a step takes beside them. */
export function profileTable(
  { step, host, stepSeconds, launches }: StageProfile,
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
  const outside = stepSeconds - total;
  return [
    columns(rows),
    '',
    `  a step that nobody timed  ${shortTime(stepSeconds)}`,
    `  outside of launches       ${outside > 0 ? `${shortTime(outside)} (${percent(outside / stepSeconds)})` : 'nothing'}`,
    `  between submissions       ${betweenText(host)}`,
    ...(peaks === null
      ? []
      : [`  peaks, measured now       ${metric(peaks.flops)}FLOP/s, ${metric(peaks.bytes)}B/s`]),
    `  medians of ${counted(step.steps, 'step')} by ${clocks[step.timing.clock]}`,
  ].join('\n');
}

/** `0.41% of 1.52 s in 31 submissions: the device waited for the host`. */
function betweenText(host: HostTime): string {
  const share = hostShare(host);
  return share === null
    ? 'one submission'
    : `${percent(share)} of ${shortTime(host.seconds)} in ${counted(host.submissions, 'submission')}: the device waited for the host`;
}

function sum(
  launches: readonly LaunchProfile[],
  peaks: Peaks | null,
): Omit<LaunchProfile, 'name' | 'kernels'> {
  const total = (of: 'seconds' | 'flops' | 'bytes') => launches.reduce((sum, each) => sum + each[of], 0);
  return withPeaks({ seconds: total('seconds'), flops: total('flops'), bytes: total('bytes') }, peaks);
}
