import type { Artefact, EntryKey } from '../../compiler/program/index.js';
import { type FaultCode, isFault, RuntimeFault } from '../errors.js';

/** What a page asks of a device that runs in a worker: the calls of `Device` and `LoadedProgram` as data. */
export type RemoteCall =
  | { readonly kind: 'load'; readonly program: number; readonly artefact: Artefact }
  | {
      readonly kind: 'write';
      readonly program: number;
      readonly buffer: string;
      readonly content: Float32Array | Uint8Array;
    }
  | { readonly kind: 'read'; readonly program: number; readonly buffer: string }
  | {
      readonly kind: 'run';
      readonly program: number;
      readonly entry: EntryKey;
      readonly frames: readonly Uint32Array[];
    }
  | { readonly kind: 'unload'; readonly program: number };

export type RemoteKind = RemoteCall['kind'];

/** What each call answers. */
export interface RemoteAnswers {
  readonly load: { readonly maxRuns: number };
  readonly write: null;
  readonly read: Float32Array;
  readonly run: Readonly<Record<string, Float32Array>>;
  readonly unload: null;
}

export interface RemoteRequest {
  readonly number: number;
  readonly call: RemoteCall;
}

/** A fault as data: an error that crosses to another thread keeps its message alone. */
export interface RemoteFailure {
  readonly code: FaultCode | null;
  readonly message: string;
  readonly help: string;
}

export interface RemoteReply {
  readonly number: number;
  readonly answer?: RemoteAnswers[RemoteKind];
  readonly failure?: RemoteFailure;
}

export const failureOf = (error: unknown): RemoteFailure =>
  isFault(error)
    ? { code: error.code, message: error.message, help: error.help }
    : { code: null, message: error instanceof Error ? error.message : String(error), help: '' };

export const errorOf = ({ code, message, help }: RemoteFailure): Error =>
  code === null ? new Error(message) : new RuntimeFault(code, message, help);
