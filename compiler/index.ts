import { stdlibSources } from '../stdlib/sources.js';
import { type CheckResult, check as checkFile, type Overrides } from './check/index.js';
import { type Diagnostic, diagnose, hasErrors } from './diagnostics/index.js';
import {
  artefactOf,
  earlierEntries,
  earlierGraphs,
  kernelEntries,
  type Precision,
  tensorGraphs,
  tunablesOf,
  tunedLaunches,
} from './driver.js';
import { type MemoryMap, memoryMapOf } from './kernel/memory-map.js';
import { printSequence } from './kernel/print.js';
import { printDispatches } from './kernel/print-dispatch.js';
import { type Completions, complete as completeAt, type Hover, hover as hoverAt } from './language/index.js';
import { allParts } from './lower/kernel-to-program.js';
import { layoutParameters } from './lower/layout.js';
import { printModel, type TypedModel, verifyModel } from './model/index.js';
import { type Artefact, entryNames } from './program/index.js';
import type { SourceFile } from './support/source.js';
import { printAst } from './syntax/index.js';
import { type GraphMap, graphMapOf } from './tensor/graph-map.js';
import { printGraph } from './tensor/print.js';
import type { Tunable } from './tuning/tunable.js';
import { noTuning, type Tuning, type TuningTarget } from './tuning/tuning.js';

/** The intermediate programs that `--emit` prints, in pipeline order. */
export const stageNames = ['ast', 'model', 'tensor', 'kernel', 'wgsl'] as const;
export type StageName = (typeof stageNames)[number];

export interface CompileRequest {
  readonly source: SourceFile;
  /** Resolves an `import`; null where there is no such file. */
  readonly readImport: (path: string, from: SourceFile) => SourceFile | null;
  /** The model to compile; needed where a file declares several. */
  readonly model?: string;
  /** Stand in for what the file says, as if it had been written there. */
  readonly overrides?: Overrides;
  /** Run every verifier after every pass. */
  readonly verify?: boolean;
  /** Schedules that were measured. */
  readonly tuning?: Tuning;
  /** `mixed`: activations of training steps are stored in 16 bits; `full`, the default: everything has 32. */
  readonly precision?: Precision;
}

/** What a file declares, checked. */
export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  /** null where there is an error, and for a file that declares no model. */
  readonly model: TypedModel | null;
}

export interface Compilation {
  /** Errors and warnings, in source order. */
  readonly diagnostics: readonly Diagnostic[];
  /** null where there is an error. */
  readonly artefact: Artefact | null;
  /** Text of a stage, or null where compilation did not get that far. */
  readonly print: (stage: StageName) => string | null;
  /** Which kernels go into which dispatch and why, or null where compilation did not get that far. */
  readonly why: () => string | null;
  /** Where the temporary arrays of each entry lie; empty where compilation did not get that far. */
  readonly memory: () => readonly MemoryMap[];
  /** The tensor graphs of each entry, in the order in which they run; empty where compilation did not get that far. */
  readonly graphs: () => readonly GraphMap[];
  /** For who measures schedules; null where there is an error. */
  readonly schedules: Schedules | null;
}

/** The schedules of a compiled program. */
export interface Schedules {
  /** The launches of training steps on a class of device, in order: of one stage after another. */
  readonly tunables: (target: TuningTarget) => readonly Tunable[];
  /** How many of them a tuning knows. */
  readonly tuned: (
    target: TuningTarget,
    tuning: Tuning,
  ) => { readonly tuned: number; readonly launches: number };
  /** The program with other schedules; for `gpus` alone it comes without kernels for the CPU, and sooner. */
  readonly print: (tuning: Tuning, devices?: 'all' | 'gpus') => Promise<Artefact>;
}

export {
  type BiasCertificate,
  type BiasOptions,
  type CertificateOptions,
  checkBias,
  checkGradients,
  type GradientCertificate,
} from './certify/index.js';
export type { Overrides } from './check/index.js';
export {
  type Diagnostic,
  diagnosticCodes,
  diagnosticToJson,
  explain as explainDiagnostic,
  type Finding,
  isDiagnosticCode,
  type JsonDiagnostic,
  renderDiagnostics,
  suggest,
  suggestCode,
} from './diagnostics/index.js';
export type { Precision } from './driver.js';
export type { MappedArray, MemoryMap } from './kernel/memory-map.js';
export type { DispatchSchedule } from './kernel/schedule.js';
export type { Completion, Completions, Hover } from './language/index.js';
export type { Factor, TypedModel } from './model/index.js';
export {
  type Artefact,
  artefactFiles,
  artefactPaths,
  type EntryName,
  type Files,
  type Program,
  programFiles,
} from './program/index.js';
export { CompilerBug } from './support/bug.js';
export type { SourceFile } from './support/source.js';
export {
  type FormatResult,
  format,
  type HighlightKind,
  type HighlightRule,
  highlightRules,
} from './syntax/index.js';
export type { GraphMap } from './tensor/graph-map.js';
export {
  type AdapterTuning,
  type MeasuredSchedule,
  type TuningFile,
  tuningFor,
  tuningVersion,
  validateTuning,
  withAdapter,
} from './tuning/file.js';
export type { Tunable } from './tuning/tunable.js';
export { noTuning, type TunedSchedule, type Tuning, type TuningTarget } from './tuning/tuning.js';

