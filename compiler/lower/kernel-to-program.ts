import { printDispatch } from '../emit/wgsl/index.js';
import { type DispatchedSequence, withoutChains } from '../kernel/dispatch.js';
import type { KernelBuffer, KernelSequence, Launch } from '../kernel/ir.js';
import { kernelArrays } from '../kernel/scalar.js';
import { kernelWork } from '../kernel/work.js';
import {
  type Artefact,
  type BufferRole,
  type ClockName,
  clockNames,
  type Entry,
  type EntryName,
  entryNames,
  type GpuClass,
  type HostFormula,
  type KernelBinding,
  type ModelFacts,
  type ParameterSlot,
  type Program,
  type ProgramBuffer,
  type ProgramDispatch,
  type ProgramKernel,
  programVersion,
  type Result,
  type TrainingFacts,
} from '../program/ir.js';
import { CompilerBug, invariant } from '../support/bug.js';
import type { HostScalar } from '../tensor/ir.js';
import { noTuning, scheduleOf, type Tuning } from '../tuning/tuning.js';

export interface EntryParts extends DispatchedSequence {
  /** What real GPUs run in its place, if anything else. */
  readonly joined: DispatchedSequence | null;
  readonly host: readonly HostScalar[];
  /** Data rows and samples that one run handles. */
  readonly rows: number;
  readonly samples: number;
  readonly results: readonly Result[];
}

export interface ProgramParts {
  readonly model: ModelFacts;
  readonly training: TrainingFacts;
  readonly parameters: readonly ParameterSlot[];
  readonly states: Program['states'];
  /** Who fills each buffer; those not named are workspaces. */
  readonly roles: Readonly<Record<string, BufferRole>>;
  readonly entries: Readonly<Record<EntryName, EntryParts>>;
  /** Training steps of the stages before the last. */
  readonly earlierSteps: readonly EntryParts[];
}

/** The parts of all entries, in the order of the program's kernels. */
export const allParts = ({
  entries,
  earlierSteps,
}: Pick<ProgramParts, 'entries' | 'earlierSteps'>): readonly EntryParts[] => [
  ...entryNames.map(name => entries[name]),
  ...earlierSteps,
];

/** Prints every dispatch for every class of GPU and joins the entries into one program. */
export function assemble(parts: ProgramParts, tuning = noTuning): Artefact {
  const wgsl = new TextStore();
  const kernels = new KernelStore();
  const launchesOf = ({ sequence }: EntryParts) =>
    sequence.kernels.map(kernel => kernels.add(kernel, sequence));
  // What the CPU launches comes first, in the order of its module's functions.
  for (const each of allParts(parts)) launchesOf(each);
  const dispatches: ProgramDispatch[] = [];
  const programEntry = (entry: EntryParts): Entry => {
    const { host, rows, samples, results } = entry;
    const launches = launchesOf(entry);
    const dispatchesOf = (gpu: GpuClass) =>
      programDispatches(gpu, entry, kernels, wgsl, tuning).map(dispatch => dispatches.push(dispatch) - 1);
    const entryDispatches = {
      gpu: dispatchesOf('gpu'),
      software: dispatchesOf('software'),
      subgroups: dispatchesOf('subgroups'),
    };
    return { launches, dispatches: entryDispatches, rows, samples, host: host.map(hostFormula), results };
  };
  const entries = Object.fromEntries(
    entryNames.map(name => [name, programEntry(parts.entries[name])]),
  ) as Program['entries'];
  const earlierSteps = parts.earlierSteps.map(programEntry);
  return {
    program: {
      format: 'iwaec-program',
      version: programVersion,
      model: parts.model,
      training: parts.training,
      parameters: parts.parameters,
      states: parts.states,
      buffers: mergeBuffers(parts),
      kernels: kernels.kernels,
      dispatches,
      entries,
      earlierSteps,
    },
    wgsl: wgsl.texts(),
  };
}

/** The program's kernels, each once. */
class KernelStore {
  readonly kernels: ProgramKernel[] = [];
  readonly #indices = new Map<Launch, number>();

  /** The index of a kernel: the one it has, else a new one. */
  add(kernel: Launch, sequence: KernelSequence): number {
    const known = this.#indices.get(kernel);
    if (known !== undefined) return known;
    const index = this.kernels.push(programKernel(kernel, sequence)) - 1;
    this.#indices.set(kernel, index);
    return index;
  }
}

