import type { Tunable, TunedSchedule } from '../../compiler/index.js';

/** Launches of one hash: one schedule for all of them. */
export interface Family {
  readonly hash: string;
  /** Their positions among those of the steps, stage after stage. */
  readonly launches: readonly number[];
  readonly schedule: TunedSchedule;
  readonly coordinates: Tunable['coordinates'];
}

/** The families of steps that have something to choose, in the order of their first launches. */
export function familiesOf(tunables: readonly Tunable[]): readonly Family[] {
  const families = new Map<string, Family>();
  for (const [position, { hash, schedule, coordinates }] of tunables.entries()) {
    if (schedule === null) continue;
    const launches = [...(families.get(hash)?.launches ?? []), position];
    families.set(hash, { hash, launches, schedule, coordinates });
  }
  return [...families.values()];
}

/** Seconds of a family's launches together, given those of the step's launches. */
export const secondsOfFamily = ({ launches }: Family, seconds: readonly number[]): number =>
  launches.reduce((sum, position) => sum + seconds[position]!, 0);

/** A schedule is better only if it saves more than this part: less is noise of the clock. */
const leastGain = 0.02;
export const isFaster = (after: number, before: number): boolean => after < before * (1 - leastGain);

/** By chance all of so many comparisons come out the same way once in four times, of five once in sixteen. */
const leastComparisons = 3;

/** Which of two is faster, where every comparison says the same; null where they leave it open. */
export function fasterOf(
  pairs: readonly { readonly own: number; readonly tuned: number }[],
): 'own' | 'tuned' | null {
  if (pairs.length < leastComparisons) return null;
  if (pairs.every(({ own, tuned }) => tuned < own)) return 'tuned';
  return pairs.every(({ own, tuned }) => own < tuned) ? 'own' : null;
}

/** How many measurements a search is going to take, as far as one can tell before it. */
export const measurementsOf = ({ schedule, coordinates }: Family): number =>
  coordinates.reduce((sum, vary) => sum + vary(schedule).length, 0);

/** How far the search for one family is. */
export interface Climb {
  readonly family: Family;
  readonly best: TunedSchedule;
  /** Of the best one. */
  readonly seconds: number;
  /** The coordinate that is varied now, and what is left of its schedules to measure; nothing: the search is over. */
  readonly coordinate: number;
  readonly queue: readonly TunedSchedule[];
  readonly measured: number;
}

/** Begins with the compiler's own schedule, which takes so many seconds. */
export const startClimb = (family: Family, seconds: number): Climb =>
  withNextQueue({ family, best: family.schedule, seconds, coordinate: -1, queue: [], measured: 0 });

/** Goes on with what the first schedule of the queue took: one thing is varied after another, and what is fastest kept. */
export function climbed(climb: Climb, seconds: number): Climb {
  const [candidate, ...queue] = climb.queue;
  const best = isFaster(seconds, climb.seconds) ? { best: candidate!, seconds } : {};
  return withNextQueue({ ...climb, ...best, queue, measured: climb.measured + 1 });
}

function withNextQueue(climb: Climb): Climb {
  const { coordinates } = climb.family;
  let { queue, coordinate } = climb;
  while (queue.length === 0 && coordinate + 1 < coordinates.length) {
    coordinate++;
    queue = coordinates[coordinate]!(climb.best);
  }
  return { ...climb, queue, coordinate };
}
