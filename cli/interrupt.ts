import { type Exit, exitCodes } from './exit-codes.js';
import type { Terminal } from './terminal.js';

export interface Interrupt {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** How the process must end if a signal came, else null. */
  exit(): Exit | null;
  /** Gives the signals back to Node. */
  release(): void;
}

/**
 * `npx` and `timeout` pass on a signal that the whole process group has had already, so one Ctrl-C arrives twice. What
 * comes this soon after the first is the same wish.
 */
const echoMilliseconds = 500;

/** The first signal asks for an orderly end, the second ends the process at once. */
export function listenForInterrupt(terminal: Terminal, orderly: string): Interrupt {
  const controller = new AbortController();
  let exit: Exit | null = null;
  let since = 0;
  const listen = (name: Exit) => () => {
    if (exit !== null && performance.now() - since < echoMilliseconds) return;
    if (exit !== null) process.exit(exitCodes[exit]);
    exit = name;
    since = performance.now();
    terminal.note(`\n${orderly} (once more to end at once)`);
    controller.abort();
  };
  const onInterrupt = listen('interrupted');
  const onTerminate = listen('terminated');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    exit: () => exit,
    release: () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}
