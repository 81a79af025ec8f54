import type { Peaks } from '../device.js';

/** A thread that runs `threadMain`, however the platform makes one. */
export interface Thread {
  post(message: ThreadRequest): void;
  /** While held, a waiting Node process does not end. */
  hold(held: boolean): void;
  terminate(): void;
}

export interface ThreadEvents {
  readonly reply: (message: ThreadReply) => void;
  /** The thread is gone and was not asked to. */
  readonly death: (reason: string) => void;
}

/** What the platform gives: threads that share memory, or only the one that calls. */
export interface ThreadHost {
  /** Processor cores. */
  readonly cores: number;
  /** See `Device.peaks`. */
  readonly peaks?: (threads: number) => Promise<Peaks>;
  start(events: ThreadEvents): Thread;
}

/** One end of the message channel between a device and a thread. */
export interface ThreadPort {
  post(message: ThreadReply): void;
  listen(handler: (message: ThreadRequest) => void): void;
}

export type ThreadRequest =
  | {
      readonly kind: 'load';
      readonly program: number;
      readonly module: WebAssembly.Module;
      readonly memory: WebAssembly.Memory;
      readonly kernels: number;
    }
  | { readonly kind: 'unload'; readonly program: number }
  | {
      readonly kind: 'run';
      readonly program: number;
      /** For the reply. */
      readonly number: number;
      readonly run: Submission;
    };

/** When a thread took a submission up, and when it was done with it; milliseconds, on a clock that all threads share. */
export interface Shift {
  readonly began: number;
  readonly ended: number;
}

export type ThreadReply =
  | { readonly kind: 'done'; readonly number: number; readonly shift: Shift }
  | { readonly kind: 'failed'; readonly reason: string };

/** One submission as one of its threads sees it. Addresses are bytes in the program's memory. */
export interface Submission {
  readonly threads: number;
  /** Of this thread, beginning on a word of its own cache line. */
  readonly scratch: number;
  /** Words that the threads meet at; see `threadMain`. */
  readonly control: number;
  /** Launches of the entry, four words each: kernel, address of its bindings, units, 0. */
  readonly launches: number;
  readonly launchCount: number;
  readonly frames: number;
  readonly frameBytes: number;
  readonly runs: number;
  /** 0, or where the times at which the launches end are written: an f64 for the start and one for each launch. */
  readonly times: number;
  /** A number for the submission's first launch; the following ones have the following numbers. */
  readonly tag: number;
}

/** Bytes of the control words: five cache lines. */
export const controlBytes = 320;

/**
 * The body of a thread. It is sent to workers as text, so that it stands for itself: it uses nothing but its argument
 * and the globals of JavaScript.
 *
 * The threads of a submission walk its launches (run after run) together. Launches of one unit are run, in order, by
 * the thread that is last at a barrier; the units of the others are shared out through a counter. Nothing depends on
 * who runs what.
 */
export function threadMain(port: ThreadPort): void {
  type Kernel = (
    frame: number,
    bindings: number,
    scratch: number,
    tag: number,
    begin: number,
    end: number,
  ) => void;
  interface Loaded {
    readonly kernels: readonly Kernel[];
    readonly memory: WebAssembly.Memory;
  }
  // Positions of the control words: threads at the barrier, barriers passed, sleeping threads, the launch that the
  // threads are at, and two unit counters used in turn.
  const arrived = 0;
  const passed = 16;
  const sleeping = 32;
  const position = 48;
  const counters = 64;
  /** Tries before a waiting thread sleeps: some tens of microseconds, longer than most launches. */
  const spins = 4000;
  const programs = new Map<number, Loaded>();
  /** 2026 in milliseconds since 1970: of those an f64 has steps of 0.24 µs, and a short launch took no time at all. */
  const epoch = 1_767_225_600_000;
  /** A worker's own clock may have begun with the worker: https://www.w3.org/TR/hr-time-3/#time-origin. */
  const origin = performance.timeOrigin - epoch;
  const now = () => origin + performance.now();

  const submit = ({ kernels, memory }: Loaded, run: Submission): void => {
    const words = new Int32Array(memory.buffer);
    const control = run.control / 4;
    const launches = run.launches / 4;
    const total = run.launchCount * run.runs;
    const times = run.times === 0 ? null : new Float64Array(memory.buffer, run.times, total + 1);
    /** So many launches are done. */
    const mark = (done: number) => {
      if (times !== null) times[done] = now();
    };
    const launchAt = (at: number) => launches + 4 * (at % run.launchCount);
    const launch = (at: number, begin: number, end: number) => {
      const record = launchAt(at);
      const frame = run.frames + run.frameBytes * Math.floor(at / run.launchCount);
      const kernel = kernels[words[record]!]!;
      kernel(frame, words[record + 1]!, run.scratch, (run.tag + at) | 0, begin, end);
    };
    /** Runs single-unit launches from `at` on; where the next launch for all threads is. */
    const runAlone = (at: number): number => {
      let next = at;
      while (next < total && words[launchAt(next) + 2] === 1) {
        launch(next, 0, 1);
        next++;
        mark(next);
      }
      return next;
    };
    const awaitOthers = (seen: number) => {
      for (let i = 0; i < spins; i++) if (Atomics.load(words, control + passed) !== seen) return;
      Atomics.add(words, control + sleeping, 1);
      while (Atomics.load(words, control + passed) === seen) Atomics.wait(words, control + passed, seen);
      Atomics.sub(words, control + sleeping, 1);
    };
    /** All threads have done launch at - 1. */
    const meet = (at: number): number => {
      const seen = Atomics.load(words, control + passed);
      if (Atomics.add(words, control + arrived, 1) + 1 < run.threads) {
        awaitOthers(seen);
      } else {
        Atomics.store(words, control + arrived, 0);
        mark(at);
        Atomics.store(words, control + position, runAlone(at));
        Atomics.store(words, control + counters + (seen & 1), 0);
        Atomics.store(words, control + passed, (seen + 1) | 0);
        if (Atomics.load(words, control + sleeping) > 0) Atomics.notify(words, control + passed);
      }
      return Atomics.load(words, control + position);
    };
    let at = meet(0);
    while (at < total) {
      const counter = control + counters + ((Atomics.load(words, control + passed) - 1) & 1);
      const units = words[launchAt(at) + 2]!;
      for (let unit = Atomics.add(words, counter, 1); unit < units; unit = Atomics.add(words, counter, 1)) {
        launch(at, unit, unit + 1);
      }
      at = meet(at + 1);
    }
  };

  const handle = (message: ThreadRequest): void => {
    if (message.kind === 'load') {
      const instance = new WebAssembly.Instance(message.module, { env: { memory: message.memory } });
      const kernels = Array.from(
        { length: message.kernels },
        (_, i) => instance.exports[`k${i}`] as unknown as Kernel,
      );
      programs.set(message.program, { kernels, memory: message.memory });
    } else if (message.kind === 'unload') {
      programs.delete(message.program);
    } else {
      const began = now();
      submit(programs.get(message.program)!, message.run);
      port.post({ kind: 'done', number: message.number, shift: { began, ended: now() } });
    }
  };

  port.listen(message => {
    try {
      handle(message);
    } catch (error) {
      port.post({ kind: 'failed', reason: String(error) });
    }
  });
}
