import type { Register } from '../command.js';
import { compiler } from '../doors.js';
import { common } from '../options.js';
import { compileSpec } from '../spec.js';
import { summary, summaryJson } from '../summary.js';

interface Options {
  readonly model?: string;
}

export const check: Register = (program, run) => {
  const command = program
    .command('check')
    .description('find every mistake in a .iwae file')
    .argument('<spec>', 'a .iwae file')
    .option('--model <name>', 'the model to look at, where the file declares several');
  common(command, 'iwaec check specs/mnist2l.iwae').action(
    run<Options>(async (terminal, options, spec = '') => {
      const { artefact, compilation } = await compileSpec(terminal, spec, { model: options.model });
      const { diagnosticToJson } = await compiler();
      const { colours } = terminal;
      terminal.answer(`${colours.green('ok')} ${colours.bold(artefact.program.model.name)} (${spec})`);
      terminal.answer(summary(artefact.program));
      terminal.result({
        ...summaryJson(artefact.program),
        diagnostics: compilation.diagnostics.map(diagnosticToJson),
      });
      return 'ok';
    }),
  );
};
