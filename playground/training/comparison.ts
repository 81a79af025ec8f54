import type { Artefact } from 'iwaec';
import {
  type Device,
  type Evaluation,
  isFault,
  openDevice,
  type PageDeviceChoice,
  type SplitData,
  seededSample,
} from 'iwaec/runtime/browser';
import { type Signal, signal } from '../app/signal.js';
import { loadData } from './data.js';
import { type CurvePoint, Run } from './run.js';
import { type Failure, failureOf } from './trainer.js';

/** One of the two objectives. */
export interface Contender {
  readonly bound: string;
  readonly run: Run;
  readonly evaluation: Evaluation | null;
}

export interface ComparisonState {
  readonly status: 'idle' | 'preparing' | 'training' | 'estimating' | 'recovering' | 'paused' | 'failed';
  readonly deviceName: string | null;
  readonly contenders: readonly Contender[];
  readonly failure: Failure | null;
  readonly reports: number;
}

const idle: ComparisonState = {
  status: 'idle',
  deviceName: null,
  contenders: [],
  failure: null,
  reports: 0,
};

/** Of both, before the other has its turn. */
const stepsPerTurn = 20;
const mostRecoveries = 3;

/**
 * One point for each turn: a fast session reports more steps at a time than a slow one, and its curve would look calmer
 * than the other's.
 */
export function turnPoints(points: readonly CurvePoint[]): readonly CurvePoint[] {
  const turns: { step: number; sum: number; steps: number }[] = [];
  let before = 0;
  for (const { step, bound } of points) {
    const steps = step - before;
    const turn = Math.ceil(step / stepsPerTurn) * stepsPerTurn;
    const last = turns.at(-1);
    if (last?.step === turn) {
      last.sum += bound * steps;
      last.steps += steps;
    } else turns.push({ step: turn, sum: bound * steps, steps });
    before = step;
  }
  return turns.map(({ step, sum, steps }) => ({ step: Math.min(step, before), bound: sum / steps }));
}
/** Importance samples of an estimate. */
export const estimateK = [1, 50] as const;
const estimateRows = 100;

/** Two objectives of one model on one device, with the same data and seed, taking turns: they stay at the same step. */
export class Comparison {
  readonly state: Signal<ComparisonState> = signal(idle);
  #device: Device | null = null;
  #stop = new AbortController();
  #working: Promise<void> = Promise.resolve();
  #target = 0;
  #testRows = 0;
  #choice: PageDeviceChoice = 'auto';
  #seed = 0;

  #change(changes: Partial<ComparisonState>): void {
    this.state.set({ ...this.state.get(), ...changes });
  }

  /** Starts over with these programs. */
  async start(artefacts: readonly Artefact[], choice: PageDeviceChoice, seed: number): Promise<void> {
    await this.dispose();
    this.#change({ ...idle, status: 'preparing' });
    this.#choice = choice;
    this.#seed = seed;
    try {
      const data = await loadData(artefacts[0]!, 'digits');
      this.#testRows = rowsOf(data);
      const device = await this.#open();
      for (const artefact of artefacts) {
        const run = await Run.open(device, artefact, data, seed);
        const contender = { bound: artefact.program.model.bound, run, evaluation: null };
        this.#change({ contenders: [...this.state.get().contenders, contender] });
      }
      this.resume();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #open(): Promise<Device> {
    this.#device = await openDevice({ device: this.#choice });
    this.#change({ deviceName: this.#device.info.name });
    return this.#device;
  }

  #fail(error: unknown): false {
    this.#change({ status: 'failed', failure: failureOf(error) });
    return false;
  }

  resume(): void {
    this.#stop = new AbortController();
    this.#working = this.#train(this.#stop.signal);
  }

  async #train(stop: AbortSignal): Promise<void> {
    const isDone = await this.#throughLosses('training', async () => {
      while (!stop.aborted) await this.#turns(stop);
    });
    if (isDone) this.#change({ status: 'paused' });
  }

  /** Does the work, again on a device opened anew where one is lost meanwhile; false if it failed. */
  async #throughLosses(status: ComparisonState['status'], work: () => Promise<void>): Promise<boolean> {
    for (let recoveries = 0; ; recoveries++) {
      this.#change({ status, failure: null });
      try {
        await work();
        return true;
      } catch (error) {
        const isLost = isFault(error) && error.code === 'device-lost';
        if (!isLost || recoveries >= mostRecoveries) return this.#fail(error);
      }
      this.#change({ status: 'recovering' });
      try {
        const device = await this.#open();
        for (const { run } of this.state.get().contenders) await run.moveTo(device);
      } catch (error) {
        return this.#fail(error);
      }
    }
  }

  /** One turn of each, up to the same step, wherever an interruption left them. */
  async #turns(stop: AbortSignal): Promise<void> {
    const { contenders } = this.state.get();
    if (this.#level()) this.#target += stepsPerTurn;
    for (const { run } of contenders) {
      const steps = this.#target - run.session.step;
      if (steps <= 0 || stop.aborted) continue;
      await run.trainSteps(steps, stop, () => this.#change({ reports: this.state.get().reports + 1 }));
    }
  }

  #level(): boolean {
    return this.state.get().contenders.every(({ run }) => run.session.step >= this.#target);
  }

  async pause(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  /** Estimates L_k of both on the same held-out rows, with training at rest. */
  async estimate(): Promise<void> {
    await this.pause();
    if (this.state.get().status !== 'paused') return;
    this.#stop = new AbortController();
    this.#working = this.#evaluate(this.#stop.signal);
    await this.#working;
  }

  async #evaluate(stop: AbortSignal): Promise<void> {
    const isDone = await this.#throughLosses('estimating', async () => {
      // An interrupted turn would leave one of them behind, and so may the loss of the device.
      if (!this.#level()) await this.#turns(stop);
      const rows = seededSample(Math.min(estimateRows, this.#testRows), this.#testRows, this.#seed);
      for (const contender of this.state.get().contenders) {
        const evaluation = await contender.run.session.evaluate({ k: estimateK, rows, signal: stop });
        const contenders = this.state
          .get()
          .contenders.map(each => (each.run === contender.run ? { ...each, evaluation } : each));
        this.#change({ contenders });
      }
    });
    if (isDone) this.#change({ status: 'paused' });
  }

  async dispose(): Promise<void> {
    await this.pause();
    for (const { run } of this.state.get().contenders) run.dispose();
    this.#device?.dispose();
    this.#device = null;
    this.#target = 0;
    this.#change(idle);
  }
}

const rowsOf = ({ test }: SplitData): number => Object.values(test ?? {})[0]?.rows ?? 0;
