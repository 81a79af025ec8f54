import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { families, isDiagnosticCode, renderDiagnostics } from '../../compiler/diagnostics/index.js';
import { type CompileRequest, check, compile } from '../../compiler/index.js';

/*
 * Each program in `cases` is named `<code>.iwae` or `<code>.<variant>.iwae`, and what is reported of it stands beside it
 * in full. A first line `//! {…}` holds further fields of the request. Names with `_` are imported by others.
 */
const folder = fileURLToPath(new URL('./cases/', import.meta.url));
const names = readdirSync(folder)
  .filter(file => file.endsWith('.iwae') && !file.startsWith('_'))
  .map(file => file.replace(/\.iwae$/, ''))
  .sort();

const read = (path: string) => ({ path, text: readFileSync(folder + path, 'utf8') });

interface Directive extends Partial<CompileRequest> {
  /** Ask for more than a check: the file is to be built. */
  readonly build?: boolean;
}

async function report(name: string) {
  const source = read(`${name}.iwae`);
  const directive = /^\/\/! (.*)/.exec(source.text)?.[1];
  const { build, ...further }: Directive = directive === undefined ? {} : JSON.parse(directive);
  const readImport = (path: string) => (existsSync(folder + path) ? read(path) : null);
  const request = { source, readImport, ...further };
  return build ? (await compile(request)).diagnostics : check(request).diagnostics;
}

describe('what is reported', () => {
  test.each(names)('%s', async name => {
    const diagnostics = await report(name);
    const [code] = name.split('.') as [string];
    if (isDiagnosticCode(code)) expect(diagnostics.map(diagnostic => diagnostic.code)).toContain(code);
    expect(diagnostics.length).toBeGreaterThan(0);
    const text = renderDiagnostics(diagnostics, { color: false });
    await expect(text).toMatchFileSnapshot(`${folder}${name}.txt`);
  });
});

test('every code of the checker has a case', () => {
  const { syntax: _, ...checked } = families;
  const codes = Object.values(checked).flatMap(family => Object.keys(family));
  const covered = new Set(names.map(name => name.split('.')[0]));
  expect(codes.filter(code => !covered.has(code))).toEqual([]);
});
