import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type {
  Artefact,
  Compilation,
  CompileRequest,
  Finding,
  JsonDiagnostic,
  Overrides,
  Precision,
  SourceFile,
  Tuning,
} from '../compiler/index.js';
import { compiler } from './doors.js';
import { Failure } from './failure.js';
import { systemReason } from './files.js';
import type { OverrideWish } from './options.js';
import type { Terminal } from './terminal.js';

/** Above this a file is not even read; the compiler's own limit is far below it. */
const largestRead = 64 * 2 ** 20;

/** What an `import` leads to. */
export interface Imported {
  readonly from: SourceFile;
  /** As it is written there. */
  readonly path: string;
  readonly source: SourceFile;
}

/** A spec and what it compiles to. */
export interface CompiledSpec {
  readonly source: SourceFile;
  readonly imports: readonly Imported[];
  /** SHA-256 of its text; with imports, of those of all its files. */
  readonly hash: string;
  readonly compilation: Compilation;
  /** Warnings, as `--json` prints them. */
  readonly diagnostics: readonly JsonDiagnostic[];
  readonly artefact: Artefact;
}

/** A pipe that this process was started with, as in `iwaec check <(…)`: it ends. A named one may never have a writer. */
const isGiven = (path: string): boolean => /^\/(dev\/stdin|(dev|proc\/self)\/fd\/\d+)$/.test(path);

/** @throws Failure `spec-unreadable` */
export function readSpec(path: string): SourceFile {
  const unreadable = (reason: string) =>
    new Failure('usage', `${path}: ${reason}`, { code: 'spec-unreadable' });
  try {
    const facts = statSync(path);
    if (facts.isDirectory()) throw unreadable('this is a folder, not a .iwae file');
    if (facts.isFIFO() ? !isGiven(path) : !facts.isFile())
      throw unreadable(`this is ${facts.isFIFO() ? 'a named pipe' : 'a device'}, not a .iwae file`);
    if (facts.size > largestRead) throw unreadable('this file is too large to be a .iwae file');
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw error instanceof Failure ? error : unreadable(systemReason(error));
  }
}

/** `import "bounds.iwae"` is looked for beside the file that says it. */
function readImport(path: string, from: SourceFile): SourceFile | null {
  const found = sourceAt(isAbsolute(path) ? path : join(dirname(from.path), path));
  return found === null ? null : { ...found, path: shown(found.path) };
}

/** A file that may be imported; null where there is none. */
export function sourceAt(path: string): SourceFile | null {
  try {
    const facts = statSync(path);
    // What is no plain file may never end.
    return facts.isFile() && facts.size <= largestRead ? { path, text: readFileSync(path, 'utf8') } : null;
  } catch {
    return null;
  }
}

/** A path as a user would type it from here. */
export function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}

/** What a command line can say about a compilation. */
export interface CompileChoices {
  readonly model?: string | undefined;
  readonly verify?: boolean;
  readonly overrides?: Overrides;
  readonly precision?: Precision | undefined;
  /** null: the compiler's own schedules. */
  readonly tuning?: Tuning | null;
}

/** Those that are not given are left out. */
export const overridesOf = ({ bound, schedule, k, batch }: OverrideWish): Overrides => ({
  ...(bound === undefined ? {} : { bound }),
  ...(schedule === undefined ? {} : { schedule }),
  ...(k === undefined ? {} : { k }),
  ...(batch === undefined ? {} : { batch }),
});

export const requestFor = (source: SourceFile, choices: CompileChoices = {}): CompileRequest => ({
  source,
  readImport,
  ...(choices.model === undefined ? {} : { model: choices.model }),
  ...(choices.verify === undefined ? {} : { verify: choices.verify }),
  ...(choices.overrides === undefined ? {} : { overrides: choices.overrides }),
  ...(choices.precision === undefined ? {} : { precision: choices.precision }),
  ...(choices.tuning ? { tuning: choices.tuning } : {}),
});

/**
 * Prints what the compiler found wrong, and gives it as `--json` prints it.
 * @throws Failure with all of it if there is an error
 */
export async function reportDiagnostics(
  terminal: Terminal,
  diagnostics: readonly Finding[],
): Promise<readonly JsonDiagnostic[]> {
  if (diagnostics.length === 0) return [];
  const { renderDiagnostics, diagnosticToJson } = await compiler();
  const width = process.stderr.columns;
  const rendered = renderDiagnostics(diagnostics, {
    color: terminal.colours.isColorSupported,
    ...(width === undefined ? {} : { width }),
  });
  const errors = diagnostics.filter(diagnostic => diagnostic.severity === 'error').length;
  const json = diagnostics.map(diagnosticToJson);
  if (errors === 0) {
    terminal.note(rendered);
    return json;
  }
  throw new Failure('program', `the program has ${errors === 1 ? 'an error' : `${errors} errors`}`, {
    code: 'program',
    rendered,
    diagnostics: json,
  });
}

/**
 * Compiles a file; `follow` finds what it imports.
 * @throws Failure if it cannot be read or has errors
 */
export async function compileSpec(
  terminal: Terminal,
  path: string,
  choices: CompileChoices = {},
  follow: CompileRequest['readImport'] = readImport,
): Promise<CompiledSpec> {
  const source = readSpec(path);
  const imports: Imported[] = [];
  const { compile } = await compiler();
  const compilation = await compile({
    ...requestFor(source, choices),
    readImport: (written, from) => {
      const found = follow(written, from);
      if (found !== null) imports.push({ from, path: written, source: found });
      return found;
    },
  });
  const diagnostics = await reportDiagnostics(terminal, compilation.diagnostics);
  if (compilation.artefact === null) throw new Error('the compiler gave neither a program nor an error');
  const hash = hashOf(source, imports);
  return { source, imports, hash, compilation, diagnostics, artefact: compilation.artefact };
}

function hashOf(source: SourceFile, imports: readonly Imported[]): string {
  const own = sha256(source.text);
  return imports.length === 0
    ? own
    : sha256([own, ...imports.map(imported => sha256(imported.source.text))].join('\n'));
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
