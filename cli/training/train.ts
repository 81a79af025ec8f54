import type { Artefact, Program } from '../../compiler/index.js';
import type { Device, Evaluation, Session, SplitData } from '../../runtime/index.js';
import { evaluationSplit, loadData, rowCount } from '../data.js';
import { withDevice } from '../device.js';
import { compiler, runtime } from '../doors.js';
import { showEvaluation } from '../evaluation/events.js';
import { evaluateRows, evaluationJson, evaluationText } from '../evaluation.js';
import type { Exit } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { sweepUnfinished, writeWhole } from '../files.js';
import { isChild } from '../grid/child.js';
import { type Interrupt, listenForInterrupt } from '../interrupt.js';
import { encodePng } from '../pictures.js';
import { readCheckpoint } from '../run-checkpoints.js';
import { createRun, inRun, resumeRun, runFiles } from '../run-folder.js';
import { lockRun } from '../run-lock.js';
import { appendLog, rewindLog } from '../run-log.js';
import { drawSamples } from '../sample-picture.js';
import { parameterCount } from '../statistics.js';
import { type Events, openEvents } from '../tensorboard/events.js';
import type { Terminal } from '../terminal.js';
import { tunedFor } from '../tuning/choose.js';
import { printTuning } from '../tuning/file.js';
import { count, counted, duration, invocation, nats, shellWord, table } from '../words.js';
import { type LoopResult, trainEpochs } from './loop.js';
import { throughLosses } from './losses.js';
import type { TrainOptions } from './options.js';
import { planTraining, settleData, type TrainingPlan } from './plan.js';
import { holdOut, Validation } from './validation.js';

/** Samples in the picture at the end. */
const pictureSamples = 64;

/** The whole of `iwaec train`. */
export async function train(terminal: Terminal, path: string, options: TrainOptions): Promise<Exit> {
  const planned = await planTraining(terminal, path, options);
  const lock = lockRun(planned.folder);
  try {
    const loaded = await loadData(terminal, planned.spec.artefact.program, planned.config.data);
    const plan = await settleData(planned, loaded, options);
    const { validation } = plan.config;
    const data = validation === null ? loaded : holdOut(loaded, validation);
    const interrupt = listenForInterrupt(terminal, 'stopping after the steps under way');
    try {
      return await trainThroughLosses({ terminal, options, plan, data, interrupt });
    } finally {
      interrupt.release();
    }
  } finally {
    lock.release();
  }
}

interface Context {
  readonly terminal: Terminal;
  readonly options: TrainOptions;
  readonly plan: TrainingPlan;
  readonly data: SplitData;
  readonly interrupt: Interrupt;
}

/** Opens the device anew as often as it is lost, and goes on from the last good state. */
function trainThroughLosses(context: Context): Promise<Exit> {
  const { terminal, options, plan, interrupt } = context;
  let hasBegun = false;
  return throughLosses({
    work: isRetry =>
      withDevice(terminal, options, device =>
        trainOn(device, context, isRetry, () => {
          hasBegun = true;
        }),
      ),
    progress: async () =>
      hasBegun && !interrupt.signal.aborted ? (await readCheckpoint(plan.folder)).facts.step : null,
    onLoss: (reason, step) => terminal.note(`${reason}; going on from step ${count(step)}`),
  });
}

async function trainOn(device: Device, context: Context, isRetry: boolean, begun: () => void): Promise<Exit> {
  const { terminal, options, plan, data, interrupt } = context;
  const { openSession } = await runtime();
  const { config, spec } = plan;
  const artefact = await tunedFor(terminal, spec, device.info, plan.tuning);
  const session = await openSession(device, artefact, {
    seed: BigInt(config.seed),
    binarise: config.binarise,
    specHash: spec.hash,
    dataHash: config.splits.train?.sha256 ?? '',
  });
  try {
    session.bind(data);
    if (isRetry) session.restore(await readCheckpoint(plan.folder));
    else await begin(session, artefact, context);
    begun();
    await rewindLog(plan.folder, session.step);
    if (!isRetry) announce(session, context);
    const { folder } = plan;
    const events = options.tensorboard === true ? await openEvents(folder) : null;
    const validation = config.validation && new Validation(session, folder, config.validation);
    const trained = await trainEpochs({
      session,
      folder,
      checkpoints: { every: options.checkpointEvery, keep: options.keep },
      epochs: config.epochs,
      validation,
      signal: interrupt.signal,
      terminal,
      onEntry: events?.scalars,
    });
    if (!interrupt.signal.aborted) return await finish(session, context, trained, events);
    return stopped(session, context, trained, null);
  } finally {
    session.dispose();
  }
}

