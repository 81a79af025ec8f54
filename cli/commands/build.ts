import { InvalidArgumentError, Option } from 'commander';
import type { Precision, StageName } from '../../compiler/index.js';
import { writeArtefact } from '../artefact.js';
import type { Register } from '../command.js';
import { compiler } from '../doors.js';
import { common, type OverrideWish, overrideOptions, precisionOption } from '../options.js';
import { compileSpec, overridesOf, readSpec, reportDiagnostics, requestFor } from '../spec.js';
import { statistics, statisticsTable } from '../statistics.js';
import type { Terminal } from '../terminal.js';
import { tuningToShip } from '../tuning/choose.js';

interface Options extends OverrideWish {
  readonly out?: string;
  readonly emit?: StageName;
  readonly stats?: boolean;
  readonly why?: boolean;
  readonly model?: string;
  readonly precision?: Precision;
  readonly verify?: boolean;
  readonly tuning?: string;
  readonly adapter?: string;
}

/** Kept equal to the compiler's own list by its type, so that help needs no compiler. */
const stages: Readonly<Record<StageName, true>> = {
  ast: true,
  model: true,
  tensor: true,
  kernel: true,
  wgsl: true,
};

function stage(text: string): StageName {
  const found = (Object.keys(stages) as StageName[]).find(name => name === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It must be one of ${Object.keys(stages).join(', ')}.`);
}

export const build: Register = (program, run) => {
  const command = program
    .command('build')
    .description('compile a .iwae file to a program that runs without the compiler')
    .argument('<spec>', 'a .iwae file')
    .option('-o, --out <folder>', 'where to write it (default: build/<model>)')
    .addOption(
      new Option(
        '--emit <stage>',
        `print a stage and write nothing: ${Object.keys(stages).join(', ')}`,
      ).argParser(stage),
    )
    .option('--stats', 'show what a step costs: dispatches, operations, memory')
    .option('--why', 'print what goes into each dispatch and why, and write nothing')
    .option('--verify', 'check the program after every pass of the compiler')
    .option('--tuning <file>', 'build with the schedules that `iwaec tune` measured (default: by rule)')
    .option('--adapter <name>', 'of several devices in that file the one whose schedules to take')
    .option('--model <name>', 'the model to build, where the file declares several');
  common(
    precisionOption(overrideOptions(command)),
    'iwaec build specs/mnist2l.iwae --k 50 -o build/mnist2l --stats',
  ).action(
    run<Options>(async (terminal, options, spec = '') => {
      if (options.emit !== undefined) return emit(terminal, spec, options.emit, options);
      if (options.why === true) return why(terminal, spec, options);
      return write(terminal, spec, options);
    }),
  );
};

const requested = async (spec: string, { model, precision, verify, ...options }: Options) => ({
  model,
  precision,
  verify: verify === true,
  overrides: overridesOf(options),
  tuning: await tuningToShip(spec, options),
});

/** A stage that was reached is printed even where a later one fails, because that is when one wants to see it. */
async function emit(terminal: Terminal, path: string, name: StageName, options: Options) {
  const { compile } = await compiler();
  const compilation = await compile(requestFor(readSpec(path), await requested(path, options)));
  const text = compilation.print(name);
  if (text !== null) terminal.answer(text);
  await reportDiagnostics(terminal, compilation.diagnostics);
  terminal.result({ stage: name, text });
  return 'ok' as const;
}

async function why(terminal: Terminal, path: string, options: Options) {
  const { compile } = await compiler();
  const compilation = await compile(requestFor(readSpec(path), await requested(path, options)));
  const text = compilation.why();
  if (text !== null) terminal.answer(text);
  await reportDiagnostics(terminal, compilation.diagnostics);
  terminal.result({ why: text });
  return 'ok' as const;
}

async function write(terminal: Terminal, path: string, options: Options) {
  const { artefact, diagnostics } = await compileSpec(terminal, path, await requested(path, options));
  const { program } = artefact;
  const folder = options.out ?? `build/${program.model.name}`;
  await writeArtefact(folder, artefact);
  const facts = statistics(program);
  if (options.stats === true) terminal.answer(`${statisticsTable(facts)}\n`);
  terminal.answer(`wrote ${folder} (${program.kernels.length} kernels)`);
  terminal.result({ out: folder, kernels: program.kernels.length, ...facts, diagnostics });
  return 'ok' as const;
}
