import { existsSync } from 'node:fs';
import { Option } from 'commander';
import type { MeasuredSchedule, Precision } from '../../compiler/index.js';
import type { Device } from '../../runtime/index.js';
import type { Register } from '../command.js';
import { withDevice } from '../device.js';
import { type Interrupt, listenForInterrupt } from '../interrupt.js';
import { common, type OverrideWish, overrideOptions, precisionOption, time } from '../options.js';
import { progressLine } from '../progress.js';
import { type CompiledSpec, compileSpec, overridesOf } from '../spec.js';
import type { Terminal } from '../terminal.js';
import { targetOf } from '../tuning/choose.js';
import { readTuning, tuningBeside, writeTuning } from '../tuning/file.js';
import { tuningTable } from '../tuning/table.js';
import { tuneStep } from '../tuning/tune.js';
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
      const interrupt = listenForInterrupt(terminal, 'stopping; what was found is compared and kept');
      try {
        await withDevice(terminal, options, device =>
          tuneOn(device, { terminal, options, spec, out, interrupt }),
        );
        return interrupt.exit() ?? 'ok';
      } finally {
        interrupt.release();
      }
    }),
  );
};

interface Context {
  readonly terminal: Terminal;
  readonly options: Options;
  readonly spec: CompiledSpec;
  readonly out: string;
  readonly interrupt: Interrupt;
}

/** Signals are heard until the file is written. */
async function tuneOn(device: Device, { terminal, options, spec, out, interrupt }: Context): Promise<void> {
  const target = targetOf(device.info);
  const { name: adapter } = device.info;
  const line = progressLine(terminal);
  const result = await tuneStep({
    device,
    target,
    spec,
    budget: options.budget,
    signal: interrupt.signal,
    onProgress: ({ done, total, secondsLeft }) =>
      line.update({ done, total, text: `round ${done}/${total}  ETA ${duration(secondsLeft)}` }),
  }).finally(line.stop);
  const schedules = result.families.flatMap(
    ({ hash, launch, schedule, before, after }): MeasuredSchedule[] =>
      schedule === null ? [] : [{ hash, launch, schedule, before, after }],
  );
  terminal.answer(tuningTable(result));
  const found = schedules.length > 0;
  if (found) {
    // What an earlier search has found stays where this one came to no end and found nothing.
    const settled = result.families.filter(({ complete, schedule }) => complete || schedule !== null);
    await writeTuning(out, { adapter, target, schedules }, new Set(settled.map(({ hash }) => hash)));
  }
  const interrupted = interrupt.signal.aborted;
  const left = interrupted
    ? '; it was stopped before every schedule was measured'
    : '; not every schedule was measured, a longer --budget goes further';
  const outcome = found
    ? `wrote ${out}: ${counted(schedules.length, 'schedule')} for '${adapter}'`
    : `nothing was faster, ${existsSync(out) ? `and ${out} stays as it was` : 'and nothing is written'}`;
  terminal.answer(`\n${outcome}${result.complete ? '' : left}`);
  terminal.result({
    out: found ? out : null,
    adapter,
    target,
    interrupted,
    ...result,
    diagnostics: spec.diagnostics,
  });
}
