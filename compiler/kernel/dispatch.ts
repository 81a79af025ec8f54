import type { KernelSequence } from './ir.js';

/** Kernels in order, and the dispatches in which a GPU runs them. */
export interface DispatchedSequence {
  readonly sequence: KernelSequence;
  readonly dispatches: readonly Dispatch[];
}

/**
 * What a GPU does between two global synchronisations: jobs side by side, each in workgroups of its own, which see nothing
 * of each other.
 */
export interface Dispatch {
  readonly jobs: readonly Job[];
}

/**
 * Kernels one after another. With several kernels the points of each are cut into `units` equal runs, and no unit of one
 * kernel touches what another unit of an earlier one wrote: a workgroup takes some units through all kernels, with
 * barriers of its own in between. With one kernel `units` is 1 and says nothing.
 */
export interface Job {
  readonly units: number;
  readonly stages: readonly Stage[];
}

export interface Stage {
  /** Position in the sequence's kernels. */
  readonly kernel: number;
  /** Why it is here and not in another dispatch, for `--why`. */
  readonly reason: string;
}

export const stagesOf = (dispatch: Dispatch): readonly Stage[] => dispatch.jobs.flatMap(job => job.stages);

/**
 * The same work without chains, for devices on which a barrier costs more than a dispatch: the first kernels of all jobs,
 * then the second ones, and so on. Whatever was apart in memory for the dispatch stays so.
 */
export function withoutChains(dispatch: Dispatch): readonly Dispatch[] {
  const longest = Math.max(...dispatch.jobs.map(job => job.stages.length));
  return Array.from({ length: longest }, (_, i) => ({
    jobs: dispatch.jobs.flatMap(({ stages }) => {
      const stage = stages[i];
      return stage === undefined ? [] : [{ units: 1, stages: [stage] }];
    }),
  }));
}
