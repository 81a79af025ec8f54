import type { DispatchSchedule, TunedSchedule } from '../../compiler/index.js';
import { withoutEntry } from '../profile/launches.js';
import { columns, counted, shortTime } from '../words.js';
import type { FamilyResult, TuneResult } from './tune.js';

/** Times as often as before: 1.25 ×. */
const gain = (before: number, after: number): string => (after > 0 ? `${(before / after).toFixed(2)} ×` : '');

/** What was gained with each launch, those that took longest first. */
export function tuningTable(result: TuneResult): string {
  const { families, measured } = result;
  const sorted = families.toSorted((a, b) => b.before - a.before);
  const line = ({ launch, launches, schedule, ...times }: FamilyResult) => [
    `${withoutEntry(launch)}${launches > 1 ? ` (${launches} times)` : ''}`,
    shortTime(times.before),
    schedule === null ? '' : shortTime(times.after),
    schedule === null ? '' : gain(times.before, times.after),
    schedule === null ? 'as it was' : scheduleText(schedule),
  ];
  return [
    columns([['launch', 'before', 'after', 'gain', 'schedule'], ...sorted.map(line)]),
    '',
    `  a step that nobody timed  ${stepText(result)}`,
    `  measured                  ${counted(measured, 'schedule')} of ${counted(families.length, 'launch', 'launches')}`,
  ].join('\n');
}

/** Of a whole step: a gain only where every comparison showed one. */
function stepText({ families, before, after, comparisons, faster }: TuneResult): string {
  if (families.every(({ schedule }) => schedule === null)) return shortTime(before);
  const times = `${shortTime(before)} before, ${shortTime(after)} after`;
  const noise = `no difference that ${counted(comparisons, 'comparison')} can tell`;
  return `${times}, ${faster ? gain(before, after) : noise}`;
}

function stageText(stage: DispatchSchedule['jobs'][number]['stages'][number]): string {
  switch (stage.kind) {
    case 'tiled':
      return `${stage.tileRows}x${stage.tileColumns}x${stage.tileDepth} by ${stage.threadRows}x${stage.threadColumns}${stage.splits > 1 ? `, ${stage.splits} groups` : ''}`;
    case 'blocked':
      return `blocks ${stage.threadRows}x${stage.threadColumns}`;
    case 'broadcast':
      return `blocks ${stage.threadRows}x${stage.threadColumns}, ${stage.lanes} loading`;
    case 'cooperative':
      return `${stage.lanes} along ${stage.along}`;
    case 'pointwise':
      return 'points';
  }
}

/** `128: 32x64x16 by 2x4, points`: invocations in a workgroup, and the jobs. */
function scheduleText(schedule: TunedSchedule): string {
  if (!('jobs' in schedule)) {
    return schedule.kind === 'points'
      ? `${schedule.units} parts`
      : `${schedule.kept} kept, tiles ${schedule.tileRows}x${schedule.tileColumns}`;
  }
  const jobs = schedule.jobs.map(({ block, stages }) => {
    const texts = stages.map(stageText);
    return texts.length === 1 ? texts[0]! : `${block} a workgroup of ${texts.length} kernels`;
  });
  return `${schedule.workgroup}: ${jobs.join(', ')}`;
}
