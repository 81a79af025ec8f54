/** Something that trains the model of a case. */
export interface Contestant {
  readonly name: string;
  /** Milliseconds from a program in memory to its first step done, pipelines and initial parameters included. */
  readonly firstStep: number;
  /** Trains so many steps; their milliseconds together. */
  readonly train: (steps: number) => Promise<number>;
  readonly dispose: () => void;
}

/** Milliseconds a step. */
export interface Timing {
  readonly median: number;
  readonly fastest: number;
}

const warmUpMilliseconds = 1500;
const repeatMilliseconds = 500;
const repeats = 9;
/** Where steps take seconds, fewer repeats do, and this many at least. */
const mostMilliseconds = 60_000;
const fewestRepeats = 3;

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Short steps are asked for by so many. */
const stepsTogether = 100;

/** Lets engines replace quick code by fast code and compile what they compile, then counts the steps of one repeat. */
async function warmUp({ train }: Contestant): Promise<number> {
  let steps = 1;
  for (let total = 0; total < warmUpMilliseconds; ) {
    const time = await train(steps);
    total += time;
    if (time < repeatMilliseconds / 2) steps *= 2;
  }
  const fitting = (steps * repeatMilliseconds) / (await train(steps));
  const unit = fitting > stepsTogether ? stepsTogether : 1;
  return unit * Math.max(1, Math.round(fitting / unit));
}

/**
 * Times contestants in turn, repeat by repeat, so that whatever else the machine does falls on all of them alike. They
 * wait while they are not asked.
 */
export async function timeInTurn(contestants: readonly Contestant[]): Promise<readonly Timing[]> {
  const runs: { readonly contestant: Contestant; readonly steps: number; readonly times: number[] }[] = [];
  for (const contestant of contestants) {
    runs.push({ contestant, steps: await warmUp(contestant), times: [] });
  }
  const start = performance.now();
  for (let i = 0; i < repeats; i++) {
    if (i >= fewestRepeats && performance.now() - start > mostMilliseconds) break;
    for (const { contestant, steps, times } of runs) times.push((await contestant.train(steps)) / steps);
  }
  return runs.map(({ times }) => ({ median: median(times), fastest: Math.min(...times) }));
}
