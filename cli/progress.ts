import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.js';
import { bytes, duration, nats } from './words.js';

/** A line that tells how far a long work is. */
export interface ProgressLine {
  update(state: { readonly done: number; readonly total: number; readonly text: string }): void;
  stop(): void;
}

/** Where stderr is no terminal: seconds between two lines in the midst of something long. */
const quietSeconds = 30;

function bar(): ProgressLine {
  const line = new SingleBar(
    {
      format: '{bar} {percentage}%  {text}',
      barsize: 24,
      fps: 8,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  let started = false;
  // A second Ctrl-C ends the process at once: without this the terminal had no cursor after it, and long lines were cut.
  const stop = () => line.stop();
  return {
    update: ({ done, total, text }) => {
      if (started) return line.update(done, { text });
      line.start(total, done, { text });
      process.once('exit', stop);
      started = true;
    },
    stop: () => {
      if (!started) return;
      process.off('exit', stop);
      stop();
    },
  };
}

function plainLines(terminal: Terminal): ProgressLine {
  let last = performance.now();
  return {
    update: ({ done, total, text }) => {
      if (done >= total || performance.now() - last < quietSeconds * 1000) return;
      last = performance.now();
      terminal.note(`${Math.floor((100 * done) / total)}%  ${text}`);
    },
    stop: () => undefined,
  };
}

export const progressLine = (terminal: Terminal): ProgressLine =>
  process.stderr.isTTY ? bar() : plainLines(terminal);

/** `epoch 1/3  bound -112.31  812 steps/s  ETA 12 s`; with an objective that is one of several, its name instead. */
export function trainingText(state: {
  readonly epoch: number;
  readonly epochs: number;
  readonly objective: string | null;
  readonly bound: number;
  readonly stepsPerSecond: number;
  readonly secondsLeft: number;
}): string {
  const rate = state.stepsPerSecond < 10 ? state.stepsPerSecond.toFixed(1) : state.stepsPerSecond.toFixed(0);
  const left = duration(state.secondsLeft);
  return `epoch ${state.epoch}/${state.epochs}  ${state.objective ?? 'bound'} ${nats(state.bound)}  ${rate} steps/s  ETA ${left}`;
}

interface Fetched {
  readonly url: string;
  readonly done: number;
  readonly total: number | null;
  readonly secondsLeft: number;
}

/** Progress of files that are fetched; the first bytes of each say from where. */
export function fetchProgress(terminal: Terminal) {
  const line = progressLine(terminal);
  let announced = '';
  return {
    update: (file: string, { url, done, total, secondsLeft }: Fetched) => {
      if (announced !== url) terminal.note(`fetching ${url}${total === null ? '' : ` (${bytes(total)})`}`);
      announced = url;
      line.update({
        done,
        total: total ?? done + 1,
        text: `${file}  ${bytes(done)}  ETA ${duration(secondsLeft)}`,
      });
    },
    stop: () => line.stop(),
  };
}
