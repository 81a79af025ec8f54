import type { FaultCode } from '../runtime/index.js';

/** Every status that the process ends with. Scripts rely on them: a number never changes its meaning. */
export const exitCodes = {
  ok: 0,
  /** Errors in the user's `.iwae` program or grid. */
  program: 1,
  /** The command line itself: unknown command or option, a value that makes no sense, a folder that is in the way. */
  usage: 2,
  /** A data file, run folder, artefact or checkpoint that is missing, corrupt or of another model. */
  data: 3,
  /** No device, or one that is too small, was lost or reports an error. */
  device: 4,
  /** A bug of iwaec. */
  internal: 5,
  /** Training left the finite numbers; the last good state was kept. */
  diverged: 6,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

export type Exit = keyof typeof exitCodes;

/** Which family of trouble a fault of the runtime is. */
export const exitOfFault: Readonly<Record<FaultCode, Exit>> = {
  'no-adapter': 'device',
  'device-unavailable': 'device',
  'limits-too-small': 'device',
  'feature-missing': 'device',
  'kernel-rejected': 'device',
  'device-error': 'device',
  'device-memory': 'device',
  'device-lost': 'device',
  'not-finite': 'diverged',
  'program-invalid': 'data',
  'program-version': 'data',
  'checkpoint-missing': 'data',
  'checkpoint-mismatch': 'data',
  'checkpoint-corrupt': 'data',
  'data-missing': 'data',
  'data-corrupt': 'data',
  'data-shape': 'data',
  'data-grey': 'data',
  'download-failed': 'data',
  'option-invalid': 'usage',
  'state-missing': 'internal',
};
