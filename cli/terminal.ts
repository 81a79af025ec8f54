import { createColors } from 'picocolors';

/**
 * Where a command speaks: `answer` is what was asked for, on stdout; `note` goes to stderr. With `--json` stdout belongs to
 * the one object of `result`, and answers go to stderr.
 */
export interface Terminal {
  readonly json: boolean;
  readonly debug: boolean;
  readonly colours: ReturnType<typeof createColors>;
  answer(text: string): void;
  note(text: string): void;
  /** The one object of `--json`. */
  result(value: object): void;
}

const coloured = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';

const line = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

export function openTerminal(options: { readonly json: boolean; readonly debug: boolean }): Terminal {
  const colours = createColors(coloured(options.json ? process.stderr : process.stdout));
  return {
    ...options,
    colours,
    answer: text => {
      (options.json ? process.stderr : process.stdout).write(line(text));
    },
    note: text => {
      process.stderr.write(line(text));
    },
    result: value => {
      if (options.json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
}

/** A reader that leaves early (`iwaec ... | head`) is no error: the writing stops and the status stays what it was. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(process.exitCode ?? 0);
    });
  }
}
