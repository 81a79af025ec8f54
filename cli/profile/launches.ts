import type { Program } from '../../compiler/index.js';
import type { Peaks, StepProfile } from '../../runtime/index.js';

/** What one launch of a training step does, and how long it takes. */
export interface LaunchProfile {
  readonly name: string;
  /** Kernels in it: more than one where they share a dispatch. */
  readonly kernels: number;
  /** Median over the steps. */
  readonly seconds: number;
  readonly flops: number;
  /** Each array once: the least traffic that the launch could make do with. */
  readonly bytes: number;
  /** Of the device's peaks; null where those are not known. */
  readonly ofFlops: number | null;
  readonly ofBytes: number | null;
}

/** The middle one, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The launches of a step in their order. */
export function launchProfiles(
  { kernels }: Program,
  { timing, steps }: StepProfile,
  peaks: Peaks | null,
): readonly LaunchProfile[] {
  const { launches, begins, ends } = timing;
  return launches.map(({ name, kernels: members }, launch) => {
    const durations = Array.from({ length: steps }, (_, step) => {
      const at = step * launches.length + launch;
      return ends[at]! - begins[at]!;
    });
    const seconds = median(durations);
    const total = (of: 'flops' | 'bytes') => members.reduce((sum, kernel) => sum + kernels[kernel]![of], 0);
    const flops = total('flops');
    const bytes = total('bytes');
    return {
      name: launchName(
        name,
        members.map(kernel => kernels[kernel]!),
      ),
      kernels: members.length,
      ...withPeaks({ seconds, flops, bytes }, peaks),
    };
  });
}

/** Some work with the part of the device's peaks that it reaches. */
export function withPeaks(work: Pick<LaunchProfile, 'seconds' | 'flops' | 'bytes'>, peaks: Peaks | null) {
  const part = (amount: number, peak: number | undefined) =>
    peak === undefined || work.seconds <= 0 ? null : amount / work.seconds / peak;
  return { ...work, ofFlops: part(work.flops, peaks?.flops), ofBytes: part(work.bytes, peaks?.bytes) };
}

/** The name of a training step's launch without that of its entry. */
export const withoutEntry = (name: string): string => name.replace(/^train_step\./, '');

/** A dispatch is known by the kernel in it that does most. */
function launchName(name: string, kernels: Program['kernels']): string {
  const [largest, ...others] = kernels.toSorted((a, b) => b.flops - a.flops);
  if (largest === undefined || largest.name === name) return withoutEntry(name);
  const rest = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${withoutEntry(name)} (${withoutEntry(largest.name).replace(/^\d+\./, '')}${rest})`;
}
