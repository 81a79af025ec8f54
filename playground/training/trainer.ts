import {
  type Device,
  type DeviceInfo,
  decodeCheckpoint,
  encodeCheckpoint,
  isFault,
  openDevice,
  type PageDeviceChoice,
} from 'iwaec/runtime/browser';
import { type Signal, signal } from '../app/signal.js';
import type { Compiled } from '../compiler/messages.js';
import { type DataChoice, loadData } from './data.js';
import { type Pictures, Run } from './run.js';

/** What went wrong, and what to do about it. */
export interface Failure {
  readonly message: string;
  readonly help: string;
}

export interface TrainerState {
  readonly status: 'idle' | 'preparing' | 'training' | 'paused' | 'recovering' | 'failed';
  readonly device: DeviceInfo | null;
  /** The program that is trained: it stays the same when the text is edited. */
  readonly compiled: Compiled | null;
  readonly run: Run | null;
  readonly pictures: Pictures | null;
  readonly failure: Failure | null;
  /** Grows with every report of progress. */
  readonly reports: number;
}

export interface TrainerSettings {
  readonly device: PageDeviceChoice;
  readonly data: DataChoice;
  readonly seed: number;
}

const idle: TrainerState = {
  status: 'idle',
  device: null,
  compiled: null,
  run: null,
  pictures: null,
  failure: null,
  reports: 0,
};

/** Between two looks at the pictures. */
const sliceMilliseconds = 1500;
/** A device that is lost again and again is given up. */
const mostRecoveries = 3;

export const failureOf = (error: unknown): Failure =>
  isFault(error)
    ? { message: error.message, help: error.help }
    : { message: error instanceof Error ? error.message : String(error), help: '' };

/** Trains one program at a time: start, pause, resume, recovery from the loss of the device. */
export class Trainer {
  readonly state: Signal<TrainerState> = signal(idle);
  #device: Device | null = null;
  #settings: TrainerSettings | null = null;
  #stop = new AbortController();
  /** Number of the last start that was asked for. */
  #turn = 0;
  /** Ends with it. */
  #starting: Promise<void> = Promise.resolve();
  /** Ends with the loop that is under way. */
  #looping: Promise<void> = Promise.resolve();

  #change(changes: Partial<TrainerState>): void {
    this.state.set({ ...this.state.get(), ...changes });
  }

  /** Starts over with this program, when what runs has ended; of several such wishes the last one counts. */
  start(compiled: Compiled, settings: TrainerSettings): Promise<void> {
    this.#stop.abort();
    const turn = ++this.#turn;
    this.#starting = this.#starting.then(async () => {
      if (turn === this.#turn) await this.#begin(compiled, settings);
    });
    return this.#starting;
  }

  async #begin(compiled: Compiled, settings: TrainerSettings): Promise<void> {
    await this.dispose();
    this.#change({ ...idle, status: 'preparing', compiled });
    try {
      const data = await loadData(compiled.artefact, settings.data);
      const device = await this.#openDevice(settings.device);
      const run = await Run.open(device, compiled.artefact, data, settings.seed);
      this.#change({ run, pictures: await run.pictures() });
      this.#loop(run, settings);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #openDevice(choice: PageDeviceChoice): Promise<Device> {
    const device = await openDevice({ device: choice });
    this.#device = device;
    this.#change({ device: device.info });
    return device;
  }

  #fail(error: unknown): void {
    this.#change({ status: 'failed', failure: failureOf(error) });
  }

  #loop(run: Run, settings: TrainerSettings): void {
    this.#settings = settings;
    this.#stop = new AbortController();
    this.#looping = this.#train(run, settings, this.#stop.signal);
  }

  async #train(run: Run, settings: TrainerSettings, stop: AbortSignal): Promise<void> {
    let recoveries = 0;
    this.#change({ status: 'training', failure: null });
    while (!stop.aborted) {
      try {
        await run.trainFor(sliceMilliseconds, stop, () =>
          this.#change({ reports: this.state.get().reports + 1 }),
        );
        this.#change({ pictures: await run.pictures() });
      } catch (error) {
        const lost = isFault(error) && error.code === 'device-lost';
        if (!lost || recoveries++ >= mostRecoveries || stop.aborted) return this.#fail(error);
        this.#change({ status: 'recovering' });
        try {
          await run.moveTo(await this.#openDevice(settings.device));
          this.#change({ status: 'training' });
        } catch (second) {
          return this.#fail(second);
        }
      }
    }
    this.#change({ status: 'paused' });
  }

  async pause(): Promise<void> {
    this.#stop.abort();
    await this.#looping;
  }

  resume(settings: TrainerSettings): void {
    const { run, status } = this.state.get();
    if (run !== null && status === 'paused') this.#loop(run, settings);
  }

  /** The state of the run as a file, the same as the command line's; training goes on afterwards. */
  async checkpoint(): Promise<Uint8Array<ArrayBuffer> | null> {
    const { run } = this.state.get();
    return run === null ? null : this.#atRest(async () => encodeCheckpoint(await run.session.snapshot()));
  }

  /** Puts a file's state into the run, which goes on from there. @throws RuntimeFault of a file that is damaged or of another model */
  async restore(bytes: Uint8Array, where: string): Promise<void> {
    const { run } = this.state.get();
    if (run === null) return;
    const checkpoint = decodeCheckpoint(bytes, where);
    await this.#atRest(async () => {
      run.restore(checkpoint);
      this.#change({ pictures: await run.pictures(), reports: this.state.get().reports + 1 });
    });
  }

  /** Work on the session while it does not train. */
  async #atRest<Value>(work: () => Promise<Value>): Promise<Value> {
    const { run, status } = this.state.get();
    await this.pause();
    try {
      return await work();
    } finally {
      if (status === 'training' && run !== null && this.#settings !== null) this.#loop(run, this.#settings);
    }
  }

  /** The device of the run, such as for a test that loses it. */
  get device(): Device | null {
    return this.#device;
  }

  async dispose(): Promise<void> {
    await this.pause();
    this.state.get().run?.dispose();
    this.#device?.dispose();
    this.#device = null;
    this.#change(idle);
  }
}
