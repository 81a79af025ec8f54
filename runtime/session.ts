import type { Artefact } from '../compiler/program/index.js';
import type { Device } from './device.js';
import type { Session, SessionOptions } from './session/types.js';

export type * from './session/types.js';

/** Loads a program on a device. The caller disposes of the session, then of the device. */
export declare function openSession(
  device: Device,
  artefact: Artefact,
  options?: SessionOptions,
): Promise<Session>;