/** WGSL texts by key; dispatches of the same text share one. */
class TextStore {
  readonly #keys = new Map<string, string>();

  /** The key of a text: the one it has, else `key`. */
  add(key: string, text: string): string {
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    this.#keys.set(text, key);
    return key;
  }

  texts = (): Readonly<Record<string, string>> =>
    Object.fromEntries([...this.#keys].map(([text, key]) => [key, text]));
}

type Ways = Pick<EntryParts, 'sequence' | 'dispatches' | 'joined'>;

/** A software GPU runs no chains: its barriers cost more than its dispatches, and what is joined takes longer to compile. */
const unchained = (parts: Ways): DispatchedSequence => ({
  sequence: parts.sequence,
  dispatches: parts.dispatches.flatMap(withoutChains),
});

/** What a class of GPU runs of an entry. */
export const dispatchedFor: Readonly<Record<GpuClass, (parts: Ways) => DispatchedSequence>> = {
  gpu: parts => parts.joined ?? parts,
  software: unchained,
  subgroups: unchained,
};

function programDispatches(
  gpu: GpuClass,
  parts: Ways,
  kernels: KernelStore,
  wgsl: TextStore,
  tuning: Tuning,
): readonly ProgramDispatch[] {
  const { sequence, dispatches } = dispatchedFor[gpu](parts);
  return dispatches.map((dispatch, i) => {
    const schedule = scheduleOf(dispatch, sequence.kernels, gpu, tuning);
    const { text, workgroups, bindings } = printDispatch(dispatch, schedule, sequence);
    const name = `${sequence.name}.${String(i).padStart(2, '0')}`;
    const jobs = dispatch.jobs.map(job =>
      job.stages.map(({ kernel }) => kernels.add(sequence.kernels[kernel]!, sequence)),
    );
    return { name, jobs, source: wgsl.add(`${name}.${gpu}`, text), workgroups, bindings };
  });
}

function programKernel(kernel: Launch, sequence: KernelSequence): ProgramKernel {
  const buffers = new Map(sequence.buffers.map(buffer => [buffer.name, buffer]));
  const bindings = kernelArrays(kernel).map(({ name, access }): KernelBinding => {
    const place = buffers.get(name)!.place;
    return { buffer: place?.buffer ?? name, offset: place?.offset ?? 0, access };
  });
  return { name: kernel.name, bindings, ...kernelWork(kernel, buffers) };
}

/** Entries share buffers by name: the workspace is as long as the entry that needs most of it wants it. */
function mergeBuffers({ roles, ...parts }: ProgramParts): readonly ProgramBuffer[] {
  const merged = new Map<string, ProgramBuffer>();
  const all = allParts(parts).flatMap(({ sequence }) => sequence.buffers.map(wholeBuffer));
  for (const { name, element, length } of all) {
    const role = roleOf(roles, name);
    const known = merged.get(name);
    invariant(known === undefined || known.element === element, () => `buffer ${name} has two element types`);
    const grows = role === 'workspace' || role === 'rows';
    invariant(
      grows || known === undefined || known.length === length,
      () => `buffer ${name} has two lengths`,
    );
    merged.set(name, { name, role, element, length: Math.max(length, known?.length ?? 0) });
  }
  return [...merged.values()];
}

/** The buffer that an array is a part of, as far as the array needs it. */
const wholeBuffer = ({ name, element, length, place }: KernelBuffer) =>
  place === undefined
    ? { name, element, length }
    : { name: place.buffer, element, length: place.offset + length };

const roleOf = (roles: ProgramParts['roles'], name: string): BufferRole =>
  Object.hasOwn(roles, name) ? roles[name]! : 'workspace';

function hostFormula(scalar: HostScalar): HostFormula {
  if (scalar.kind === 'scalar') return { ...scalar, args: scalar.args.map(hostFormula) };
  if (scalar.kind === 'constant') return scalar;
  const clock = clockNames.find((name): name is ClockName => name === scalar.clock);
  if (clock === undefined) throw new CompilerBug(`the host has no clock ${scalar.clock}`);
  return { kind: 'clock', clock };
}
