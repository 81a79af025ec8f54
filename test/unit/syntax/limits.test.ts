import { describe, expect, test } from 'vitest';
import { limits } from '../../../compiler/syntax/index.js';
import { everything, names, parsed } from './texts.js';

const codes = (text: string) => parsed(text).diagnostics.map(({ code }) => code);

describe('limits', { timeout: 30_000 }, () => {
  test('a file of 10 MB is refused, one of 1 MiB is read', () => {
    expect(codes('x'.repeat(10_000_000))).toEqual(['file-too-large']);
    expect(parsed('x'.repeat(10 << 20)).diagnostics[0]?.found).toBe('10.0 MiB');
    expect(codes(' '.repeat(limits.fileLength))).toEqual([]);
    expect(codes(' '.repeat(limits.fileLength + 1))).toEqual(['file-too-large']);
  });

  test('a mebibyte of models is read in seconds', () => {
    const text = everything.repeat(Math.floor(limits.fileLength / everything.length));
    const start = performance.now();
    const { file, diagnostics } = parsed(text);
    // About half a second; the bound leaves room for a busy machine and still catches quadratic time.
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(diagnostics).toEqual([]);
    expect(file.items.length).toBeGreaterThan(5000);
  });

  test.each([
    ['parentheses', `${'('.repeat(300)}x${')'.repeat(300)}`],
    ['parentheses without end', '('.repeat(500_000)],
    ['calls', `${'f('.repeat(300)}x${')'.repeat(300)}`],
    ['lists', '['.repeat(300) + ']'.repeat(300)],
    ['folds', 'fold y = '.repeat(100_000)],
    ['minus signs', `${'-'.repeat(500_000)}x`],
    ['a long sum', `${'x + '.repeat(250_000)}x`],
    ['a tower of powers', `${'x^'.repeat(500_000)}x`],
    ['indices', `x${'[1]'.repeat(300_000)}`],
  ])('nesting: %s', (_what, text) => {
    const { file, diagnostics } = parsed(`bound a = 1\nbound b = ${text}`);
    expect(diagnostics.map(({ code }) => code)).toEqual(['nested-too-deeply']);
    expect(names(file)).toEqual(['a']);
  });

  test('nesting just below the limit is fine', () => {
    const depth = limits.nesting - 1;
    expect(codes(`bound b = ${'('.repeat(depth)}x${')'.repeat(depth)}`)).toEqual([]);
    expect(codes(`bound b = ${'f('.repeat(depth)}x${')'.repeat(depth)}`)).toEqual([]);
    expect(codes(`bound b = ${'x + '.repeat(depth)}x`)).toEqual([]);
  });

  test('what is not text is one error', () => {
    const bytes = Uint8Array.from(
      { length: 4096 },
      (_, index) => (index * 7919 + (index >> 3) * 104_729) & 255,
    );
    expect(codes(new TextDecoder().decode(bytes))).toEqual(['not-text']);
    expect(codes('model m {\0}')).toEqual(['not-text']);
    expect(codes('\ufffd'.repeat(100))).toEqual(['not-text']);
    const wide = parsed([...'model m { }'].join('\0')).diagnostics[0];
    expect(wide).toMatchObject({ code: 'not-text', help: 'is it saved as UTF-16? Save it as UTF-8' });
  });

  test('a few undecodable bytes are errors of their own, and none in comments', () => {
    expect(codes('bound b = x \ufffd + 1 // 12345678901234567890')).toEqual(['unexpected-character']);
    expect(codes('// Universit\ufffd de Montr\ufffdal, and more text\nbound b = x')).toEqual([]);
  });

  test('BOM, no-break spaces and lone surrogates', () => {
    expect(codes('\ufeffbound b = x')).toEqual([]);
    expect(codes('bound\u00a0b = x')).toEqual([]);
    expect(codes('bound b = x \ud800')).toEqual(['unexpected-character']);
  });

  test('an empty file is no error of the reader', () => {
    for (const text of ['', '\n', '// nothing', '\ufeff']) {
      expect(parsed(text)).toMatchObject({
        diagnostics: [],
        file: { items: [], span: { start: 0, end: text.length } },
      });
    }
  });

  test.each([
    ['declarations', 'bound b = \n'],
    ['errors of the lexer', 'σ '],
    ['malformed numbers', 'bound b = 1.1.1\n'],
    ['statements', 'function f(x: real) {\n  let = 2\n}\n'],
  ])('errors stop after fifty: %s', (_what, line) => {
    const { diagnostics } = parsed(line.repeat(10_000));
    expect(diagnostics).toHaveLength(limits.errors + 1);
    expect(diagnostics[limits.errors]?.code).toBe('too-many-errors');
  });
});
