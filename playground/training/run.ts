import type { Artefact } from 'iwaec';
import {
  type Checkpoint,
  type Dataset,
  type Device,
  openSession,
  type Progress,
  type Session,
  type SplitData,
  type Tensors,
} from 'iwaec/runtime/browser';

/** The bound after a step: in nats a row, averaged over the steps since the point before. */
export interface CurvePoint {
  readonly step: number;
  readonly bound: number;
}

export interface Pictures {
  readonly samples: Tensors;
  readonly data: Tensors;
  readonly means: Tensors;
  readonly codes: Codes;
}

/** Where held-out rows lie in the latent space: E_q[h | x] of the first `rows`, with their labels where they have any. */
export interface Codes {
  readonly means: Tensors;
  readonly rows: number;
  readonly labels: Uint8Array | null;
}

const manySteps = 1_000_000_000;
/** More points than a plot has pixels are merged in pairs. */
const mostPoints = 2000;
const pictureCount = 16;
const mostCodes = 500;

/** One model in training on one device, with its curve so far. */
export class Run {
  readonly session: Session;
  readonly artefact: Artefact;
  points: readonly CurvePoint[] = [];
  progress: Progress | null = null;

  readonly #test: Dataset | undefined;

  private constructor(session: Session, artefact: Artefact, test: Dataset | undefined) {
    this.session = session;
    this.artefact = artefact;
    this.#test = test;
  }

  /** @throws RuntimeFault as `openSession` */
  static async open(device: Device, artefact: Artefact, data: SplitData, seed: number): Promise<Run> {
    const test = Object.values(data.test ?? {})[0];
    return new Run(await openSession(device, artefact, { seed, data }), artefact, test);
  }

  /** Trains for about this long, or until the signal. The outcome does not depend on where it is interrupted. */
  trainFor(milliseconds: number, signal: AbortSignal, onProgress: () => void): Promise<void> {
    const stop = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
    return this.trainSteps(manySteps, stop, onProgress);
  }

  /** Trains so many steps, or until the signal. */
  async trainSteps(steps: number, signal: AbortSignal, onProgress: () => void): Promise<void> {
    const takeProgress = (progress: Progress) => {
      this.progress = progress;
      this.#add({ step: progress.step, bound: progress.bound });
      onProgress();
    };
    await this.session.train({ steps, signal, onProgress: takeProgress });
  }

  #add(point: CurvePoint): void {
    const points = [...this.points, point];
    this.points = points.length <= mostPoints ? points : mergePairs(points);
  }

  /** Samples of the model, and held-out rows beside what the model makes of them. */
  async pictures(): Promise<Pictures> {
    const rows = Array.from({ length: pictureCount }, (_, row) => row);
    const samples = await this.session.sample(pictureCount);
    const { data, means } = await this.session.reconstruct(rows, 'test');
    return { samples, data, means, codes: await this.#codes() };
  }

  async #codes(): Promise<Codes> {
    const rows = Math.min(mostCodes, this.#test?.rows ?? 0);
    const means = await this.session.encode(
      Array.from({ length: rows }, (_, row) => row),
      'test',
    );
    return { means, rows, labels: this.#test?.labels?.subarray(0, rows) ?? null };
  }

  /** Goes on where the last good state was, on another device. */
  async moveTo(device: Device): Promise<void> {
    await this.session.moveTo(device);
    const { step } = this.session;
    this.points = this.points.filter(point => point.step <= step);
  }

  restore(checkpoint: Checkpoint): void {
    this.session.restore(checkpoint);
    this.points = [];
    this.progress = null;
  }

  dispose(): void {
    this.session.dispose();
  }
}

const mergePairs = (points: readonly CurvePoint[]): readonly CurvePoint[] =>
  points.flatMap((point, i) => {
    const before = points[i - 1];
    if (i % 2 === 0 || before === undefined) return [];
    return [{ step: point.step, bound: (before.bound + point.bound) / 2 }];
  });
