import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const files = ['runtime.js', 'browser-worker.js'] as const;
const texts = files.map(file => readFileSync(join(folder, file), 'utf8'));

describe('the runtime for pages', () => {
  it('is under 40 KB compressed, worker included', () => {
    const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
    expect(bytes).toBeLessThan(40_000);
  });

  it.each(files.map((file, i) => [file, texts[i]!]))('%s stands for itself', (_, text) => {
    const { module, errors } = parseSync('runtime.js', text);
    expect(errors).toEqual([]);
    expect([...module.staticImports, ...module.dynamicImports]).toEqual([]);
    // Not with `toMatch`, which would print all of the text.
    const ofNode = /["'`]node:|\bprocess\.|\bBuffer\b|\b__dirname\b|__require|chevrotain/;
    expect(ofNode.exec(text)?.[0]).toBeUndefined();
  });

  it('starts its worker in the form that bundlers know', () => {
    expect(texts[0]).toContain('new Worker(new URL("./browser-worker.js",import.meta.url),{type:');
  });
});
