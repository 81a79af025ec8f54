import type { Register } from '../command.js';
import { compiler } from '../doors.js';
import { common } from '../options.js';
import { readSpec, reportDiagnostics, requestFor } from '../spec.js';
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
      const { check: checkFile } = await compiler();
      const { diagnostics, model } = checkFile(requestFor(readSpec(spec), options));
      const reported = await reportDiagnostics(terminal, diagnostics);
      const { colours } = terminal;
      const name = model === null ? 'definitions, no model' : colours.bold(model.name);
      terminal.answer(`${colours.green('ok')} ${name} (${spec})`);
      if (model !== null) terminal.answer(summary(model));
      const facts = model === null ? { model: null } : summaryJson(model);
      terminal.result({ ...facts, diagnostics: reported });
      return 'ok';
    }),
  );
};
