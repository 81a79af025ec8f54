import { columns, type ExamineOptions, examine, modelOf } from '../certificate.js';
import type { Register } from '../command.js';
import { compiler } from '../doors.js';
import { common, whole } from '../options.js';
import { count } from '../words.js';

interface Options extends ExamineOptions {
  readonly draws?: number;
}

export const checkBias: Register = (program, run) => {
  const command = program
    .command('check-bias')
    .description("find out whether the networks' gradients are, on average, those of the reported bound")
    .argument('<spec>', 'a .iwae file')
    .option('--model <name>', 'the model to look at, where the file declares several')
    .option('--k <count>', 'samples, in place of those of the bound', whole(1))
    .option('--elements <count>', 'elements of each parameter, a seeded sample (default: 8)', whole(1))
    .option('--draws <count>', 'draws of the latents (default: from the size of the model)', whole(2));
  common(command, 'iwaec check-bias specs/ppca.iwae').action(
    run<Options>(async (terminal, options, spec = '') => {
      const model = await modelOf(terminal, spec, options);
      const compilerDoor = await compiler();
      const { draws } = options;
      const found = examine(terminal, options, settings =>
        compilerDoor.checkBias(model, { ...settings, ...(draws === undefined ? {} : { draws }) }),
      );
      const { colours } = terminal;
      const drawn = found.draws === 0 ? '' : `, ${count(found.draws)} draws, batch ${found.batch}`;
      terminal.answer(
        `${colours.bold(model.name)}, ${model.objective.text}: expected gradients against those of the reported value${drawn}`,
      );
      for (const role of found.exact)
        terminal.answer(`  ${role}: the gradient of the reported value, draw by draw`);
      const rows = found.rows.map(({ parameter, size, elements, deviation, ok }) => [
        parameter,
        `${elements} of ${size}`,
        deviation.toFixed(1),
        ok ? 'ok' : 'BIASED',
      ]);
      if (rows.length > 0)
        terminal.answer(columns(['parameter', 'elements', 'largest deviation / standard error', ''], rows));
      terminal.answer(
        found.ok
          ? `${colours.green('ok')}: no bias${found.rows.length === 0 ? '' : ` above ${found.tolerance} standard errors`}`
          : `${colours.red('biased')}: on average ${found.biased.join(' and ')} does not ascend the reported bound`,
      );
      terminal.result({ model: model.name, bound: model.objective.text, ...found });
      return found.ok ? 'ok' : 'program';
    }),
  );
};
