import type { Artefact, TunedSchedule, Tuning, TuningTarget } from '../../compiler/index.js';
import type { Device, Session, SplitData } from '../../runtime/index.js';
import { compiler, runtime } from '../doors.js';
import type { Stretch } from '../profile/measure.js';
import type { CompiledSpec } from '../spec.js';
import { type StepTimes, syntheticData, timeLaunches, timeSteps } from './measure.js';
import {
  type Climb,
  climbed,
  familiesOf,
  fasterOf,
  isFaster,
  measurementsOf,
  secondsOfFamily,
  startClimb,
} from './search.js';

/** A launch that takes less of a step than this part is left as it is. */
const worthwhile = 0.005;
/** Of whole steps, where their own time is told. */
const stretch: Stretch = { seconds: 0.25, least: 2 };
/** How often the winners and the compiler's own schedules are measured in turn at the end. */
const comparisons = 5;
/** Of the budget, what the search may take; the comparison at the end has the rest. */
const searchShare = 0.8;

export interface TuneRequest {
  readonly device: Device;
  readonly target: TuningTarget;
  readonly spec: CompiledSpec;
  /** Seconds. */
  readonly budget: number;
  readonly signal: AbortSignal;
  readonly onProgress: (state: {
    readonly done: number;
    readonly total: number;
    readonly secondsLeft: number;
  }) => void;
}

/** What came of one family: `schedule` is null where the compiler's own stays. */
export interface FamilyResult {
  readonly hash: string;
  readonly launch: string;
  readonly launches: number;
  readonly measured: number;
  /** Whether every schedule that there is was looked at. */
  readonly complete: boolean;
  readonly schedule: TunedSchedule | null;
  readonly before: number;
  readonly after: number;
}

export interface TuneResult {
  readonly families: readonly FamilyResult[];
  /** Seconds of a whole step. */
  readonly before: number;
  readonly after: number;
  /** How often both were timed, in turn, and whether the step was faster each time: else the difference is noise. */
  readonly comparisons: number;
  readonly faster: boolean;
  /** Schedules that were measured, all families together. */
  readonly measured: number;
  /** Whether every schedule that there is was looked at. */
  readonly complete: boolean;
}

type Chosen = ReadonlyMap<string, TunedSchedule>;

/** Times of steps of one program with any schedules. */
class Bench {
  readonly #request: TuneRequest;
  readonly #data: SplitData;

  constructor(request: TuneRequest) {
    this.#request = request;
    this.#data = syntheticData(request.spec.artefact.program);
  }

  /** Loads the program with these schedules, and times it. @throws RuntimeFault as `openSession` and `Session.profile` */
  async time<Times>(chosen: Chosen, work: (session: Session) => Promise<Times>): Promise<Times> {
    const { openSession } = await runtime();
    const session = await openSession(this.#request.device, await this.#print(chosen), { data: this.#data });
    try {
      return await work(session);
    } finally {
      session.dispose();
    }
  }

  async #print(chosen: Chosen): Promise<Artefact> {
    const { target, spec } = this.#request;
    const { noTuning } = await compiler();
    const tuning: Tuning = { ...noTuning, [target]: chosen };
    return spec.compilation.schedules!.print(tuning, target === 'cpu' ? 'all' : 'gpus');
  }
}

/** Looks for faster schedules of a training step's launches, all families at once: each round gives each another one. */
export async function tuneStep(request: TuneRequest): Promise<TuneResult> {
  const bench = new Bench(request);
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  const own = await bench.time(new Map(), timeLaunches);
  const total = own.launches.reduce((sum, seconds) => sum + seconds, 0);
  const families = familiesOf(request.spec.compilation.schedules!.tunables(request.target)).filter(
    family => secondsOfFamily(family, own.launches) >= worthwhile * total,
  );
  let climbs: readonly Climb[] = families.map(family =>
    startClimb(family, secondsOfFamily(family, own.launches)),
  );
  const rounds = Math.max(0, ...families.map(measurementsOf));
  const mayGoOn = () => !request.signal.aborted && elapsed() < searchShare * request.budget;
  for (let done = 1; mayGoOn() && climbs.some(isOpen); done++) {
    climbs = await round(bench, climbs, mayGoOn);
    const budgetLeft = Math.max(0, request.budget - elapsed());
    const secondsLeft = Math.min((elapsed() / done) * Math.max(0, rounds - done), budgetLeft);
    request.onProgress({ done, total: Math.max(rounds, done), secondsLeft });
  }
  const compared = await compare(bench, climbs, () => elapsed() < request.budget);
  const measured = climbs.reduce((sum, climb) => sum + climb.measured, 0);
  return { ...compared, measured, complete: !climbs.some(isOpen) };
}

