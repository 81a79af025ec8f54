import { type Dispatch, type DispatchedSequence, type Job, withoutChains } from './dispatch.js';
import type { KernelSequence } from './ir.js';
import { type JobSchedule, scheduleDispatch, splitReason } from './schedule.js';

const plural = (count: number, word: string, words: string) => `${count} ${count === 1 ? word : words}`;

/**
 * What goes into each dispatch of an entry point and why, for `--why`. `joined`: what a real GPU runs in its place, if
 * anything else.
 */
export function printDispatches(entry: DispatchedSequence, joined: DispatchedSequence | null): string {
  const { sequence, dispatches } = joined ?? entry;
  const software = entry.dispatches.flatMap(withoutChains).length;
  const kernels = plural(entry.sequence.kernels.length, 'kernel', 'kernels');
  const count = plural(dispatches.length, 'dispatch', 'dispatches');
  return [
    `${sequence.name}: ${kernels}, ${count} on a GPU, ${software} where a GPU is emulated, one by one on the CPU`,
    ...dispatches.map((dispatch, i) => printDispatch(sequence, dispatch, i)),
  ].join('\n');
}

function printDispatch(sequence: KernelSequence, dispatch: Dispatch, position: number): string {
  const jobs = dispatch.jobs.length === 1 ? '' : `, ${dispatch.jobs.length} jobs side by side`;
  const schedule = scheduleDispatch(dispatch, sequence.kernels, 'gpu');
  return [
    `\ndispatch ${position}${jobs}`,
    ...dispatch.jobs.map((job, i) => printJob(sequence, job, schedule.jobs[i]!, dispatch.jobs.length > 1)),
  ].join('\n');
}

function printJob(
  { kernels }: KernelSequence,
  { units, stages }: Job,
  schedule: JobSchedule,
  isOneOfMany: boolean,
): string {
  const head = stages.length === 1 ? 'one kernel' : `${units} rows, each through ${stages.length} kernels`;
  const lines = stages.flatMap(({ kernel: position, reason }, i) => {
    const kernel = kernels[position]!;
    const split = splitReason(kernel, schedule.stages[i]!) ?? [];
    const origin = kernel.kind === 'compute' ? kernel.origin : ["fills the rows of the run's batch"];
    return [`    ${kernel.name}: ${reason}`, ...[origin, split].flat().map(line => `      ${line}`)];
  });
  return [...(isOneOfMany || stages.length > 1 ? [`  ${head}`] : []), ...lines].join('\n');
}
