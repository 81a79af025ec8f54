import { caseName, firstStepTarget, type Place, peerTargets, type StepCase } from './cases.js';
import type { Timing } from './contestant.js';

export interface Entrant extends Timing {
  readonly name: string;
  readonly firstStep: number;
}

export interface StepResult extends StepCase {
  /** Operations of one step, in units of 10^9. */
  readonly gflop: number;
  readonly dispatches: number;
  /** This project first, then peers. */
  readonly entrants: readonly [Entrant, ...Entrant[]];
}

export interface Machine {
  readonly place: Place;
  readonly peak: { readonly gflops: number; readonly fused: boolean } | null;
}

const print = (...cells: readonly string[]): void =>
  console.error(cells.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(16))).join(''));

export function printStepHead(place: Place): void {
  const target = firstStepTarget[place];
  const first = target === null ? 'first step' : `first (${target})`;
  const parts = place === 'cpu' ? 'launches' : 'dispatches';
  print('ms a step', 'median', 'fastest', 'to reach', 'GFLOP/s', 'of peak', parts, first);
}

export function printStep(result: StepResult, { peak }: Machine): void {
  const { target, gflop, dispatches, entrants } = result;
  const [{ median, fastest, firstStep }] = entrants;
  const gflops = (1000 * gflop) / median;
  print(
    caseName(result),
    median.toFixed(2),
    fastest.toFixed(2),
    target === null ? '-' : String(target[peak?.fused ? 'relaxed' : 'plain']),
    gflops.toFixed(1),
    peak === null ? '-' : `${((100 * gflops) / peak.gflops).toFixed(0)}%`,
    String(dispatches),
    firstStep.toFixed(0),
  );
}

/** This project's figure, then each peer's with how many times as long it takes. */
function beside(
  [ours, ...others]: StepResult['entrants'],
  time: (entrant: Entrant) => number,
  shown: (milliseconds: number) => number = milliseconds => milliseconds,
): readonly string[] {
  const ratio = (peer: Entrant) => `${(time(peer) / time(ours)).toFixed(2)}x`;
  const figure = (entrant: Entrant) => shown(time(entrant)).toFixed(1);
  return [figure(ours), ...others.map(peer => `${figure(peer)} ${ratio(peer).padStart(7)}`)];
}

/** Peers beside this project: milliseconds a step, on a GPU steps a second, and how many times as long they take. */
export function printPeers(results: readonly StepResult[], { place }: Machine): void {
  const onGpu = place === 'webgpu';
  const perSecond = (milliseconds: number) => 1000 / milliseconds;
  print(onGpu ? 'steps a second' : 'ms a step', ...results[0]!.entrants.map(({ name }) => name));
  for (const result of results) {
    const figures = beside(result.entrants, ({ median }) => median, onGpu ? perSecond : undefined);
    print(caseName(result), ...figures);
  }
  print('first step, ms');
  for (const result of results)
    print(caseName(result), ...beside(result.entrants, ({ firstStep }) => firstStep));
  console.error(`to reach: ${peerTargets[place]}`);
}
