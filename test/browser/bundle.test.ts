import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

/** What a file imports, at once and later. */
function importsOf(file: string): { readonly first: readonly string[]; readonly later: readonly string[] } {
  const text = read(file);
  const { module, errors } = parseSync(file, text);
  expect(errors).toEqual([]);
  return {
    first: module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    later: module.dynamicImports.map(({ moduleRequest }) =>
      text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
    ),
  };
}

describe('the runtime for pages', () => {
  it('is under 40 KB compressed, worker included', () => {
    const bytes = ['runtime.js', 'browser-worker.js'].reduce(
      (sum, file) => sum + gzipSync(read(file)).length,
      0,
    );
    expect(bytes).toBeLessThan(40_000);
  });

  it('needs nothing at first, and rarer data formats when a file has one', () => {
    expect(importsOf('runtime.js')).toEqual({ first: [], later: ['./data-formats.js'] });
    expect(importsOf('browser-worker.js')).toEqual({ first: [], later: [] });
    expect(importsOf('data-formats.js')).toEqual({ first: ['./runtime.js'], later: [] });
  });

  it.each(['runtime.js', 'browser-worker.js'])('%s has nothing of Node, nor the compiler', file => {
    // Not with `toMatch`, which would print all of the text.
    const foreign = /["'`]node:|\bprocess\.|\bBuffer\b|\b__dirname\b|__require|chevrotain/;
    expect(foreign.exec(read(file))?.[0]).toBeUndefined();
  });

  it('starts its worker in the form that bundlers know', () => {
    expect(read('runtime.js')).toContain('new Worker(new URL("./browser-worker.js",import.meta.url),{type:');
  });
});
