import type { Artefact, EntryName } from '../compiler/program/index.js';

/** What a device says of itself. `software`: it emulates a GPU on the CPU. */
export interface DeviceInfo {
  readonly kind: 'webgpu' | 'wasm';
  readonly name: string;
  readonly software: boolean;
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
  run(entry: EntryName, frames: readonly Uint32Array[]): Promise<Readonly<Record<string, Float32Array>>>;
  /** The most frames one `run` takes. */
  readonly maxRuns: number;
  dispose(): void;
}

/** A place where programs run. */
export interface Device {
  readonly info: DeviceInfo;
  /** Compiles every kernel; rejects with a `RuntimeFault` that names the kernel and the limit that is too small. */
  load(artefact: Artefact): Promise<LoadedProgram>;
  /** Resolves with the reason when the device is lost, never otherwise. */
  readonly lost: Promise<string>;
  dispose(): void;
}
