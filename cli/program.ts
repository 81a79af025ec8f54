import { Command } from 'commander';
import type { Register, Runner } from './command.js';
import { build } from './commands/build.js';
import { check } from './commands/check.js';
import { checkBias } from './commands/check-bias.js';
import { checkGrad } from './commands/check-grad.js';
import { data } from './commands/data.js';
import { doctor } from './commands/doctor.js';
import { evaluate } from './commands/eval.js';
import { explain } from './commands/explain.js';
import { fmt } from './commands/fmt.js';
import { profile } from './commands/profile.js';
import { reconstruct } from './commands/reconstruct.js';
import { report } from './commands/report.js';
import { run as runGrid } from './commands/run.js';
import { sample } from './commands/sample.js';
import { train } from './commands/train.js';
import { tune } from './commands/tune.js';
import { version } from './version.js';

/** In the order of the help. */
const commands: readonly Register[] = [
  check,
  checkGrad,
  checkBias,
  fmt,
  build,
  profile,
  tune,
  data,
  train,
  evaluate,
  sample,
  reconstruct,
  runGrid,
  report,
  explain,
  doctor,
];

const epilogue = `
Example:
  $ iwaec train specs/mnist1l.iwae --epochs 1

Exit status: 0 done, 1 errors in the .iwae program, 2 wrong usage, 3 data or checkpoint,
4 device, 5 bug of iwaec, 6 training diverged, 130 and 143 interrupted (state saved).`;

/** The whole command line, described; it throws a `CommanderError` instead of ending the process. */
export function describeProgram(run: Runner): Command {
  const program = new Command('iwaec')
    .description(
      'A language and compiler for deep latent-variable models: VAE, IWAE and every bound between.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .usage('<command> [options]')
    .addHelpText('after', epilogue);
  for (const register of commands) register(program, run);
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .showSuggestionAfterError(true)
      .helpOption('-h, --help', 'show help')
      .configureHelp({ sortSubcommands: false });
  }
  return program;
}
