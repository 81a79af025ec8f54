import type { Tunable } from '../../compiler/tuning/tunable.js';
import type { TunedSchedule } from '../../compiler/tuning/tuning.js';

/** Numbers in [0, 1), always the same for a seed. Numerical Recipes' linear congruential generator. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Another schedule for every launch that has one: each thing that can be varied is, at random. */
export function randomSchedules(
  tunables: readonly Tunable[],
  seed: number,
): ReadonlyMap<string, TunedSchedule> {
  const random = randomNumbers(seed);
  const chosen = new Map<string, TunedSchedule>();
  for (const { hash, schedule, coordinates } of tunables) {
    if (schedule === null) continue;
    let now = schedule;
    for (const vary of coordinates) {
      const variants = vary(now);
      now = variants[Math.floor(random() * variants.length)] ?? now;
    }
    if (JSON.stringify(now) !== JSON.stringify(schedule)) chosen.set(hash, now);
  }
  return chosen;
}
