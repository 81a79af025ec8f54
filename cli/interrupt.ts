import { setImmediate } from 'node:timers/promises';
import { type Exit, exitCodes } from './exit-codes.js';
import type { Terminal } from './terminal.js';

export interface Interrupt {
  /** Aborts at the first SIGINT or SIGTERM, or when the process of `iwaec` that started this one is gone. */
  readonly signal: AbortSignal;
  /** How the process must end if a signal came, else null. */
  exit(): Exit | null;
  /** The same, with a signal that came while the event loop stood still. */
  told(): Promise<Exit | null>;
  /** Gives the signals back to Node. */
  release(): void;
}

/** The signals that ask for an end, and how a process ends that was asked by one. */
export const exitOfSignal = {
  SIGINT: 'interrupted',
  SIGTERM: 'terminated',
} as const satisfies Partial<Record<NodeJS.Signals, Exit>>;

type EndSignal = keyof typeof exitOfSignal;
const endSignals = Object.keys(exitOfSignal) as EndSignal[];

export const isEndSignal = (name: string): name is EndSignal => Object.hasOwn(exitOfSignal, name);

/** How a process ends that was asked to. */
export type Stopped = (typeof exitOfSignal)[EndSignal];

/**
 * `npx` and `timeout` pass on a signal that the whole process group has had already, so one Ctrl-C arrives twice. What
 * comes this soon after the first is the same wish.
 */
const echoMilliseconds = 500;

/**
 * The first signal asks for an orderly end, the second ends the process at once. A queue that is killed outright sends no
 * signal: its end closes the channel to its children.
 * https://nodejs.org/docs/latest-v20.x/api/process.html#event-disconnect
 */
export function listenForInterrupt(terminal: Terminal, orderly: string): Interrupt {
  const controller = new AbortController();
  let exit: Exit | null = null;
  let since = 0;
  const stop = (name: Exit, words: string) => {
    exit = name;
    since = performance.now();
    terminal.note(words);
    controller.abort();
  };
  const listen = (name: Exit) => () => {
    if (exit !== null && performance.now() - since < echoMilliseconds) return;
    if (exit !== null) process.exit(exitCodes[exit]);
    stop(name, `\n${orderly} (once more to end at once)`);
  };
  const onOrphaned = () => {
    if (exit === null) stop('terminated', `\nthe process that started this one is gone; ${orderly}`);
  };
  const listeners = endSignals.map(name => [name, listen(exitOfSignal[name])] as const);
  for (const [name, listener] of listeners) process.on(name, listener);
  process.on('disconnect', onOrphaned);
  // A listener alone would keep this process from ending.
  process.channel?.unref();
  if (process.connected === false) onOrphaned();
  return {
    signal: controller.signal,
    exit: () => exit,
    told: async () => {
      await untilTold();
      return exit;
    },
    release: () => {
      for (const [name, listener] of listeners) process.off(name, listener);
      process.off('disconnect', onOrphaned);
    },
  };
}

/** Signals are told between two turns of the event loop: behind two of them, one that came during a turn has been told. */
async function untilTold(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/**
 * Does work that must not be cut in two, such as putting one folder in another's place. Where nobody listens to signals,
 * one that comes meanwhile ends the process right behind it.
 */
export async function uncut<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  const names = endSignals.filter(name => process.listenerCount(name) === 0);
  const came = new Set<NodeJS.Signals>();
  const hold = (name: NodeJS.Signals) => came.add(name);
  for (const name of names) process.on(name, hold);
  try {
    return await work();
  } finally {
    if (names.length > 0) await untilTold();
    for (const name of names) process.off(name, hold);
    for (const name of came) process.kill(process.pid, name);
  }
}
