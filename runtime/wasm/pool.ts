import { fault } from '../errors.js';
import type { Submission, Thread, ThreadHost, ThreadReply, ThreadRequest } from './thread.js';

interface Pending {
  waiting: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The threads of one device. Submissions run one after another, each on all threads. */
export class ThreadPool {
  readonly #threads: readonly Thread[];
  #pending: Pending | null = null;
  /** Ends with the submissions made so far. */
  #turn: Promise<void> = Promise.resolve();
  #gone: string | null = null;
  #tellLost: (reason: string) => void = () => undefined;
  /** Resolves with the reason when a thread dies, never otherwise. */
  readonly lost: Promise<string>;

  constructor(host: ThreadHost, threads: number) {
    this.lost = new Promise(resolve => {
      this.#tellLost = resolve;
    });
    this.#threads = Array.from({ length: threads }, () =>
      host.start({ reply: message => this.#onReply(message), death: reason => this.#onDeath(reason) }),
    );
  }

  get size(): number {
    return this.#threads.length;
  }

  /** @throws RuntimeFault `device-lost` */
  check(): void {
    if (this.#gone !== null) throw fault('device-lost', { reason: this.#gone });
  }

  broadcast(message: ThreadRequest): void {
    for (const thread of this.#threads) thread.post(message);
  }

  /** @throws RuntimeFault `device-lost` if a thread dies or a kernel fails on the way */
  run(program: number, submission: (thread: number) => Submission): Promise<void> {
    const result = this.#turn.then(() => this.#start(program, submission));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #start(program: number, submission: (thread: number) => Submission): Promise<void> {
    this.check();
    return new Promise((resolve, reject) => {
      this.#pending = { waiting: this.#threads.length, resolve, reject };
      this.#threads.forEach((thread, i) => {
        thread.hold(true);
        thread.post({ kind: 'run', program, run: submission(i) });
      });
    });
  }

  #onReply(message: ThreadReply): void {
    if (message.kind === 'failed') {
      this.#onDeath(`a kernel failed: ${message.reason}`);
      return;
    }
    const pending = this.#pending;
    if (pending === null) return;
    pending.waiting--;
    if (pending.waiting > 0) return;
    this.#pending = null;
    for (const thread of this.#threads) thread.hold(false);
    pending.resolve();
  }

  /** The other threads may wait for it for ever. */
  #onDeath(reason: string): void {
    if (this.#gone !== null) return;
    this.#stop(reason);
    this.#tellLost(reason);
  }

  #stop(reason: string): void {
    this.#gone = reason;
    for (const thread of this.#threads) thread.terminate();
    this.#pending?.reject(fault('device-lost', { reason }));
    this.#pending = null;
  }

  dispose(): void {
    if (this.#gone === null) this.#stop('it was disposed of');
  }
}
