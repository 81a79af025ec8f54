import { spawn } from 'node:child_process';
import { type Exit, exitCodes } from '../exit-codes.js';
import { exitOfSignal, isEndSignal } from '../interrupt.js';

export interface ChildOutcome {
  readonly exit: Exit;
  /** What ended it before it could end by itself, other than a wish to stop. */
  readonly killed: NodeJS.Signals | null;
  /** The one object of `--json`; empty where there is none. */
  readonly result: Readonly<Record<string, unknown>>;
}

/**
 * Whether `runChild` started this process: what comes after it is its caller's business, so nobody need be told. Of all
 * that starts a command line, it alone opens a channel to it.
 */
export const isChild = (): boolean => process.send !== undefined;

/** More output than this is not kept. */
const mostOutput = 64 * 2 ** 20;

/**
 * Runs this command line in a process of its own: whatever becomes of it, the caller goes on. What it says goes to stderr.
 * An abort asks it to stop in order, and so does the end of this process, however it comes: see `listenForInterrupt`.
 */
export function runChild(words: readonly string[], signal: AbortSignal): Promise<ChildOutcome> {
  const main = process.argv[1]!;
  const child = spawn(process.execPath, [...process.execArgv, main, ...words, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let output = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < mostOutput) output += text;
  });
  // At a terminal the child has had the signal already; so soon after the first it counts for one.
  const stop = () => child.kill('SIGINT');
  signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, killed) => {
      signal.removeEventListener('abort', stop);
      resolve({ ...endOf(code, killed), result: parsed(output) });
    });
  });
}

/** Before a child listens to a wish to stop, and it does not while it compiles, that ends it as a signal. */
function endOf(code: number | null, killed: NodeJS.Signals | null): Omit<ChildOutcome, 'result'> {
  if (killed === null) return { exit: exitNamed(code ?? 0), killed };
  return isEndSignal(killed) ? { exit: exitOfSignal[killed], killed: null } : { exit: 'internal', killed };
}

const exitNamed = (code: number): Exit =>
  (Object.keys(exitCodes) as Exit[]).find(name => exitCodes[name] === code) ?? 'internal';

function parsed(output: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(output);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** Code and message of an outcome's error. */
export function errorOf({ exit, killed, result }: ChildOutcome): {
  readonly code: string;
  readonly message: string;
} {
  if (killed !== null) {
    const reason = killed === 'SIGKILL' ? '; where memory runs out, the system does that' : '';
    return { code: 'killed', message: `its process was ended by ${killed}${reason}` };
  }
  const { error } = result;
  const facts =
    typeof error === 'object' && error !== null ? (error as Readonly<Record<string, unknown>>) : {};
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);
  return {
    code: text(facts.code, exit),
    message: text(facts.message, `it ended with status ${exitCodes[exit]}`),
  };
}
