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

/** Parses a file and, once each, the files it imports. */
export function loadFiles(source: SourceFile, readImport: ReadImport): LoadedFiles {
  const files = new Map<string, ast.File>();
  const diagnostics: Diagnostic[] = [];
  const load = (file: SourceFile, chain: readonly SourceFile[]): void => {
    const parsed = parse(file);
    diagnostics.push(...parsed.diagnostics);
    for (const item of parsed.file.items) {
      if (item.kind === 'import') follow(item, file, [...chain, file]);
    }
    files.set(file.path, parsed.file);
  };
  const follow = (item: ast.Import, from: SourceFile, chain: readonly SourceFile[]): void => {
    const target = readImport(item.path, from);
    if (target === null) {
      diagnostics.push(diagnose('import-not-found', item.pathSpan, { path: item.path, from: from.path }));
      return;
    }
    const start = chain.findIndex(file => file.path === target.path);
    if (start >= 0) {
      const path = [...chain.slice(start).map(file => file.path), target.path];
      diagnostics.push(diagnose('import-cycle', item.pathSpan, { path }));
    } else if (!files.has(target.path)) {
      load(target, chain);
    }
  };
  load(source, []);
  return { files: [...files.values()], diagnostics };
}