/** Nothing of an earlier run is touched before all that can be refused has been refused. */
async function begin(
  session: Session,
  artefact: Artefact,
  { plan, options, terminal }: Context,
): Promise<void> {
  const { folder, config, spec, resume, changes, tuning } = plan;
  const tuningText = tuning === null ? null : printTuning(tuning.file);
  const { programFiles } = await compiler();
  const program = programFiles(artefact);
  const start = { config, program, spec, tuningText };
  // A batch larger than the data is refused here.
  const { stepsPerEpoch } = session;
  if (!resume) {
    await session.initialise();
    const { encodeCheckpoint } = await runtime();
    createRun(folder, start, encodeCheckpoint(await session.snapshot()), options.force === true);
    return;
  }
  session.restore(await readCheckpoint(folder));
  const done = session.step / stepsPerEpoch;
  if (done >= config.epochs) {
    throw new Failure(
      'usage',
      `${folder} has done ${trimmed(done)} of ${config.epochs} epochs: nothing is left to do`,
      {
        code: 'nothing-to-do',
        help: `give more with --epochs, such as --epochs ${Math.ceil(done) + 1}`,
      },
    );
  }
  if (changes !== null) {
    const what = changes.length === 0 ? 'the spec' : changes.join(', ');
    terminal.note(`note: changed since this run began: ${what}; it goes on with the new text`);
  }
  sweepUnfinished(folder);
  await resumeRun(folder, start, changes !== null);
}

const trimmed = (value: number): string => String(Math.round(value * 100) / 100);

function announce(session: Session, { terminal, plan, data }: Context): void {
  const { program } = plan.spec.artefact;
  const from = session.step === 0 ? '' : `, going on from step ${count(session.step)}`;
  terminal.answer(
    `model: ${program.model.name}, ${count(parameterCount(program))} parameters, ${stagesText(program)}, ` +
      `batch ${program.training.batch}, ${count(rowCount(data, 'train'))} training rows, seed ${plan.config.seed}${from}`,
  );
}

const stagesText = ({ training: { stages } }: Program): string =>
  stages
    .map(({ bound, epochs }, i) =>
      i + 1 < stages.length ? `${bound} for ${counted(epochs, 'epoch')}` : bound,
    )
    .join(' then ');

async function finish(
  session: Session,
  context: Context,
  trained: LoopResult,
  events: Events | null,
): Promise<Exit> {
  const { terminal, plan, data, interrupt, options } = context;
  const { folder, config } = plan;
  terminal.answer(
    `${trained.endedEarly ? 'ended early' : 'trained'}: ${counted(trained.steps, 'step')} in ${duration(trained.seconds)}` +
      `${trained.bound === null ? '' : `, bound of the last epoch ${nats(trained.bound)}`}`,
  );
  if (trained.best !== null) {
    const { epoch, nll } = trained.best;
    terminal.answer(
      `best validation NLL ${nats(nll)} nats after epoch ${epoch + 1}: ${inRun(folder, 'best')}`,
    );
  }
  const split = evaluationSplit(data);
  const total = rowCount(data, split);
  const images = Math.min(options.evalImages, total);
  let evaluation: Evaluation | null = null;
  if (images > 0) {
    const seed = BigInt(config.seed);
    const evaluating = { k: options.evalK, images, split, total, seed, signal: interrupt.signal };
    evaluation = await evaluateRows(session, evaluating, terminal);
    if (evaluation === null) return stopped(session, context, trained, null);
    terminal.answer(evaluationText(evaluation, evaluating));
    const entry = {
      ...evaluationJson(evaluation),
      split,
      step: session.step,
      binarise: config.binarise,
    };
    appendLog(folder, entry);
    if (events !== null) await showEvaluation(events, evaluation, entry);
  }
  const samples = await drawSamples(session, pictureSamples);
  await writeWhole(inRun(folder, 'samples'), await encodePng(samples));
  await events?.image('samples', samples, session.step);
  terminal.answer(`wrote ${folder}\n${contents()}`);
  if (!isChild()) terminal.answer(`next: ${invocation()} eval ${shellWord(folder)}`);
  terminal.result(resultJson(session, context, trained, evaluation));
  return 'ok';
}

const contents = (): string =>
  table([
    [runFiles.checkpoint, 'parameters and optimizer state'],
    [runFiles.samples, `${pictureSamples} samples`],
    [runFiles.log, 'the bound of each epoch'],
  ]);

/** The checkpoint has been written already. */
function stopped(
  session: Session,
  context: Context,
  trained: LoopResult,
  evaluation: Evaluation | null,
): Exit {
  const { terminal, plan, interrupt } = context;
  terminal.answer(`stopped at step ${count(session.step)}; the checkpoint is in ${plan.folder}`);
  const { folder, config } = plan;
  const isTrained = trained.endedEarly || session.step >= config.epochs * session.stepsPerEpoch;
  const next = isTrained ? ['eval', folder] : ['train', config.spec.path, '--out', folder, '--resume'];
  if (!isChild()) terminal.answer(`go on with: ${invocation()} ${next.map(shellWord).join(' ')}`);
  terminal.result(resultJson(session, context, trained, evaluation));
  return interrupt.exit() ?? 'interrupted';
}

function resultJson(
  session: Session,
  { plan, interrupt }: Context,
  trained: LoopResult,
  evaluation: Evaluation | null,
) {
  return {
    run: plan.folder,
    model: plan.config.model,
    device: session.device.name,
    step: session.step,
    epochs: plan.config.epochs,
    binarise: plan.config.binarise,
    interrupted: interrupt.signal.aborted,
    bound: trained.bound,
    ended_early: trained.endedEarly,
    best_validation: trained.best,
    train_seconds: trained.seconds,
    checkpoint: inRun(plan.folder, 'checkpoint'),
    samples: interrupt.signal.aborted ? null : inRun(plan.folder, 'samples'),
    ...(evaluation === null ? {} : evaluationJson(evaluation)),
    diagnostics: plan.spec.diagnostics,
  };
}
