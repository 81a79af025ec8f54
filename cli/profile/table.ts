import type { Peaks, StepProfile } from '../../runtime/index.js';
import { counted, metric } from '../words.js';
import { type LaunchProfile, withPeaks } from './launches.js';

const clocks: Readonly<Record<StepProfile['timing']['clock'], string>> = {
  device: "the device's own clock",
  threads: "the threads' clock, waiting for one another included",
  host: "the host's clock, one submission for each launch: the way there and back is part of each time",
};

const percent = (part: number | null): string => (part === null ? '' : `${(100 * part).toFixed(1)}%`);

/** 13.0 µs, 1.24 ms, 2.30 s */
export function shortTime(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(1)} µs`;
  return seconds < 0.9995 ? `${(seconds * 1e3).toPrecision(3)} ms` : `${seconds.toFixed(2)} s`;
}

/** Cells in columns, the first to the left and the others to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return rows.map(row => `  ${row.map(cell).join('  ')}`.trimEnd()).join('\n');
}

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
