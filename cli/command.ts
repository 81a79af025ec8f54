import { Command } from 'commander';
import type { Exit } from './exit-codes.js';
import type { CommonOptions } from './options.js';
import { openTerminal, type Terminal } from './terminal.js';

/** What a command does once its line is understood. Returns how the process ends; nothing: `ok`. */
export type Action<Options> = (
  terminal: Terminal,
  options: Options & CommonOptions,
  ...operands: readonly string[]
) => Promise<Exit | undefined>;

export type Runner = <Options extends object>(
  action: Action<Options>,
) => (...args: readonly unknown[]) => Promise<void>;

/** Describes a command to `program`; its action goes through `run`. */
export type Register = (program: Command, run: Runner) => void;

/** Commander hands an action its operands, several of one argument as a list, then the options, then the command itself. */
export function runnerFor(settle: (exit: Exit) => void): Runner {
  return <Options extends object>(action: Action<Options>) =>
    async (...args: readonly unknown[]) => {
      const command = args.at(-1);
      if (!(command instanceof Command)) throw new Error('an action was called without its command');
      const options = command.opts<Options & CommonOptions>();
      const terminal = openTerminal({ json: options.json === true, debug: options.debug === true });
      const operands = args
        .slice(0, -2)
        .flat()
        .filter(operand => typeof operand === 'string');
      settle((await action(terminal, options, ...operands)) ?? 'ok');
    };
}
