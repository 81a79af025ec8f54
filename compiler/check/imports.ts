import { type Diagnostic, diagnose } from '../diagnostics/index.js';
import type { SourceFile } from '../support/source.js';
import type * as ast from '../syntax/ast.js';
import { parse } from '../syntax/index.js';

export interface LoadedFiles {
  /** Imported files, each after the ones it imports; the request's own file last. */
  readonly files: readonly ast.File[];
  readonly diagnostics: readonly Diagnostic[];
}

export type ReadImport = (path: string, from: SourceFile) => SourceFile | null;

/** A file whose imports are being followed. */
interface Open {
  readonly file: ast.File;
  readonly imports: ast.Import[];
}

/** Parses a file and, once each, the files it imports. Does not recurse: a chain of imports can be long. */
export function loadFiles(source: SourceFile, readImport: ReadImport): LoadedFiles {
  const files = new Map<string, ast.File>();
  const diagnostics: Diagnostic[] = [];
  const chain: Open[] = [];
  const open = (file: SourceFile): void => {
    const parsed = parse(file);
    diagnostics.push(...parsed.diagnostics);
    chain.push({ file: parsed.file, imports: parsed.file.items.filter(item => item.kind === 'import') });
  };
  const follow = (item: ast.Import, from: SourceFile): void => {
    const target = readImport(item.path, from);
    if (target === null) {
      diagnostics.push(diagnose('import-not-found', item.pathSpan, { path: item.path, from: from.path }));
      return;
    }
    const start = chain.findIndex(({ file }) => file.source.path === target.path);
    if (start >= 0) {
      const path = [...chain.slice(start).map(({ file }) => file.source.path), target.path];
      diagnostics.push(diagnose('import-cycle', item.pathSpan, { path }));
    } else if (!files.has(target.path)) {
      open(target);
    }
  };
  open(source);
  for (let top = chain.at(-1); top !== undefined; top = chain.at(-1)) {
    const next = top.imports.shift();
    if (next !== undefined) follow(next, top.file.source);
    else {
      chain.pop();
      files.set(top.file.source.path, top.file);
    }
  }
  return { files: [...files.values()], diagnostics };
}
