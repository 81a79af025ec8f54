import { columns, type ExamineOptions, examine, modelOf } from '../certificate.js';
import type { Register } from '../command.js';
import { compiler } from '../doors.js';
import { common, whole } from '../options.js';
import { counted } from '../words.js';

export const checkGrad: Register = (program, run) => {
  const command = program
    .command('check-grad')
    .description('compare the gradient of every parameter with finite differences')
    .argument('<spec>', 'a .iwae file')
    .option('--model <name>', 'the model to look at, where the file declares several')
    .option('--k <count>', 'samples, in place of those of the bound', whole(1))
    .option('--elements <count>', 'elements of each parameter, a seeded sample (default: 4)', whole(1));
  common(command, 'iwaec check-grad specs/ppca.iwae').action(
    run<ExamineOptions>(async (terminal, options, spec = '') => {
      const model = await modelOf(terminal, spec, options);
      const { checkGradients } = await compiler();
      const found = examine(terminal, options, settings => checkGradients(model, settings));
      const { colours } = terminal;
      const rows = found.rows.map(({ parameter, size, elements, error, ok }) => [
        parameter,
        `${elements} of ${size}`,
        error.toExponential(1),
        ok ? 'ok' : 'WRONG',
      ]);
      const bad = found.rows.filter(({ ok }) => !ok).length;
      terminal.answer(
        `${colours.bold(model.name)}, ${model.objective.text}: gradients against five-point differences in f64, batch ${found.batch}`,
      );
      terminal.answer(columns(['parameter', 'elements', 'largest error', ''], rows));
      terminal.answer(
        found.ok
          ? `${colours.green('ok')}: no error above ${found.tolerance} of a parameter's largest gradient`
          : `${colours.red('wrong')}: ${counted(bad, 'parameter')} above ${found.tolerance} of the largest gradient`,
      );
      terminal.result({ model: model.name, bound: model.objective.text, ...found });
      return found.ok ? 'ok' : 'program';
    }),
  );
};
