import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path from the root of the file imported, `.ts`; null: a package or a module of Node. */
  readonly target: string | null;
}

export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text without comments and with the content of strings blanked. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const generated = new Set(['stdlib/sources.ts']);

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/**
 * Comments and the inside of strings, in one pass: `//` in a string is no comment and `'` in a comment no string.
 * Template texts count as strings; what stands in `${}` of them goes with them.
 */
const commentOrString =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g;

export const withoutComments = (text: string): string =>
  text.replace(commentOrString, match => (match.startsWith('/') ? ' ' : match));

const withoutStrings = (text: string): string =>
  text.replace(commentOrString, match => (match.startsWith('/') ? ' ' : `${match[0]}${match[0]}`));

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`; `import type` counts like the rest. */
const importForms = /\b(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g;

function resolve(specifier: string, from: string): string | null {
  if (!specifier.startsWith('.')) return null;
  const path = normalize(join(dirname(from), specifier))
    .split(sep)
    .join('/');
  return path.replace(/\.js$/, '.ts');
}

export function importsOf(text: string, path: string): readonly Import[] {
  return [...withoutComments(text).matchAll(importForms)].map(([, , specifier = '']) => ({
    specifier,
    target: resolve(specifier, path),
  }));
}

/** Every TypeScript file of the given top-level folders. */
export function sourcesOf(...folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap(filesBelow)
    .filter(path => path.endsWith('.ts') && !path.endsWith('.d.ts') && !generated.has(path))
    .map(path => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, code: withoutStrings(text), imports: importsOf(text, path) };
    });
}
