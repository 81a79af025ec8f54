import type { Answer, AnswerMessage, CallMessage, CallName, Request } from './messages.js';

/** Longer than any program takes that a page can train; then the worker is started again. */
const patienceMilliseconds = 60_000;

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  readonly timer: number;
}

/** The compiler in a worker of its own. */
export class CompilerClient {
  #worker: Worker | null = null;
  #count = 0;
  readonly #pending = new Map<number, Pending>();

  /** Rejects where the compiler fails, not where the program is wrong. */
  call<Name extends CallName>(name: Name, request: Request<Name>): Promise<Answer<Name>> {
    const number = this.#count++;
    return new Promise<Answer<Name>>((resolve, reject) => {
      const timer = window.setTimeout(
        () => this.#restart(`the compiler did not answer within ${patienceMilliseconds / 1000} s`),
        patienceMilliseconds,
      );
      this.#pending.set(number, { resolve: resolve as (answer: never) => void, reject, timer });
      const message: CallMessage = { number, name, request };
      this.#started().postMessage(message);
    });
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = (event: MessageEvent<AnswerMessage>) => this.#onAnswer(event.data);
    worker.onerror = event => this.#restart(event.message || "the compiler's script could not be loaded");
    this.#worker = worker;
    return worker;
  }

  #onAnswer({ number, answer, failure }: AnswerMessage): void {
    const pending = this.#pending.get(number);
    if (pending === undefined) return;
    this.#pending.delete(number);
    window.clearTimeout(pending.timer);
    if (failure === undefined) pending.resolve(answer as never);
    else pending.reject(new Error(failure));
  }

  #restart(reason: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject, timer } of this.#pending.values()) {
      window.clearTimeout(timer);
      reject(new Error(reason));
    }
    this.#pending.clear();
  }
}
