import { fault } from '../errors.js';
import type { Shift, Submission, Thread, ThreadHost, ThreadReply, ThreadRequest } from './thread.js';

interface Pending {
  waiting: number;
  /** While all threads that are done were at work. */
  shift: Shift;
  readonly resolve: (shift: Shift) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The threads of one device. Each submission runs on all of them, one after another in the order in which they are made;
 * the next may wait at the threads while one runs, so that they need not wait for the host between.
 */
export class ThreadPool {
  readonly #threads: readonly Thread[];
  /** By their numbers. */
  readonly #pending = new Map<number, Pending>();
  #submissions = 0;
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

  /**
   * Tells when all threads were at work on it.
   * @throws RuntimeFault `device-lost` if a thread dies or a kernel fails on the way
   */
  async run(program: number, submission: (thread: number) => Submission): Promise<Shift> {
    this.check();
    const number = ++this.#submissions;
    return new Promise((resolve, reject) => {
      const shift = { began: Number.NEGATIVE_INFINITY, ended: Number.POSITIVE_INFINITY };
      this.#pending.set(number, { waiting: this.#threads.length, shift, resolve, reject });
      this.#threads.forEach((thread, i) => {
        thread.hold(true);
        thread.post({ kind: 'run', program, number, run: submission(i) });
      });
    });
  }

  #onReply(message: ThreadReply): void {
    if (message.kind === 'failed') {
      this.#onDeath(`a kernel failed: ${message.reason}`);
      return;
    }
    const { number, shift } = message;
    const pending = this.#pending.get(number);
    if (pending === undefined) return;
    pending.waiting--;
    pending.shift = {
      began: Math.max(pending.shift.began, shift.began),
      ended: Math.min(pending.shift.ended, shift.ended),
    };
    if (pending.waiting > 0) return;
    this.#pending.delete(number);
    if (this.#pending.size === 0) for (const thread of this.#threads) thread.hold(false);
    pending.resolve(pending.shift);
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
    for (const { reject } of this.#pending.values()) reject(fault('device-lost', { reason }));
    this.#pending.clear();
  }

  dispose(): void {
    if (this.#gone === null) this.#stop('it was disposed of');
  }
}
