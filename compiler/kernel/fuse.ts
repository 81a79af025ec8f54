import { conflicts } from './access.js';
import { type Candidate, decideChain } from './chain.js';
import type { Dispatch, Job, Stage } from './dispatch.js';
import type { KernelBuffer, KernelSequence, Launch } from './ir.js';
import { kernelArrays } from './scalar.js';
import { maxBuffers } from './verify.js';

interface OpenJob {
  readonly level: number;
  kernels: readonly Candidate[];
  stages: readonly Stage[];
  /** The most units it can be cut into. */
  units: number;
}

/**
 * Puts an entry's kernels into as few dispatches as their dependences allow. In the order of the sequence, each kernel
 * goes to the end of the job that it depends on, if a workgroup can take some of the rows through both; else to a job of
 * its own, one level later. What is on one level is independent and becomes one dispatch.
 */
export function fuse(
  sequence: KernelSequence,
  isTemporary: (buffer: string) => boolean,
): readonly Dispatch[] {
  const bindings = bindingsAmong(sequence.buffers, isTemporary);
  const candidates = sequence.kernels.map(kernel => ({ kernel, bindings: bindings(kernel) }));
  const jobs = new Set<OpenJob>();
  candidates.forEach((joining, position) => {
    place(jobs, joining, position);
  });
  const levels = Math.max(0, ...[...jobs].map(job => job.level + 1));
  return Array.from({ length: levels }, (_, level) =>
    sideBySide([...jobs].filter(job => job.level === level)),
  ).flat();
}

/** What a GPU binds for a kernel: temporary arrays are parts of one buffer for each type of element. */
export function bindingsAmong(
  buffers: readonly KernelBuffer[],
  isTemporary: (buffer: string) => boolean,
): (kernel: Launch) => readonly string[] {
  const elements = new Map(buffers.map(({ name, element }) => [name, element]));
  const boundAs = (buffer: string) => (isTemporary(buffer) ? `temporary ${elements.get(buffer)}` : buffer);
  return kernel => [...new Set(kernelArrays(kernel).map(({ name }) => boundAs(name)))];
}

function place(jobs: Set<OpenJob>, joining: Candidate, position: number): void {
  const needed = [...jobs].filter(job =>
    job.kernels.some(each => conflicts(each.kernel, joining.kernel).length > 0),
  );
  const level = Math.max(-1, ...needed.map(job => job.level));
  const last = needed.filter(job => job.level === level);
  const stage = (reason: string): Stage => ({ kernel: position, reason });
  if (last.length === 0) {
    addJob(jobs, 0, joining, stage('it needs no other kernel'));
    return;
  }
  const kernels = [...last.flatMap(job => job.kernels), joining];
  const decision = decideChain(kernels, Math.max(...last.map(job => job.units)));
  if (decision.kind === 'refused') {
    addJob(jobs, level + 1, joining, stage(`a dispatch later: ${decision.reason}`));
    return;
  }
  for (const job of last) jobs.delete(job);
  const reason = 'its rows need only their own rows of the kernels before it';
  const stages = [...last.flatMap(job => job.stages).toSorted((a, b) => a.kernel - b.kernel), stage(reason)];
  jobs.add({ level, kernels, stages, units: decision.units });
}

function addJob(jobs: Set<OpenJob>, level: number, first: Candidate, stage: Stage): void {
  const decision = decideChain([first], 1);
  const units = decision.kind === 'chain' ? decision.units : 1;
  jobs.add({ level, kernels: [first], stages: [stage], units });
}

/** Independent jobs in one dispatch, as far as its bindings reach. */
function sideBySide(jobs: readonly OpenJob[]): readonly Dispatch[] {
  const groups: { readonly bound: Set<string>; readonly jobs: Job[] }[] = [];
  for (const { kernels, stages, units } of jobs) {
    const bindings = kernels.flatMap(each => each.bindings);
    const fits = ({ bound }: { readonly bound: ReadonlySet<string> }) =>
      new Set([...bound, ...bindings]).size <= maxBuffers;
    let group = groups.find(fits);
    if (group === undefined) {
      group = { bound: new Set(), jobs: [] };
      groups.push(group);
    }
    for (const name of bindings) group.bound.add(name);
    group.jobs.push({ stages, units: stages.length === 1 ? 1 : units });
  }
  return groups.map(group => ({ jobs: group.jobs }));
}
