import type { Precision } from '../../compiler/index.js';
import type { Device, Session } from '../../runtime/index.js';
import type { Register } from '../command.js';
import { chooseData, loadData } from '../data.js';
import { withDevice } from '../device.js';
import { runtime } from '../doors.js';
import { writeWhole } from '../files.js';
import {
  common,
  type OverrideWish,
  overrideOptions,
  precisionOption,
  tuningOption,
  whole,
} from '../options.js';
import { launchProfiles } from '../profile/launches.js';
import { hostShare, profileTable } from '../profile/table.js';
import { chromeTrace } from '../profile/trace.js';
import { compileSpec, overridesOf } from '../spec.js';
import { chooseTuning, type TuningWish, tunedFor } from '../tuning/choose.js';
import { counted, metric } from '../words.js';

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
      'time each launch of a training step, against what the device can do at most, and its wait for the host',
    )
    .argument('<spec>', 'a .iwae file')
    .option('--steps <count>', 'steps that are done first, untimed', whole(1), 50)
    .option('--top <count>', 'how many launches to show, those that take longest', whole(1), 20)
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
      const { diagnostics } = spec;
      const { program } = spec.artefact;
      const data = await loadData(terminal, program, await chooseData(program, options));
      return withDevice(terminal, options, async device => {
        const { openSession } = await runtime();
        const artefact = await tunedFor(terminal, spec, device.info, tuning);
        const session = await openSession(device, artefact, { seed: options.seed ?? 0n });
        try {
          session.bind(data);
          await session.initialise();
          const measured = await measure(device, session, options.steps);
          const { step, host, peaks } = measured;
          const launches = launchProfiles(artefact.program, step, peaks);
          const flops = launches.reduce((sum, launch) => sum + launch.flops, 0);
          terminal.answer(
            `${program.model.name}, ${step.objective}, batch ${program.training.batch}: ` +
              `${counted(launches.length, 'launch', 'launches')}, ${metric(flops)}FLOP a step\n`,
          );
          terminal.answer(profileTable(launches, { step, host, peaks }, options.top));
          if (options.trace !== undefined) {
            await writeWhole(
              options.trace,
              `${JSON.stringify(chromeTrace(artefact.program, step, device.info.name))}\n`,
            );
            terminal.answer(`\nwrote ${options.trace}: open it in https://ui.perfetto.dev`);
          }
          terminal.result({
            model: program.model.name,
            bound: step.objective,
            batch: program.training.batch,
            device: device.info.name,
            clock: step.timing.clock,
            step_seconds: step.stepSeconds,
            timed_steps: step.steps,
            host_share: hostShare(host),
            host: {
              clock: host.clock,
              submissions: host.submissions,
              seconds: host.seconds,
              between_seconds: host.betweenSeconds,
            },
            peaks,
            launches,
            diagnostics,
          });
          return 'ok' as const;
        } finally {
          session.dispose();
        }
      });
    }),
  );
};

/** Of training, to see how long the device waits for the host: some tens of submissions, on a slow device a few. */
const stretchSeconds = 1.5;
const leastStretch = 8;
/** No clock is finer. */
const leastStepSeconds = 1e-6;

/** The peaks after the steps: a processor that has been busy runs at the same speed for both. */
async function measure(device: Device, session: Session, untimed: number) {
  const step = await session.profile(untimed);
  const stretch = Math.ceil(stretchSeconds / Math.max(step.stepSeconds, leastStepSeconds));
  const host = await session.hostTime(Math.max(leastStretch, stretch));
  const peaks = (await device.peaks?.()) ?? null;
  return { step, host, peaks };
}
