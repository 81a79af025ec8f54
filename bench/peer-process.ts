import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** See bench/peers/serve.js. */
export type PeerRequest =
  | {
      readonly task: 'check';
      readonly layers: number;
      readonly device: string;
      readonly threads: number;
    }
  | {
      readonly task: 'steps';
      readonly layers: number;
      readonly batch: number;
      readonly k: number;
      readonly device: string;
      readonly threads: number;
      readonly rows: string;
    };

export interface RunningPeer {
  readonly send: (line: string) => void;
  /** The next reply. Rejects when the process ends before it. */
  readonly reply: <Message>() => Promise<Message>;
  readonly end: () => void;
}

/** Starts a peer's program. What it writes to stderr is shown only if it fails. */
export function startPeer(
  [program, ...args]: readonly string[],
  request: PeerRequest,
  environment: Readonly<Record<string, string>>,
): RunningPeer {
  const child = spawn(program!, [...args, JSON.stringify(request)], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = `${complaints}${chunk.toString()}`.slice(-2000);
  });
  // A peer that has ended is told of by the reply that does not come.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const stop = () => child.kill();
  process.once('exit', stop);
  return {
    send: line => child.stdin.write(`${line}\n`),
    async reply<Message>() {
      for (let next = await lines.next(); !next.done; next = await lines.next()) {
        // Libraries greet on stdout too.
        if (next.value.startsWith('{')) return JSON.parse(next.value) as Message;
      }
      throw new Error(`${args[0]} ended without an answer:\n${complaints}`);
    },
    end() {
      process.off('exit', stop);
      child.stdin.end();
      child.kill();
    },
  };
}
