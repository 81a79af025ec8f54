import { Option } from 'commander';
import type { MeasuredSchedule, Precision } from '../../compiler/index.js';
import type { Register } from '../command.js';
import { withDevice } from '../device.js';
import { listenForInterrupt } from '../interrupt.js';
import { common, type OverrideWish, overrideOptions, precisionOption, time } from '../options.js';
import { progressLine } from '../progress.js';
import { compileSpec, overridesOf } from '../spec.js';
import { targetOf } from '../tuning/choose.js';
import { readTuning, tuningBeside, writeTuning } from '../tuning/file.js';
import { tuningTable } from '../tuning/table.js';
import { type TuneResult, tuneStep } from '../tuning/tune.js';
import { counted, duration } from '../words.js';

interface Options extends OverrideWish {
  readonly out?: string;
  readonly budget: number;
  readonly model?: string;
  readonly precision?: Precision;
}

export const tune: Register = (program, run) => {
  const command = program
    .command('tune')
    .description('time other schedules of a training step on the device, and keep those that are faster')
    .argument('<spec>', 'a .iwae file')
    .option('-o, --out <file>', 'where to keep them (default: tuning.json beside the spec)')
    .addOption(
      new Option('--budget <time>', 'stop looking after this time, such as 90s or 10m')
        .argParser(time)
        .default(120, '2m'),
    )
    .option('--model <name>', 'the model, where the file declares several');
  common(precisionOption(overrideOptions(command)), 'iwaec tune specs/mnist1l.iwae --budget 5m').action(
    run<Options>(async (terminal, options, path = '') => {
      const out = options.out ?? tuningBeside(path);
      // What cannot be added to later is refused before minutes are spent.
      await readTuning(out);
      const spec = await compileSpec(terminal, path, {
        model: options.model,
        precision: options.precision,
        overrides: overridesOf(options),
      });
      return withDevice(terminal, options, async device => {
        const target = targetOf(device.info);
        const line = progressLine(terminal);
        const interrupt = listenForInterrupt(terminal, 'stopping; what was found is compared and kept');
        let result: TuneResult;
        try {
          result = await tuneStep({
            device,
            target,
            spec,
            budget: options.budget,
            signal: interrupt.signal,
            onProgress: ({ done, total, secondsLeft }) =>
              line.update({ done, total, text: `round ${done}/${total}  ETA ${duration(secondsLeft)}` }),
          });
        } finally {
          line.stop();
          interrupt.release();
        }
        const schedules = result.families.flatMap(
          ({ hash, launch, schedule, before, after }): MeasuredSchedule[] =>
            schedule === null ? [] : [{ hash, launch, schedule, before, after }],
        );
        // What an earlier search has found stays where this one came to no end and found nothing.
        const settled = result.families.filter(({ complete, schedule }) => complete || schedule !== null);
        const again = new Set(settled.map(({ hash }) => hash));
        await writeTuning(out, { adapter: device.info.name, target, schedules }, again);
        terminal.answer(tuningTable(result));
        terminal.answer(
          `\nwrote ${out}: ${counted(schedules.length, 'schedule')} for '${device.info.name}'` +
            `${result.complete ? '' : '; not every schedule was measured, a longer --budget goes further'}`,
        );
        terminal.result({ out, adapter: device.info.name, target, ...result, diagnostics: spec.diagnostics });
        return interrupt.exit() ?? 'ok';
      });
    }),
  );
};
