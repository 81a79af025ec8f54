import { type Artefact, type Program, programVersion, validateProgram } from '../compiler/program/index.js';
import type { Checkpoint } from './checkpoint.js';
import { refuseGrey } from './data/binary.js';
import type { SplitData, SplitName } from './data/dataset.js';
import type { Device, DeviceInfo } from './device.js';
import { fault } from './errors.js';
import { buildFrame, reservedStep } from './frame.js';
import { SubmissionPacer } from './pacing.js';
import { seedOf } from './seed.js';
import { DataBinding } from './session/binding.js';
import { noSteps, requireState, type SessionCore, stillFacts } from './session/core.js';
import { evaluate } from './session/evaluation.js';
import { surgery } from './session/evaluation-surgery.js';
import { decode, densities } from './session/given.js';
import { encode, reconstruct, sample } from './session/pictures.js';
import { hostTime, profile } from './session/profile.js';
import {
  fromCheckpoint,
  parametersOf,
  readState,
  resetStates,
  toCheckpoint,
  writeState,
} from './session/state.js';
import { stepsPerEpoch } from './session/steps.js';
import { train } from './session/training.js';
import {
  type Binarise,
  binariseNames,
  type Densities,
  type EvaluateOptions,
  type Evaluation,
  type HostTime,
  type Reconstruction,
  type Session,
  type SessionOptions,
  type StepProfile,
  type Surgery,
  type SurgeryOptions,
  type Tensors,
  type TrainOptions,
  type TrainReport,
} from './session/types.js';

export * from './session/types.js';

/**
 * Loads a program on a device. The caller disposes of the session, then of the device.
 * @throws RuntimeFault `program-invalid`, `program-version`, `kernel-rejected`, `limits-too-small`, `device-memory`, `device-lost`, `option-invalid`
 */
export async function openSession(
  device: Device,
  artefact: Artefact,
  options: SessionOptions = {},
): Promise<Session> {
  const { seed = 0, binarise = 'dynamic', specHash = '', dataHash = '', data } = options;
  const wholeSeed = seedOf(seed);
  if (!binariseNames.includes(binarise)) {
    throw fault('option-invalid', {
      option: 'binarise',
      reason: `'${binarise}' is not one of ${binariseNames.join(', ')}`,
    });
  }
  const { program } = artefact;
  checkProgram(program);
  const loaded = await device.load(artefact);
  const core: SessionCore = {
    program,
    loaded,
    seed: wholeSeed,
    binarise,
    specHash,
    dataHash,
    data: new DataBinding(program, loaded),
    trainingPacer: new SubmissionPacer(loaded.maxRuns),
    step: 0,
    epoch: noSteps,
    copiedAt: performance.now(),
    lastGood: null,
  };
  const session = new ProgramSession(core, artefact, device.info);
  if (data !== undefined) session.bind(data);
  if (data?.train !== undefined) await session.initialise();
  return session;
}

/**
 * An artefact may come from a file or from another version of the compiler. `where` names it in messages.
 * @throws RuntimeFault `program-invalid`, `program-version`
 */
export function checkProgram(program: unknown, where = ''): Program {
  const validation = validateProgram(program);
  if (validation.kind === 'program') return validation.program;
  throw validation.kind === 'invalid'
    ? fault('program-invalid', { where, reason: validation.reason })
    : fault('program-version', { where, found: validation.found, expected: programVersion });
}

class ProgramSession implements Session {
  readonly #artefact: Artefact;
  #core: SessionCore;
  #device: DeviceInfo;

  constructor(core: SessionCore, artefact: Artefact, device: DeviceInfo) {
    this.#core = core;
    this.#artefact = artefact;
    this.#device = device;
  }

  get device(): DeviceInfo {
    return this.#device;
  }

  get program(): Program {
    return this.#core.program;
  }

  get seed(): bigint {
    return this.#core.seed;
  }

  get binarise(): Binarise {
    return this.#core.binarise;
  }

  get step(): number {
    return this.#core.step;
  }

  get lastGood(): Checkpoint | null {
    const state = this.#core.lastGood;
    return state === null ? null : toCheckpoint(this.#core, state);
  }

  get stepsPerEpoch(): number {
    return stepsPerEpoch(this.#core);
  }

  bind(data: SplitData): void {
    if (this.#core.binarise === 'none') refuseGrey(this.program.model.data, data);
    this.#core.data.bind(data);
  }

  async initialise(): Promise<void> {
    const core = this.#core;
    for (const { name } of core.data.statisticsNeeded()) core.data.statistic(name);
    const facts = stillFacts({ ...core, step: 0 }, reservedStep.initialise);
    await core.loaded.run('initialise', [buildFrame(core.program.entries.initialise, facts, 0)]);
    resetStates(core);
    core.step = 0;
    core.epoch = noSteps;
    core.lastGood = await readState(core);
  }

  train(options: TrainOptions): Promise<TrainReport> {
    return train(this.#core, options);
  }

  profile(untimed: number, stage?: number): Promise<StepProfile> {
    return profile(this.#core, untimed, stage);
  }

  hostTime(steps: number, stage?: number): Promise<HostTime> {
    return hostTime(this.#core, steps, stage);
  }

  evaluate(options: EvaluateOptions = {}): Promise<Evaluation | null> {
    return evaluate(this.#core, options);
  }

  surgery(options: SurgeryOptions = {}): Promise<Surgery | null> {
    return surgery(this.#core, options);
  }

  sample(count: number): Promise<Tensors> {
    return sample(this.#core, count);
  }

  reconstruct(rows: readonly number[], split: SplitName = 'test'): Promise<Reconstruction> {
    return reconstruct(this.#core, rows, split);
  }

  decode(latents: Tensors): Promise<Tensors> {
    return decode(this.#core, latents);
  }

  densities(latents: Tensors, rows: readonly number[], split: SplitName = 'test'): Promise<Densities> {
    return densities(this.#core, latents, rows, split);
  }

  encode(rows: readonly number[], split: SplitName = 'test'): Promise<Tensors> {
    return encode(this.#core, rows, split);
  }

  async parameters(): Promise<Tensors> {
    requireState(this.#core, 'there is nothing to read');
    return parametersOf(this.program, await readState(this.#core));
  }

  async snapshot(): Promise<Checkpoint> {
    requireState(this.#core, 'there is nothing to keep');
    this.#core.copiedAt = performance.now();
    return toCheckpoint(this.#core, await readState(this.#core));
  }

  restore(checkpoint: Checkpoint): void {
    writeState(this.#core, fromCheckpoint(this.#core, checkpoint));
  }

  async moveTo(device: Device): Promise<void> {
    const old = this.#core;
    const loaded = await device.load(this.#artefact);
    const trainingPacer = new SubmissionPacer(loaded.maxRuns);
    const core = { ...old, loaded, data: old.data.on(loaded), trainingPacer };
    if (old.lastGood !== null) writeState(core, old.lastGood);
    this.#core = core;
    this.#device = device.info;
    old.loaded.dispose();
  }

  dispose(): void {
    this.#core.loaded.dispose();
  }
}
