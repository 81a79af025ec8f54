import type { ScalarOp } from '../scalar/registry.js';
import { type BufferElement, elementBytes } from '../support/element.js';

/**
 * The artefact's contract: plain, versioned data that the runtime executes without the compiler. Anything read from a
 * file goes through `validateProgram` first.
 */
export const programVersion = 6;

export interface Program {
  readonly format: 'iwaec-program';
  readonly version: typeof programVersion;
  readonly model: ModelFacts;
  readonly training: TrainingFacts;
  readonly parameters: readonly ParameterSlot[];
  /** Optimizer states, each as long as all parameters together. */
  readonly states: readonly { readonly name: string; readonly initial: number }[];
  readonly buffers: readonly ProgramBuffer[];
  readonly kernels: readonly ProgramKernel[];
  readonly dispatches: readonly ProgramDispatch[];
  readonly entries: Readonly<Record<EntryName, Entry>>;
  /** The training steps of the stages before the last one, whose step is the entry `train_step`. */
  readonly earlierSteps: readonly Entry[];
}

/** An entry, or by its number the training step of an earlier stage. */
export type EntryKey = EntryName | number;

export const entryOf = ({ entries, earlierSteps }: Program, key: EntryKey): Entry =>
  typeof key === 'number' ? earlierSteps[key]! : entries[key];

export const entryKeys = ({ earlierSteps }: Pick<Program, 'earlierSteps'>): readonly EntryKey[] => [
  ...entryNames,
  ...earlierSteps.keys(),
];

export const allEntries = (program: Program): readonly Entry[] =>
  entryKeys(program).map(key => entryOf(program, key));

export const entryNames = [
  'initialise',
  'train_step',
  'evaluate',
  'evaluate_active',
  'sample',
  'encode',
  'reconstruct',
  'decode',
  'latent_density',
  'joint_density',
] as const;
export type EntryName = (typeof entryNames)[number];

