/** An f32 array in row-major order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a checkpoint says of the run it belongs to; written as strings in the file's `__metadata__`. */
export interface CheckpointFacts {
  /** Steps done. */
  readonly step: number;
  readonly seed: bigint;
  /** `ModelFacts.signature` of the program. */
  readonly signature: string;
  readonly model: string;
  /** SHA-256 of the spec's text, or '' where it is not known. */
  readonly specHash: string;
  readonly binarise: string;
  readonly bound: string;
  readonly k: number;
  readonly programVersion: number;
}

/**
 * Parameters and optimizer states between two steps. Tensors: `parameters/<parameter>`, `<state>/<parameter>` and
 * `statistics/<data>` (mean of the training rows, so that a model samples without its data).
 */
export interface Checkpoint {
  readonly facts: CheckpointFacts;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** The bytes of a safetensors file. */
export declare function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array;

/** @throws RuntimeFault `checkpoint-corrupt` for anything but a whole checkpoint. `where` names it in messages. */
export declare function decodeCheckpoint(bytes: Uint8Array, where?: string): Checkpoint;
