import type { Artefact, EntryKey, GpuClass } from '../compiler/program/index.js';

/** What a device says of itself. `software`: it emulates a GPU on the CPU. */
export interface DeviceInfo {
  readonly kind: 'webgpu' | 'wasm';
  readonly name: string;
  readonly software: boolean;
  /** Which of a program's dispatches it takes; none on the CPU. */
  readonly gpu?: GpuClass;
  /** For a person: why it is this device and no faster one. */
  readonly note?: string;
}

/**
 * The f32 (or u32) arrays of one program on one device, and the launches over them. Calls are ordered: a read sees
 * every run submitted before it.
 */
export interface LoadedProgram {
  /** Replaces a buffer's content. Sets the length of a `dataset` buffer. Bytes are packed four in a word, little endian. */
  write(buffer: string, content: Float32Array | Uint8Array): void;
  read(buffer: string): Promise<Float32Array>;
  /**
   * Runs an entry once for each frame (see `frameWords`), in order, as one submission; resolves, when the device is
   * done, with each result's values for all runs: run i at [i · length, (i + 1) · length).
   */
  run(entry: EntryKey, frames: readonly Uint32Array[]): Promise<Readonly<Record<string, Float32Array>>>;
  /** The most frames one `run` takes. */
  readonly maxRuns: number;
  /** As `run`, for at most `maxTimedRuns` frames, but tells how long each launch takes, not what came out. */
  readonly time?: (entry: EntryKey, frames: readonly Uint32Array[]) => Promise<Timing>;
  /** Notes from now on when the device begins and ends each `run`. What it gives back ends that, and tells. */
  readonly watch?: () => () => Promise<Spans>;
  dispose(): void;
}

/** When pieces of work began and ended, in order. */
export interface Spans {
  /** Whose clock: the device's own; that of the threads; or the host's, which sees submissions go and come. */
  readonly clock: 'device' | 'threads' | 'host';
  /** Seconds since the first began. */
  readonly begins: Float64Array;
  readonly ends: Float64Array;
}

/**
 * When each launch of some runs of an entry began and ended: launch l of run r at r · launches + l. By the host's clock
 * each launch is a submission of its own.
 */
export interface Timing extends Spans {
  /** The launches of one run: a name, and indices into `Program.kernels` of what they compute. */
  readonly launches: readonly { readonly name: string; readonly kernels: readonly number[] }[];
}

/** What a device does at most, as measured: a loop of multiplications and additions in registers, and a copy. */
export interface Peaks {
  /** f32 operations a second; a multiplication and an addition are two. */
  readonly flops: number;
  /** Bytes read and written a second. */
  readonly bytes: number;
}

/** A place where programs run. */
export interface Device {
  readonly info: DeviceInfo;
  /**
   * Compiles what training needs, at least; an entry that is not compiled yet is when it first runs. Either rejects with a
   * `RuntimeFault` that names the kernel that is wrong, this one also where a limit of the device is too small for any.
   */
  load(artefact: Artefact): Promise<LoadedProgram>;
  /** Takes a second or two. */
  readonly peaks?: () => Promise<Peaks>;
  /** Resolves with the reason when the device is lost, never otherwise. */
  readonly lost: Promise<string>;
  dispose(): void;
}

/** The most frames one `LoadedProgram.time` takes. */
export const maxTimedRuns = 8;