export interface ModelFacts {
  readonly name: string;
  /** Fingerprint of what decides whether a checkpoint fits: parameters' and data's names and shapes, optimizer states. */
  readonly signature: string;
  readonly bound: string;
  readonly k: number;
  readonly data: readonly DataFacts[];
  readonly latents: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

export interface DataFacts {
  readonly name: string;
  readonly element: 'real' | 'positive' | 'unit' | 'binary' | 'byte' | 'int';
  readonly shape: readonly number[];
  /** How rows are stored on the device. */
  readonly encoding: 'byte' | 'f32';
}

export interface TrainingFacts {
  readonly batch: number;
  readonly optimizer: string;
  readonly schedule: string;
  readonly epochs: number;
  /** What is ascended, one after the other; the last one has what is left of the run, whatever its `epochs`. */
  readonly stages: readonly StageFacts[];
  /**
   * What the matrix products of a step must cost: those of the forward pass, each once over the axes that it depends on,
   * and twice as much for the backward pass.
   */
  readonly neededFlops: number;
}

export interface StageFacts {
  readonly bound: string;
  readonly k: number;
  readonly epochs: number;
}

/** A parameter lies in the buffer `parameters` (gradients and states alike) at `offset`, in f32 elements, row-major. */
export interface ParameterSlot {
  readonly name: string;
  readonly role: 'recognition' | 'generative';
  readonly shape: readonly number[];
  readonly offset: number;
}

/**
 * Who fills a buffer: `parameters`, `gradients`, `state` (one per optimizer state), `dataset` (one per data variable,
 * its length set when data is bound), `statistic` (mean of the training rows, computed by the host in f64), `rows` (row
 * indices of the batch, written by the entry's first launch), `order` (u32 list of the data-set rows that evaluation visits,
 * uploaded by the host, its length set then), `given` (values of latents, or which of their units count, written by the host),
 * `workspace` (all temporary arrays, at offsets that the compiler planned), `result` (read back by the host).
 */
export type BufferRole =
  | 'parameters'
  | 'gradients'
  | 'state'
  | 'dataset'
  | 'statistic'
  | 'rows'
  | 'order'
  | 'given'
  | 'workspace'
  | 'result';

export interface ProgramBuffer {
  readonly name: string;
  readonly role: BufferRole;
  /** `f16`, of workspaces alone: numbers of 16 bits, which the CPU keeps in 32. */
  readonly element: BufferElement;
  /** In elements; 0 for `dataset` and `order`. Results: for one run; the runtime keeps one slot for each run of a submission. */
  readonly length: number;
}

/** Of a buffer on a GPU. */
export const gpuBytes = ({ element, length }: Pick<ProgramBuffer, 'element' | 'length'>): number =>
  length * elementBytes[element];

/** One loop nest: what the CPU launches, or dispatches are made of, or both. */
export interface ProgramKernel {
  readonly name: string;
  /** Its arrays: each begins at element `offset` of a buffer, which several arrays of the workspace share. */
  readonly bindings: readonly KernelBinding[];
  readonly flops: number;
  /** Those of matrix products alone. */
  readonly productFlops: number;
  readonly bytes: number;
  /** The launch in WebAssembly, the function `k` + its index in `kernels`; absent if no CPU launches it. */
  readonly wasm?: WasmLaunch | undefined;
}

export interface WasmLaunch {
  /** Independent parts, which threads share out among themselves; who runs which never changes a result. */
  readonly units: number;
  /** Memory of its own that each thread needs for it. */
  readonly scratchBytes: number;
}

export interface KernelBinding {
  readonly buffer: string;
  readonly offset: number;
  readonly access: 'read' | 'read_write';
}

/** Real GPUs, and drivers that emulate one: any, and those with subgroups of at least `subgroupLanes` invocations. */
export const gpuClasses = ['gpu', 'software', 'subgroups'] as const;
export type GpuClass = (typeof gpuClasses)[number];

/** What a GPU does between two global synchronisations. */
export interface ProgramDispatch {
  readonly name: string;
  /** Indices into `kernels`: jobs side by side, the kernels of one job one after another in the same workgroups. */
  readonly jobs: readonly (readonly number[])[];
  /** Key of the WGSL text in the artefact; the entry function is `main`. */
  readonly source: string;
  readonly workgroups: readonly [number, number, number];
  /** Storage buffers in the order of their bindings (group 0, binding 1 + i); binding 0 is the frame. */
  readonly bindings: readonly { readonly buffer: string; readonly access: 'read' | 'read_write' }[];
}

export interface Entry {
  /** What the CPU runs: indices into `kernels`, in order. */
  readonly launches: readonly number[];
  /** The same work for each class of GPU: indices into `dispatches`, in order. */
  readonly dispatches: Readonly<Record<GpuClass, readonly number[]>>;
  /** Data rows and samples one run handles. */
  readonly rows: number;
  readonly samples: number;
  /** Frame scalars, evaluated by the host in f64 for each run and rounded to f32. */
  readonly host: readonly HostFormula[];
  readonly results: readonly Result[];
}

/** A result buffer and its layout. */
export interface Result {
  readonly name: string;
  readonly buffer: string;
  readonly shape: readonly number[];
}

export type HostFormula =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'clock'; readonly clock: ClockName }
  | { readonly kind: 'scalar'; readonly op: ScalarOp; readonly args: readonly HostFormula[] };

/**
 * What the host knows in each run. `step` from 1, `epoch` from 0; `rate` is the schedule's factor; `samples` is how many
 * samples of a streamed evaluation count and `sample_offset` the first one of this run; `threshold` is 1 where grey data
 * is cut at one half instead of sampled.
 */
export const clockNames = ['step', 'epoch', 'samples', 'sample_offset', 'threshold'] as const;
export type ClockName = (typeof clockNames)[number];

export { frameHostStart, frameLength, frameWords, subgroupLanes } from './frame.js';

/** What `iwaec build` writes: the program and the kernels' texts. */
export interface Artefact {
  readonly program: Program;
  readonly wgsl: Readonly<Record<string, string>>;
  readonly wasm?: WasmBinaries | undefined;
}

/**
 * All kernels as one module, twice. A function takes (frame, bindings, scratch, tag, begin, end): the address of the
 * run's frame; that of a list of the addresses of the launch's buffers, as `bindings` orders them; that of the thread's
 * scratch memory; a number other than 0 and other for each launch; and the units to run. Memory is `env.memory`, shared.
 */
export interface WasmBinaries {
  readonly plain: Uint8Array;
  /** With relaxed SIMD's multiply-add: faster, not in every engine, and rounded once where the other rounds twice. */
  readonly relaxed: Uint8Array;
}
