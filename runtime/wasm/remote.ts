import type { Artefact, EntryKey } from '../../compiler/program/index.js';
import type { Device, DeviceInfo, LoadedProgram } from '../device.js';
import { fault } from '../errors.js';
import { cpuInfo } from './device.js';
import {
  errorOf,
  type RemoteAnswers,
  type RemoteCall,
  type RemoteKind,
  type RemoteReply,
  type RemoteRequest,
} from './remote-calls.js';

/** The worker's end of the message channel. */
export interface RemotePort {
  post(reply: RemoteReply): void;
  listen(handler: (request: RemoteRequest) => void): void;
}

/** A started worker that runs `serveDevice`. */
export interface RemoteWorker {
  post(request: RemoteRequest): void;
  terminate(): void;
}

export interface RemoteEvents {
  readonly reply: (reply: RemoteReply) => void;
  /** The worker is gone and was not asked to. */
  readonly death: (reason: string) => void;
}

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** Calls under way on a worker, in order. */
class RemoteChannel {
  readonly #worker: RemoteWorker;
  readonly #pending = new Map<number, Pending>();
  #count = 0;
  #gone: string | null = null;
  #tellLost: (reason: string) => void = () => undefined;
  /** Resolves with the reason when the worker dies, never otherwise. */
  readonly lost: Promise<string>;

  constructor(start: (events: RemoteEvents) => RemoteWorker) {
    this.lost = new Promise(resolve => {
      this.#tellLost = resolve;
    });
    this.#worker = start({ reply: reply => this.#onReply(reply), death: reason => this.#onDeath(reason) });
  }

  /** @throws RuntimeFault `device-lost` */
  check(): void {
    if (this.#gone !== null) throw fault('device-lost', { reason: this.#gone });
  }

  async ask<Kind extends RemoteKind>(
    call: Extract<RemoteCall, { readonly kind: Kind }>,
  ): Promise<RemoteAnswers[Kind]> {
    this.check();
    const number = this.#count++;
    return new Promise<RemoteAnswers[Kind]>((resolve, reject) => {
      this.#pending.set(number, { resolve: resolve as (answer: never) => void, reject });
      this.#worker.post({ number, call });
    });
  }

  #onReply({ number, answer, failure }: RemoteReply): void {
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    if (failure === undefined) pending?.resolve(answer as never);
    else pending?.reject(errorOf(failure));
  }

  #onDeath(reason: string): void {
    if (this.#gone !== null) return;
    this.stop(reason);
    this.#tellLost(reason);
  }

  stop(reason: string): void {
    if (this.#gone !== null) return;
    this.#gone = reason;
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) reject(fault('device-lost', { reason }));
    this.#pending.clear();
  }
}

/**
 * The CPU on one thread that is not the calling one, for pages that may not share memory: everything a program needs
 * lies in the worker, and calls go there as messages.
 */
export class RemoteDevice implements Device {
  readonly info: DeviceInfo;
  readonly #channel: RemoteChannel;
  #programs = 0;

  constructor(start: (events: RemoteEvents) => RemoteWorker, note: string) {
    this.#channel = new RemoteChannel(start);
    this.info = cpuInfo(1, note);
  }

  get lost(): Promise<string> {
    return this.#channel.lost;
  }

  async load(artefact: Artefact): Promise<LoadedProgram> {
    const program = this.#programs++;
    const { maxRuns } = await this.#channel.ask({
      kind: 'load',
      program,
      artefact: { ...artefact, wgsl: {} },
    });
    return new RemoteProgram(this.#channel, program, maxRuns);
  }

  dispose(): void {
    this.#channel.stop('it was disposed of');
  }
}

class RemoteProgram implements LoadedProgram {
  readonly maxRuns: number;
  readonly #channel: RemoteChannel;
  readonly #program: number;
  /** What became of a write; told by the next call. */
  #failed: unknown = null;

  constructor(channel: RemoteChannel, program: number, maxRuns: number) {
    this.#channel = channel;
    this.#program = program;
    this.maxRuns = maxRuns;
  }

  #check(): void {
    this.#channel.check();
    if (this.#failed !== null) throw this.#failed;
  }

  write(buffer: string, content: Float32Array | Uint8Array): void {
    this.#check();
    this.#channel.ask({ kind: 'write', program: this.#program, buffer, content }).catch((error: unknown) => {
      this.#failed ??= error;
    });
  }

  async read(buffer: string): Promise<Float32Array> {
    this.#check();
    return this.#channel.ask({ kind: 'read', program: this.#program, buffer });
  }

  async run(
    entry: EntryKey,
    frames: readonly Uint32Array[],
  ): Promise<Readonly<Record<string, Float32Array>>> {
    this.#check();
    return this.#channel.ask({ kind: 'run', program: this.#program, entry, frames });
  }

  dispose(): void {
    this.#channel.ask({ kind: 'unload', program: this.#program }).catch(() => undefined);
  }
}
