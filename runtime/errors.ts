/** What a user is told: what is wrong, and what to do about it. */
interface Wording {
  readonly message: string;
  readonly help: string;
}

const at = (where: string) => (where === '' ? '' : `${where}: `);

/** Every fault of the runtime and its words, from the facts of the case. `where` is a file's path or what stands for it. */
const wordings = {
  'no-adapter': (facts: { readonly reason: string; readonly remedy: string }): Wording => ({
    message: `no WebGPU adapter: ${facts.reason}`,
    help: facts.remedy,
  }),
  'device-unavailable': (facts: {
    readonly device: string;
    readonly reason: string;
    readonly remedy?: string;
  }): Wording => ({
    message: `the device '${facts.device}' is not available: ${facts.reason}`,
    help: facts.remedy ?? 'run `iwaec doctor` to see which devices this machine has',
  }),
  'limits-too-small': (facts: {
    readonly what: string;
    readonly limit: string;
    readonly needed: number;
    readonly available: number;
  }): Wording => ({
    message: `${facts.what} needs ${facts.limit} = ${facts.needed}, and this device has ${facts.available}`,
    help: 'use a smaller batch, fewer samples or narrower layers, or another device: --device of the command line, the `device` of openDevice in a page',
  }),
  'feature-missing': (facts: {
    readonly what: string;
    readonly feature: string;
    readonly device: string;
    readonly remedy: string;
  }): Wording => ({
    message: `${facts.what} needs the feature ${facts.feature}, which '${facts.device}' has not`,
    help: facts.remedy,
  }),
  'kernel-rejected': (facts: { readonly kernel: string; readonly reason: string }): Wording => ({
    message: `the device rejects kernel '${facts.kernel}': ${facts.reason}`,
    help: 'this is a bug of the compiler or of the driver: please report it with the spec and the output of `iwaec doctor`',
  }),
  'device-error': (facts: { readonly reason: string }): Wording => ({
    message: `the device reports an error: ${facts.reason}`,
    help: 'this is a bug of the runtime or of the driver: please report it with the output of `iwaec doctor`',
  }),
  'device-memory': (facts: { readonly what: string; readonly bytes: number }): Wording => ({
    message: `the device has no room for ${facts.what} (${facts.bytes} bytes)`,
    help: 'use a smaller batch or fewer samples, or another device: --device of the command line, the `device` of openDevice in a page',
  }),
  'device-lost': (facts: { readonly reason: string }): Wording => ({
    message: `the device was lost: ${facts.reason}`,
    help: 'start again; training continues from its last checkpoint: with --resume of the command line, or with `session.moveTo` in a program',
  }),
  'not-finite': (facts: {
    readonly what: string;
    readonly value: number;
    readonly kept?: number;
    /** The first number that is none, as far as it is known. */
    readonly where?: string;
  }): Wording => ({
    message: `${facts.what} is ${facts.value}${facts.where === undefined ? '' : `: ${facts.where}`}`,
    help:
      'lower the learning rate, or check the data for extremes' +
      (facts.kept === undefined ? '' : `; the state of step ${facts.kept} was kept`),
  }),
  'program-invalid': (facts: { readonly where: string; readonly reason: string }): Wording => ({
    message: `${at(facts.where)}not a program that this runtime can execute: ${facts.reason}`,
    help: 'build it again with `iwaec build`',
  }),
  'program-version': (facts: {
    readonly where: string;
    readonly found: string;
    readonly expected: number;
  }): Wording => ({
    message: `${at(facts.where)}the program has version ${facts.found}, and this runtime executes version ${facts.expected}`,
    help: 'build it again with the `iwaec build` of this version',
  }),
  'checkpoint-mismatch': (facts: { readonly where: string; readonly reason: string }): Wording => ({
    message: `${at(facts.where)}the checkpoint is of another model: ${facts.reason}`,
    help: 'give the spec that the checkpoint was trained with, or start a new run in another folder',
  }),
  'checkpoint-corrupt': (facts: { readonly where: string; readonly reason: string }): Wording => ({
    message: `${at(facts.where)}not a whole checkpoint: ${facts.reason}`,
    help: 'copy the file again, or start a new run; nothing was overwritten',
  }),
  'checkpoint-missing': (facts: { readonly where: string; readonly reason: string }): Wording => ({
    message: `${at(facts.where)}the checkpoint cannot be read: ${facts.reason}`,
    help: 'name the folder of a run that has a checkpoint',
  }),
  'data-missing': (facts: { readonly what: string; readonly remedy?: string }): Wording => ({
    message: `there is no data: ${facts.what}`,
    help: facts.remedy ?? 'run `npm ci` again, or name the data files',
  }),
  'data-corrupt': (facts: { readonly where: string; readonly reason: string }): Wording => ({
    message: `${at(facts.where)}the data is corrupt: ${facts.reason}`,
    help: 'get the file again; `iwaec data list` names the data sets and the formats that are read',
  }),
  'download-failed': (facts: { readonly path: string; readonly reasons: readonly string[] }): Wording => ({
    message: `${facts.path} could not be fetched:\n  ${facts.reasons.join('\n  ')}`,
    help: 'try again (what has arrived is kept), name an address of your own in IWAEC_MIRROR, or put the file there yourself',
  }),
  'data-grey': (facts: { readonly what: string; readonly row: number; readonly value: number }): Wording => ({
    message: `${facts.what} is not binary: row ${facts.row} holds ${facts.value}, and nothing binarises it`,
    help: 'choose how grey data becomes binary with --binarize dynamic, per-epoch, once or threshold',
  }),
  'data-shape': (facts: {
    readonly what: string;
    readonly expected: string;
    readonly found: string;
  }): Wording => ({
    message: `${facts.what}: the model needs ${facts.expected}, the data has ${facts.found}`,
    help: 'change the `data` line of the spec, or give data of that shape',
  }),
  'option-invalid': (facts: { readonly option: string; readonly reason: string }): Wording => ({
    message: `${facts.option}: ${facts.reason}`,
    help: 'see `iwaec --help` for the values it takes',
  }),
  'state-missing': (facts: { readonly what: string }): Wording => ({
    message: `the session has no parameters yet: ${facts.what}`,
    help: 'call initialise() or restore() first',
  }),
} as const;

export type FaultCode = keyof typeof wordings;
type FactsOf<Code extends FaultCode> = Parameters<(typeof wordings)[Code]>[0];

/** Every code, for documents and tests. */
export const faultCodes = Object.keys(wordings) as readonly FaultCode[];

/** Something that went wrong while a program runs, for a reason outside the compiler: machine, data, files, numbers. */
export class RuntimeFault extends Error {
  override readonly name = 'RuntimeFault';
  readonly code: FaultCode;
  /** What to do about it. */
  readonly help: string;
  constructor(code: FaultCode, message: string, help: string) {
    super(message);
    this.code = code;
    this.help = help;
  }
}

/** The fault of this code with its words from the table. */
export function fault<Code extends FaultCode>(code: Code, facts: FactsOf<Code>): RuntimeFault {
  const wording = wordings[code] as (facts: FactsOf<Code>) => Wording;
  const { message, help } = wording(facts);
  return new RuntimeFault(code, message, help);
}

/** By its name: an artefact in Node brings a runtime of its own, whose class is another one. */
export const isFault = (error: unknown): error is RuntimeFault =>
  error instanceof Error && error.name === 'RuntimeFault' && 'code' in error && 'help' in error;
