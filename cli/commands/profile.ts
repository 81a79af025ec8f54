import type { Precision } from '../../compiler/index.js';
import type { Device, SplitData } from '../../runtime/index.js';
import type { Register } from '../command.js';
import { chooseData, loadData } from '../data.js';
import { withDevice } from '../device.js';
import { runtime } from '../doors.js';
import type { Exit } from '../exit-codes.js';
import { writeWhole } from '../files.js';
import {
  type CommonOptions,
  common,
  type OverrideWish,
  overrideOptions,
  precisionOption,
  tuningOption,
  whole,
} from '../options.js';
import { measure, type StageProfile } from '../profile/measure.js';
import { hostShare, profileHeading, profileTable } from '../profile/table.js';
import { chromeTrace } from '../profile/trace.js';
import { type CompiledSpec, compileSpec, overridesOf } from '../spec.js';
import type { Terminal } from '../terminal.js';
import { type ChosenTuning, chooseTuning, type TuningWish, tunedFor } from '../tuning/choose.js';

interface Options extends TuningWish, OverrideWish {
  readonly data?: string;
  readonly model?: string;
  readonly precision?: Precision;
  readonly steps: number;
  readonly top: number;
  readonly trace?: string;
}

export const profile: Register = (program, run) => {
  const command = program
    .command('profile')
    .description(
      'time each launch of a training step, of every stage, against what the device can do at most, and its wait for the host',
    )
    .argument('<spec>', 'a .iwae file')
    .option('--steps <count>', 'steps that are done first, untimed', whole(1), 50)
    .option('--top <count>', 'how many launches of a step to show, those that take longest', whole(1), 20)
    .option('--trace <file>', 'write a trace that Perfetto and chrome://tracing show')
    .option('--data <name|file>', 'training data (default: mnist)')
    .option('--model <name>', 'the model, where the file declares several');
  common(
    tuningOption(precisionOption(overrideOptions(command))),
    'iwaec profile specs/mnist1l.iwae --k 50 --trace step.json',
  ).action(
    run<Options>(async (terminal, options, path = '') => {
      const overrides = overridesOf(options);
      const tuning = await chooseTuning(path, options);
      const spec = await compileSpec(terminal, path, {
        model: options.model,
        precision: options.precision,
        overrides,
      });
      const { program } = spec.artefact;
      const data = await loadData(terminal, program, await chooseData(program, options));
      return withDevice(terminal, options, device =>
        profileOn(device, { terminal, options, spec, tuning, data }),
      );
    }),
  );
};

interface Context {
  readonly terminal: Terminal;
  readonly options: Options & CommonOptions;
  readonly spec: CompiledSpec;
  readonly tuning: ChosenTuning | null;
  readonly data: SplitData;
}

async function profileOn(device: Device, context: Context): Promise<Exit> {
  const { terminal, options, spec, tuning, data } = context;
  const { openSession } = await runtime();
  const artefact = await tunedFor(terminal, spec, device.info, tuning);
  const session = await openSession(device, artefact, { seed: options.seed ?? 0n, data });
  try {
    const { stages, peaks } = await measure(device, session, options.steps);
    const { program } = session;
    const tables = stages.map(
      (profile, stage) =>
        `${profileHeading(program, profile, stage)}\n\n${profileTable(profile, peaks, options.top)}`,
    );
    terminal.answer(tables.join('\n\n'));
    if (options.trace !== undefined) {
      const steps = stages.map(({ step }) => step);
      const trace = chromeTrace(program, steps, device.info.name);
      await writeWhole(options.trace, `${JSON.stringify(trace)}\n`);
      terminal.answer(`\nwrote ${options.trace}: open it in https://ui.perfetto.dev`);
    }
    terminal.result({
      model: program.model.name,
      batch: program.training.batch,
      device: device.info.name,
      peaks,
      stages: stages.map(stageFacts),
      diagnostics: spec.diagnostics,
    });
    return 'ok';
  } finally {
    session.dispose();
  }
}

const stageFacts = ({ step, host, stepSeconds, launches }: StageProfile) => ({
  bound: step.objective,
  clock: step.timing.clock,
  step_seconds: stepSeconds,
  timed_steps: step.steps,
  host_share: hostShare(host),
  host: {
    clock: host.clock,
    submissions: host.submissions,
    seconds: host.seconds,
    between_seconds: host.betweenSeconds,
  },
  launches,
});
