#!/usr/bin/env node
import { CommanderError } from 'commander';
import { runnerFor } from './command.js';
import { type Exit, exitCodes } from './exit-codes.js';
import { Failure } from './failure.js';
import { describeProgram } from './program.js';
import { explained, report } from './report.js';
import { endQuietlyOnClosedPipe, openTerminal } from './terminal.js';

/** Commander has printed help or the version already, or refuses the line with a message of its own. */
function refusal(error: CommanderError): Failure | null {
  if (error.exitCode === 0) return null;
  if (error.code === 'commander.help')
    return new Failure('usage', 'no command was given', { help: 'see `iwaec --help`' });
  const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = more.join(' ').trim();
  return new Failure('usage', message, {
    help: suggestion === '' ? 'see `iwaec --help`' : suggestion.replace(/^\((.*)\)$/, '$1'),
  });
}

/** The process ends by itself when nothing is left to do: ending it from here could cut off output to a pipe. */
async function main(args: readonly string[]): Promise<Exit> {
  let exit: Exit = 'ok';
  const program = describeProgram(
    runnerFor(settled => {
      exit = settled;
    }),
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    const terminal = openTerminal({ json: args.includes('--json'), debug: args.includes('--debug') });
    const failure = error instanceof CommanderError ? refusal(error) : await explained(error);
    return failure === null ? 'ok' : report(failure, terminal);
  }
}

endQuietlyOnClosedPipe();
process.exitCode = exitCodes[await main(process.argv.slice(2))];
