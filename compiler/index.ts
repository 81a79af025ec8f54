import type { Diagnostic } from './diagnostics/index.js';
import type { Overrides } from './overrides.js';
import type { Artefact } from './program/index.js';
import type { SourceFile } from './support/source.js';

/** The intermediate programs that `--emit` prints, in pipeline order. */
export const stageNames = ['ast', 'model', 'tensor', 'kernel', 'wgsl'] as const;
export type StageName = (typeof stageNames)[number];

export interface CompileRequest {
  readonly source: SourceFile;
  /** Resolves an `import`; null where there is no such file. */
  readonly readImport: (path: string, from: SourceFile) => SourceFile | null;
  /** The model to compile; needed where a file declares several. */
  readonly model?: string;
  /** Written into the text by `withOverrides` before it is checked. */
  readonly overrides?: Overrides;
  /** Run every verifier after every pass. */
  readonly verify?: boolean;
}

export interface Compilation {
  /** Errors and warnings, in source order. */
  readonly diagnostics: readonly Diagnostic[];
  /** null where there is an error. */
  readonly artefact: Artefact | null;
  /** Text of a stage, or null where compilation did not get that far. */
  readonly print: (stage: StageName) => string | null;
}

export {
  type Diagnostic,
  diagnosticToJson,
  type JsonDiagnostic,
  renderDiagnostics,
  suggest,
} from './diagnostics/index.js';
export type { Overrides } from './overrides.js';
export { CompilerBug } from './support/bug.js';
export type { SourceFile } from './support/source.js';
export type { Artefact, EntryName, Program } from './program/index.js';