const isOpen = ({ queue }: Climb): boolean => queue.length > 0;

/** Measures the next schedule of each family, all in one program; where the device refuses that, one after another. */
async function round(
  bench: Bench,
  climbs: readonly Climb[],
  mayGoOn: () => boolean,
): Promise<readonly Climb[]> {
  const open = climbs.filter(isOpen);
  const together = await secondsOf(bench, climbs, open);
  if (together !== null)
    return climbs.map(climb => (isOpen(climb) ? climbed(climb, together(climb)) : climb));
  const after: Climb[] = [];
  for (const climb of climbs) {
    if (!isOpen(climb) || !mayGoOn()) {
      after.push(climb);
      continue;
    }
    const alone = open.length === 1 ? null : await secondsOf(bench, climbs, [climb]);
    const refused = () => Number.POSITIVE_INFINITY;
    after.push(climbed(climb, (alone ?? refused)(climb)));
  }
  return after;
}

/** The times of families with the next schedules of some of them; null where the device rejects one of these. */
async function secondsOf(
  bench: Bench,
  climbs: readonly Climb[],
  varied: readonly Climb[],
): Promise<((climb: Climb) => number) | null> {
  const { isFault } = await runtime();
  const chosen = climbs.map(
    climb => [climb.family.hash, varied.includes(climb) ? climb.queue[0]! : climb.best] as const,
  );
  try {
    const { launches } = await bench.time(new Map(chosen), timeLaunches);
    return ({ family }) => secondsOfFamily(family, launches);
  } catch (error) {
    if (isFault(error) && error.code === 'kernel-rejected') return null;
    throw error;
  }
}

/**
 * Times the winners and the compiler's own schedules in turn. A winner that does not win again is none, and none of them is
 * where they slow the whole step down.
 */
async function compare(
  bench: Bench,
  climbs: readonly Climb[],
  mayGoOn: () => boolean,
): Promise<Omit<TuneResult, 'measured' | 'complete'>> {
  const winners = new Map(climbs.map(({ family, best }) => [family.hash, best]));
  const time = (chosen: Chosen) => bench.time(chosen, session => timeSteps(session, stretch));
  const times: { readonly own: StepTimes; readonly tuned: StepTimes }[] = [];
  do {
    times.push({ own: await time(new Map()), tuned: await time(winners) });
  } while (times.length < comparisons && mayGoOn());
  const fastest = (which: 'own' | 'tuned', of: (step: StepTimes) => number) =>
    Math.min(...times.map(each => of(each[which])));
  const verdict = fasterOf(times.map(({ own, tuned }) => ({ own: own.step, tuned: tuned.step })));
  const families = climbs.map((climb): FamilyResult => {
    const { family, best, measured } = climb;
    const before = fastest('own', ({ launches }) => secondsOfFamily(family, launches));
    const tuned = fastest('tuned', ({ launches }) => secondsOfFamily(family, launches));
    const wins = verdict !== 'own' && best !== family.schedule && isFaster(tuned, before);
    return {
      hash: family.hash,
      launch: times[0]!.own.names[family.launches[0]!]!,
      launches: family.launches.length,
      measured,
      complete: !isOpen(climb),
      schedule: wins ? best : null,
      before,
      after: wins ? tuned : before,
    };
  });
  const before = fastest('own', ({ step }) => step);
  // Where nothing won, nothing changes.
  const won = families.some(({ schedule }) => schedule !== null);
  return {
    families,
    before,
    after: won ? fastest('tuned', ({ step }) => step) : before,
    comparisons: times.length,
    faster: won && verdict === 'tuned',
  };
}
