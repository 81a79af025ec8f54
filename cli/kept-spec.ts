import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import type { SourceFile } from '../compiler/index.js';
import { type CompileChoices, type CompiledSpec, compileSpec, type Imported, sourceAt } from './spec.js';
import type { Terminal } from './terminal.js';

/** Names in a run's folder. */
export const keptFiles = { spec: 'spec.iwae', imports: 'imports' } as const;

/** Where an `import` of a kept file leads; `from` and `file` are names in the run's folder. */
export interface KeptImport {
  readonly from: string;
  /** As it is written there. */
  readonly path: string;
  readonly file: string;
}

/** A spec as the record of its run has it. */
export interface KeptSpec {
  /** Where it was when the run began, or was last resumed. */
  readonly path: string;
  readonly sha256: string;
  /** Absent where there are none. */
  readonly imports?: readonly KeptImport[];
}

export function recordOfSpec(path: string, { source, hash, imports }: CompiledSpec): KeptSpec {
  if (imports.length === 0) return { path, sha256: hash };
  const names = namesOf(source, imports);
  const kept = imports.map(({ from, path: written, source: { path: target } }) => ({
    from: names.get(from.path)!,
    path: written,
    file: names.get(target)!,
  }));
  return { path, sha256: hash, imports: kept };
}

/** By path. Files of one name in different folders stay apart by their number. */
function namesOf(main: SourceFile, imports: readonly Imported[]): ReadonlyMap<string, string> {
  const names = new Map([[main.path, keptFiles.spec as string]]);
  for (const { source } of imports) {
    if (!names.has(source.path))
      names.set(source.path, posix.join(keptFiles.imports, `${names.size}-${basename(source.path)}`));
  }
  return names;
}

/** Keeps a spec and all that it imports in a run's folder, in place of what was kept there. */
export function writeSpec(folder: string, { source, imports }: CompiledSpec): void {
  writeFileSync(join(folder, keptFiles.spec), source.text);
  rmSync(join(folder, keptFiles.imports), { recursive: true, force: true });
  if (imports.length > 0) mkdirSync(join(folder, keptFiles.imports));
  const names = namesOf(source, imports);
  for (const { source: imported } of imports)
    writeFileSync(join(folder, names.get(imported.path)!), imported.text);
}

/** Compiles what a run has kept, wherever the files are that it was made from. */
export function compileKept(
  terminal: Terminal,
  folder: string,
  { imports = [] }: KeptSpec,
  choices: CompileChoices,
): Promise<CompiledSpec> {
  const inFolder = (file: string) => join(folder, file);
  return compileSpec(terminal, inFolder(keptFiles.spec), choices, (path, from) => {
    const found = imports.find(entry => entry.path === path && inFolder(entry.from) === from.path);
    return found === undefined ? null : sourceAt(inFolder(found.file));
  });
}

/** Paths of the files of a spec whose text is not the one that the run has kept. */
export function changedFiles(folder: string, kept: KeptSpec, spec: CompiledSpec): readonly string[] {
  const files = [keptFiles.spec, ...(kept.imports ?? []).map(({ file }) => file)];
  const texts = new Set(files.map(file => readFileSync(join(folder, file), 'utf8')));
  const sources = [spec.source, ...spec.imports.map(({ source }) => source)];
  return [...new Set(sources.filter(({ text }) => !texts.has(text)).map(({ path }) => path))];
}
