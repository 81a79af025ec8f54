import { createColors } from 'picocolors';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/**
 * Where a command speaks: `answer` goes to stdout, `note` to stderr. With `--json` there is no answer but the one
 * object, so `answer` falls silent.
 */
export interface Terminal {
  readonly json: boolean;
  readonly debug: boolean;
  readonly colours: ReturnType<typeof createColors>;
  answer(text: string): void;
  note(text: string): void;
  result(value: JsonValue): void;
}

const coloured = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';

const line = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

export function openTerminal(options: { readonly json: boolean; readonly debug: boolean }): Terminal {
  const colours = createColors(coloured(options.json ? process.stderr : process.stdout));
  return {
    ...options,
    colours,
    answer: text => {
      if (!options.json) process.stdout.write(line(text));
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