/** Reads a file with everything it imports and says what is wrong with it. A file of definitions needs no model. */
export function check(request: CompileRequest): Checked {
  const { diagnostics, model } = checked(request);
  return { diagnostics, model };
}

/** What the word at an offset of the text means there and is worth: shapes, parameters, documentation. For editors. */
export const hover = (request: CompileRequest, offset: number): Hover | null =>
  hoverAt({ ...request, stdlib: stdlibSources }, offset);

/** What may stand at an offset of the text. For editors. */
export const complete = (request: CompileRequest, offset: number): Completions | null =>
  completeAt({ ...request, stdlib: stdlibSources }, offset);

/** @throws CompilerBug where the fault is the compiler's and not the file's */
export async function compile(request: CompileRequest): Promise<Compilation> {
  const { files, model, diagnostics } = checked(request);
  const own = files[files.length - 1];
  const printers: Partial<Record<StageName, () => string>> = {};
  const print = (stage: StageName) => printers[stage]?.() ?? null;
  if (own !== undefined) printers.ast = () => printAst(own);
  if (model === null) {
    return {
      diagnostics: withoutModel(diagnostics, own),
      artefact: null,
      print,
      why: () => null,
      memory: () => [],
      graphs: () => [],
      schedules: null,
    };
  }
  printers.model = () => printModel(model);
  if (request.verify) verifyModel(model);
  const layout = layoutParameters(model);
  const graphs = tensorGraphs(model, request);
  const earlier = earlierGraphs(model, request);
  const allGraphs = [...entryNames.map(name => graphs[name]), ...earlier];
  printers.tensor = () => allGraphs.flatMap(each => each.map(printGraph)).join('\n');
  const entries = kernelEntries(model, layout, graphs);
  const earlierSteps = earlierEntries(model, layout, earlier);
  const lowered = { entries, earlierSteps };
  const parts = allParts(lowered);
  printers.kernel = () =>
    parts.map(({ sequence, joined }) => printSequence(sequence, joined?.sequence)).join('\n');
  const schedules: Schedules = {
    tunables: target => tunablesOf(lowered, target),
    tuned: (target, tuning) => tunedLaunches(lowered, target, tuning),
    print: (tuning, devices) => artefactOf(model, layout, lowered, tuning, devices),
  };
  const artefact = await schedules.print(request.tuning ?? noTuning);
  printers.wgsl = () =>
    Object.entries(artefact.wgsl)
      .map(([name, text]) => `// ${name}\n${text}`)
      .join('\n');
  const why = () => parts.map(part => printDispatches(part, part.joined)).join('\n\n');
  const memory = () => parts.map(({ sequence }) => memoryMapOf(sequence));
  const maps = () => allGraphs.flatMap(each => each.map(graph => graphMapOf(each[0].name, graph)));
  return { diagnostics, artefact, print, why, memory, graphs: maps, schedules };
}

const startOf = (file: SourceFile) => ({ file, start: 0, end: 0 });

/** The checker's result; a file without any declaration is an error wherever a file is asked for. */
function checked(request: CompileRequest): CheckResult {
  const result = checkFile({ ...request, stdlib: stdlibSources });
  const isEmpty = result.files[result.files.length - 1]?.items.length === 0;
  if (!isEmpty || hasErrors(result.diagnostics)) return result;
  return {
    ...result,
    diagnostics: [...result.diagnostics, diagnose('empty-file', startOf(request.source), {})],
  };
}

function withoutModel(diagnostics: readonly Diagnostic[], own: CheckResult['files'][number] | undefined) {
  if (hasErrors(diagnostics) || own === undefined) return diagnostics;
  return [...diagnostics, diagnose('no-model', startOf(own.source), { declared: own.items.length })];
}
