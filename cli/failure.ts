import type { JsonDiagnostic } from '../compiler/index.js';
import type { Exit } from './exit-codes.js';

export interface FailureExtra {
  /** What to do about it. */
  readonly help?: string | undefined;
  /** Stable name of the trouble, for `--json`. Default: the exit's name. */
  readonly code?: string;
  /** Text that stands for the message on a terminal, such as rendered diagnostics. */
  readonly rendered?: string;
  readonly diagnostics?: readonly JsonDiagnostic[];
  readonly cause?: unknown;
}

/** A command ends early for a reason that its user can understand. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exit: Exit;
  readonly code: string;
  readonly help: string | null;
  readonly rendered: string | null;
  readonly diagnostics: readonly JsonDiagnostic[] | null;
  constructor(exit: Exit, message: string, extra: FailureExtra = {}) {
    super(message, { cause: extra.cause });
    this.exit = exit;
    this.code = extra.code ?? exit;
    this.help = extra.help ?? null;
    this.rendered = extra.rendered ?? null;
    this.diagnostics = extra.diagnostics ?? null;
  }
}
