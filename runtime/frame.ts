import {
  type ClockName,
  type Entry,
  evaluateHostFormula,
  frameHostStart,
  frameLength,
  frameWords,
} from '../compiler/program/index.js';
import { seedWords } from './seed.js';

/** A generator's clock: where its noise is drawn from. */
export interface NoiseClock {
  readonly seed: bigint;
  readonly step: number;
}

/** Step counters of noise that is not of a training step; training counts from 1 and does not get there. */
export const reservedStep = {
  initialise: 0,
  reconstruct: 0xfffffffd,
  sample: 0xfffffffe,
  evaluate: 0xffffffff,
} as const;

/** What one run is told. */
export interface RunFacts {
  readonly noise: NoiseClock;
  readonly dataNoise: NoiseClock;
  readonly position: number;
  readonly rowCount: number;
  readonly epoch: number;
  readonly shuffle: boolean;
  readonly sampleOffset: number;
  /** Steps of training, for schedules. */
  readonly step: number;
  /** Samples that count in a streamed evaluation. */
  readonly samples: number;
  readonly threshold: boolean;
}

/** A run's frame, whole; `slot` is its place in the submission. */
export function buildFrame(entry: Entry, facts: RunFacts, slot: number): Uint32Array {
  const frame = new Uint32Array(frameLength(entry.host.length));
  const [seedLow, seedHigh] = seedWords(facts.noise.seed);
  const [dataSeedLow, dataSeedHigh] = seedWords(facts.dataNoise.seed);
  const words: Record<keyof typeof frameWords, number> = {
    step: facts.noise.step,
    seedLow,
    seedHigh,
    dataStep: facts.dataNoise.step,
    dataSeedLow,
    dataSeedHigh,
    position: facts.position,
    rowCount: facts.rowCount,
    epoch: facts.epoch,
    shuffle: facts.shuffle ? 1 : 0,
    sampleOffset: facts.sampleOffset,
    slot,
  };
  for (const [name, word] of Object.entries(frameWords)) frame[word] = words[name as keyof typeof frameWords];
  const clocks: Record<ClockName, number> = {
    step: facts.step,
    epoch: facts.epoch,
    samples: facts.samples,
    sample_offset: facts.sampleOffset,
    threshold: facts.threshold ? 1 : 0,
  };
  const scalars = new Float32Array(frame.buffer, frameHostStart * 4);
  entry.host.forEach((formula, index) => {
    scalars[index] = evaluateHostFormula(formula, clocks);
  });
  return frame;
}
