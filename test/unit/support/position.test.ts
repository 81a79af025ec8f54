import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineCount, lineRange, positionAt } from '../../../compiler/support/position.js';

const fileOf = (text: string) => ({ path: 'a.iwae', text });

describe('positions', () => {
  test('every kind of line break ends a line', () => {
    const file = fileOf('ab\ncd\r\nef\rgh');
    expect(lineCount(file)).toBe(4);
    expect([0, 2, 3, 7, 8, 9, 11, 12].map(offset => positionAt(file, offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 3, column: 1 },
      { line: 3, column: 2 },
      { line: 3, column: 3 },
      { line: 4, column: 2 },
      { line: 4, column: 3 },
    ]);
  });

  test('offsets outside the text move to its ends', () => {
    const file = fileOf('ab\n');
    expect(positionAt(file, -5)).toEqual({ line: 1, column: 1 });
    expect(positionAt(file, 99)).toEqual({ line: 2, column: 1 });
    expect(positionAt(fileOf(''), 0)).toEqual({ line: 1, column: 1 });
  });

  test('a line range leaves out the terminator', () => {
    const file = fileOf('ab\r\ncd\n\r');
    const lines = [1, 2, 3, 4].map(line => {
      const { start, end } = lineRange(file, line);
      return file.text.slice(start, end);
    });
    expect(lines).toEqual(['ab', 'cd', '', '']);
  });

  test('a position leads back to its offset', () => {
    const text = fc
      .array(fc.constantFrom('a', '\n', '\r', '\r\n', '\t', '日'), { maxLength: 40 })
      .map(parts => parts.join(''));
    fc.assert(
      fc.property(text, fc.nat(60), (content, near) => {
        const file = fileOf(content);
        const offset = Math.min(near, content.length);
        const { line, column } = positionAt(file, offset);
        expect(lineRange(file, line).start + column - 1).toBe(offset);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
