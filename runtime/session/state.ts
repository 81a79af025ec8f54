import { type ParameterSlot, type Program, programVersion } from '../../compiler/program/index.js';
import type { Checkpoint, Tensor } from '../checkpoint.js';
import { fault } from '../errors.js';
import type { HostState, SessionCore } from './core.js';
import type { Tensors } from './types.js';

const parametersBuffer = 'parameters';
const stateBuffer = (state: string) => `state.${state}`;

/** Buffers that training changes, and what their tensors are called in a checkpoint. */
const changing = (program: Program): readonly { readonly buffer: string; readonly prefix: string }[] => [
  { buffer: parametersBuffer, prefix: 'parameters' },
  ...program.states.map(({ name }) => ({ buffer: stateBuffer(name), prefix: name })),
];

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Copies the buffers behind all work submitted so far. */
export async function readBuffers(core: SessionCore): Promise<HostState['buffers']> {
  const names = changing(core.program).map(({ buffer }) => buffer);
  const contents = await Promise.all(names.map(name => core.loaded.read(name)));
  return new Map(names.map((name, i) => [name, contents[i]!]));
}

/** The state after all steps that are done, none being under way. */
export async function readState(core: SessionCore): Promise<HostState> {
  const { step, epoch } = core;
  return { step, epoch, buffers: await readBuffers(core) };
}

export function writeState(core: SessionCore, state: HostState): void {
  for (const [buffer, content] of state.buffers) core.loaded.write(buffer, content);
  core.step = state.step;
  core.epoch = state.epoch;
  core.lastGood = state;
}

/** Optimizer states before the first step. */
export function resetStates(core: SessionCore): void {
  for (const { name, initial } of core.program.states) {
    const buffer = core.program.buffers.find(candidate => candidate.name === stateBuffer(name))!;
    core.loaded.write(buffer.name, new Float32Array(buffer.length).fill(initial));
  }
}

export const isFiniteState = (state: HostState): boolean => firstNonFinite(state.buffers, []) === null;

/** A number that is none, and where it is, in words. */
export interface NonFinite {
  readonly what: string;
  readonly value: number;
}

/** The first one in buffers that are laid out like the parameters; `slots` give it a name. */
export function firstNonFinite(
  buffers: ReadonlyMap<string, Float32Array>,
  slots: readonly ParameterSlot[],
): NonFinite | null {
  for (const [buffer, content] of buffers) {
    const place = content.findIndex(value => !Number.isFinite(value));
    if (place >= 0) return { what: elementName(buffer, place, slots), value: content[place]! };
  }
  return null;
}

/** `generative.x.dense1.weight[3, 17]`, after the name of the buffer where it is not the parameters' own. */
function elementName(buffer: string, place: number, slots: readonly ParameterSlot[]): string {
  const slot = slots.find(({ offset, shape }) => place >= offset && place < offset + sizeOf(shape));
  if (slot === undefined) return `${buffer}[${place}]`;
  let rest = place - slot.offset;
  const indices = slot.shape.toReversed().map(extent => {
    const index = rest % extent;
    rest = Math.floor(rest / extent);
    return index;
  });
  const element = indices.length === 0 ? slot.name : `${slot.name}[${indices.toReversed().join(', ')}]`;
  return buffer === parametersBuffer ? element : `${buffer} of ${element}`;
}

const cut = (content: Float32Array, { shape, offset }: ParameterSlot): Tensor => ({
  shape,
  values: content.slice(offset, offset + sizeOf(shape)),
});

export const parametersOf = (program: Program, state: HostState): Tensors =>
  Object.fromEntries(
    program.parameters.map(slot => [slot.name, cut(state.buffers.get(parametersBuffer)!, slot)]),
  );

export function toCheckpoint(core: SessionCore, state: HostState): Checkpoint {
  const { program } = core;
  const tensors = new Map<string, Tensor>();
  for (const { buffer, prefix } of changing(program)) {
    for (const slot of program.parameters)
      tensors.set(`${prefix}/${slot.name}`, cut(state.buffers.get(buffer)!, slot));
  }
  for (const { name, shape } of core.data.statisticsNeeded()) {
    tensors.set(`statistics/${name}`, { shape, values: core.data.statistic(name).slice() });
  }
  const facts = {
    step: state.step,
    seed: core.seed,
    signature: program.model.signature,
    model: program.model.name,
    specHash: core.specHash,
    dataHash: core.dataHash,
    binarise: core.binarise,
    epochSum: state.epoch.sum,
    epochSteps: state.epoch.steps,
    bound: program.model.bound,
    k: program.model.k,
    programVersion,
  };
  return { facts, tensors };
}

/** @throws RuntimeFault `checkpoint-mismatch` naming the first thing that differs */
export function fromCheckpoint(core: SessionCore, { facts, tensors }: Checkpoint): HostState {
  const { program } = core;
  checkParameters(program, tensors);
  const buffers = new Map<string, Float32Array>();
  for (const { buffer, prefix } of changing(program)) {
    const { length } = program.buffers.find(candidate => candidate.name === buffer)!;
    const content = new Float32Array(length);
    for (const { name, shape, offset } of program.parameters) {
      content.set(take(tensors, `${prefix}/${name}`, shape).values, offset);
    }
    buffers.set(buffer, content);
  }
  if (facts.signature !== program.model.signature) {
    throw mismatch(`its model '${facts.model}' has the same parameters, but other data or another optimizer`);
  }
  for (const { name, shape } of core.data.statisticsNeeded()) {
    core.data.setStatistic(name, take(tensors, `statistics/${name}`, shape).values);
  }
  return { step: facts.step, epoch: { sum: facts.epochSum, steps: facts.epochSteps }, buffers };
}

function checkParameters(program: Program, tensors: ReadonlyMap<string, Tensor>): void {
  for (const { name, shape } of program.parameters) take(tensors, `parameters/${name}`, shape);
  const known = new Set(program.parameters.map(({ name }) => `parameters/${name}`));
  for (const name of tensors.keys()) {
    if (name.startsWith('parameters/') && !known.has(name)) {
      throw mismatch(`it has '${name}', and the model '${program.model.name}' has no such parameter`);
    }
  }
}

function take(tensors: ReadonlyMap<string, Tensor>, name: string, shape: readonly number[]): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw mismatch(`the model needs '${name}', which it lacks`);
  const found = tensor.shape.join(', ');
  const expected = shape.join(', ');
  if (found !== expected) throw mismatch(`'${name}' has shape [${found}], and the model's has [${expected}]`);
  return tensor;
}

const mismatch = (reason: string) => fault('checkpoint-mismatch', { where: '', reason });
