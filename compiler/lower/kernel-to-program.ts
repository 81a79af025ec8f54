import { printRowsWgsl, printWgsl } from '../emit/wgsl/index.js';
import type { Kernel, KernelSequence, RowsKernel } from '../kernel/ir.js';
import { chooseSchedule } from '../kernel/schedule.js';
import { kernelWork } from '../kernel/work.js';
import {
  type Artefact,
  type BufferRole,
  type ClockName,
  clockNames,
  type Entry,
  type EntryName,
  entryNames,
  type HostFormula,
  type ModelFacts,
  type ParameterSlot,
  type Program,
  type ProgramBuffer,
  type ProgramKernel,
  programVersion,
  type Result,
  type TrainingFacts,
} from '../program/ir.js';
import { CompilerBug, invariant } from '../support/bug.js';
import type { HostScalar } from '../tensor/ir.js';

export interface EntryParts {
  readonly sequence: KernelSequence;
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
}

const variants = ['gpu', 'software'] as const;
type Variant = (typeof variants)[number];

/** Prints every kernel for every class of WebGPU device and joins the entries into one program. */
export function assemble(parts: ProgramParts): Artefact {
  const wgsl = new TextStore();
  const kernels: ProgramKernel[] = [];
  const programEntry = (name: EntryName): Entry => {
    const { sequence, host, rows, samples, results } = parts.entries[name];
    const launches = sequence.kernels.map(kernel => kernels.push(programKernel(kernel, sequence, wgsl)) - 1);
    return { launches, rows, samples, host: host.map(hostFormula), results };
  };
  const entries = Object.fromEntries(
    entryNames.map(name => [name, programEntry(name)]),
  ) as Program['entries'];
  return {
    program: {
      format: 'iwaec-program',
      version: programVersion,
      model: parts.model,
      training: parts.training,
      parameters: parts.parameters,
      states: parts.states,
      buffers: mergeBuffers(parts),
      kernels,
      entries,
    },
    wgsl: wgsl.texts(),
  };
}

/** WGSL texts by key; kernels of the same text share one. */
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

function programKernel(
  kernel: Kernel | RowsKernel,
  sequence: KernelSequence,
  wgsl: TextStore,
): ProgramKernel {
  const buffers = new Map(sequence.buffers.map(buffer => [buffer.name, buffer]));
  const print = (variant: Variant) =>
    kernel.kind === 'rows'
      ? printRowsWgsl(kernel, buffers)
      : printWgsl(kernel, chooseSchedule(kernel, variant), buffers);
  const [gpu, software] = [print('gpu'), print('software')];
  return {
    name: kernel.name,
    variants: {
      gpu: { source: wgsl.add(`${kernel.name}.gpu`, gpu.text), workgroups: gpu.workgroups },
      software: {
        source: wgsl.add(`${kernel.name}.software`, software.text),
        workgroups: software.workgroups,
      },
    },
    bindings: gpu.bindings,
    ...kernelWork(kernel, buffers),
  };
}

/** Entries share buffers by name: a workspace is as long as the entry that needs most of it wants it. */
function mergeBuffers({ entries, roles }: ProgramParts): readonly ProgramBuffer[] {
  const merged = new Map<string, ProgramBuffer>();
  for (const { name, element, length } of entryNames.flatMap(entry => entries[entry].sequence.buffers)) {
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

const roleOf = (roles: ProgramParts['roles'], name: string): BufferRole =>
  Object.hasOwn(roles, name) ? roles[name]! : 'workspace';

function hostFormula(scalar: HostScalar): HostFormula {
  if (scalar.kind === 'scalar') return { ...scalar, args: scalar.args.map(hostFormula) };
  if (scalar.kind === 'constant') return scalar;
  const clock = clockNames.find((name): name is ClockName => name === scalar.clock);
  if (clock === undefined) throw new CompilerBug(`the host has no clock ${scalar.clock}`);
  return { kind: 'clock', clock };
}
