import { describe, expect, it } from 'vitest';
import {
  type Climb,
  climbed,
  familiesOf,
  fasterOf,
  isFaster,
  measurementsOf,
  startClimb,
} from '../../../cli/tuning/search.js';
import { tuningTable } from '../../../cli/tuning/table.js';
import type { FamilyResult, TuneResult } from '../../../cli/tuning/tune.js';
import type { Tunable, TunedSchedule } from '../../../compiler/index.js';

const cut = (units: number): TunedSchedule => ({ kind: 'points', lanes: 'domain', units });
const unitsOf = (schedule: TunedSchedule): number => ('units' in schedule ? schedule.units : 0);

/** Two things to vary: the tens and the ones of the number of parts. */
const tunable = (hash: string): Tunable => ({
  hash,
  schedule: cut(11),
  coordinates: [
    now => [21, 31].map(tens => cut(tens - 1 + (unitsOf(now) % 10))),
    now => [2, 3].map(ones => cut(unitsOf(now) - (unitsOf(now) % 10) + ones)),
  ],
});

/** Measures until the search is over. */
function search(climb: Climb, seconds: (units: number) => number): Climb {
  return climb.queue.length === 0
    ? climb
    : search(climbed(climb, seconds(unitsOf(climb.queue[0]!))), seconds);
}

describe('the search for schedules', () => {
  it('has one family for launches of one hash', () => {
    const fixed: Tunable = { hash: 'c', schedule: null, coordinates: [] };
    const families = familiesOf([tunable('a'), fixed, tunable('b'), tunable('a')]);
    expect(families.map(({ hash, launches }) => [hash, launches])).toEqual([
      ['a', [0, 3]],
      ['b', [2]],
    ]);
    expect(measurementsOf(families[0]!)).toBe(4);
  });

  it('varies one thing after another and keeps the fastest', () => {
    const [family] = familiesOf([tunable('a')]);
    const seconds = (units: number) => Math.abs(units - 32) + 1;
    const found = search(startClimb(family!, seconds(11)), seconds);
    expect(found).toMatchObject({ best: cut(32), seconds: 1, measured: 4 });
  });

  it('takes what is hardly faster for noise, and what cannot run for slow', () => {
    const [family] = familiesOf([tunable('a')]);
    expect(search(startClimb(family!, 1), () => 0.99)).toMatchObject({ best: cut(11), seconds: 1 });
    expect(search(startClimb(family!, 1), () => Number.POSITIVE_INFINITY).best).toEqual(cut(11));
    expect(isFaster(0.97, 1)).toBe(true);
  });
});

describe('the comparison of whole steps', () => {
  const pairs = (...times: readonly (readonly [number, number])[]) =>
    times.map(([own, tuned]) => ({ own, tuned }));

  it('tells the faster one only where it won each time', () => {
    expect(fasterOf(pairs([3, 2], [5, 4.9], [2, 1]))).toBe('tuned');
    expect(fasterOf(pairs([2, 3], [4, 5], [1, 2]))).toBe('own');
    expect(fasterOf(pairs([3, 2], [4, 4], [2, 1]))).toBeNull();
    expect(fasterOf(pairs([9, 1], [9, 1], [1, 2]))).toBeNull();
  });

  it('tells nothing of a few', () => {
    expect(fasterOf(pairs([9, 1], [9, 1]))).toBeNull();
    expect(fasterOf([])).toBeNull();
  });

  const family: FamilyResult = {
    hash: 'a',
    launch: 'train_step.0',
    launches: 1,
    measured: 4,
    complete: true,
    schedule: cut(2),
    before: 2e-5,
    after: 1e-5,
  };
  const result: TuneResult = {
    families: [family],
    before: 6e-5,
    after: 5e-5,
    comparisons: 5,
    faster: true,
    measured: 4,
    complete: true,
  };
  const stepLine = (changes: Partial<TuneResult>) =>
    /a step that nobody timed +(.*)/.exec(tuningTable({ ...result, ...changes }))?.[1];

  it('shows a gain where there is one for sure, and no more than was found', () => {
    expect(stepLine({})).toBe('60.0 µs before, 50.0 µs after, 1.20 ×');
    expect(stepLine({ faster: false })).toBe(
      '60.0 µs before, 50.0 µs after, no difference that 5 comparisons can tell',
    );
    expect(stepLine({ families: [{ ...family, schedule: null }], after: 6e-5, faster: false })).toBe(
      '60.0 µs',
    );
  });
});
