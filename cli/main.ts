#!/usr/bin/env node
import { type Command, CommanderError } from 'commander';
import { runnerFor } from './command.js';
import { type Exit, exitCodes } from './exit-codes.js';
import { Failure } from './failure.js';
import { describeProgram } from './program.js';
import { explained, report } from './report.js';
import { endQuietlyOnClosedPipe, openTerminal } from './terminal.js';

/** Commander has printed help or the version already, or refuses the line with a message of its own. */
function refusal(error: CommanderError, help: string): Failure | null {
  if (error.exitCode === 0) return null;
  const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = more.join(' ').trim();
  return new Failure('usage', message, {
    help: suggestion === '' ? help : suggestion.replace(/^\((.*)\)$/, '$1'),
  });
}

/** The help that is closest to what was typed. */
function helpFor(program: Command, [name]: readonly string[]): string {
  const command = program.commands.find(candidate => candidate.name() === name);
  return command === undefined ? 'iwaec --help' : `iwaec ${command.name()} --help`;
}

/** The process ends by itself when nothing is left to do: ending it from here could cut off output to a pipe. */
async function main(args: readonly string[]): Promise<Exit> {
  let exit: Exit = 'ok';
  const program = describeProgram(
    runnerFor(settled => {
      exit = settled;
    }),
  );
  if (args.length === 0) {
    program.outputHelp();
    return 'usage';
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    const terminal = openTerminal({ json: args.includes('--json'), debug: args.includes('--debug') });
    const failure =
      error instanceof CommanderError
        ? refusal(error, `see \`${helpFor(program, args)}\``)
        : await explained(error);
    return failure === null ? 'ok' : report(failure, terminal);
  }
}

endQuietlyOnClosedPipe();
process.exitCode = exitCodes[await main(process.argv.slice(2))];
