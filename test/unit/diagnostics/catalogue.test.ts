import { describe, expect, test } from 'vitest';
import {
  catalogue,
  diagnose,
  diagnosticCodes,
  diagnosticToJson,
  explain,
  families,
  hasErrors,
  isDiagnosticCode,
  suggestCode,
} from '../../../compiler/diagnostics/index.js';

const file = { path: 'a.iwae', text: 'model m {\n  x\n}\n' };
const span = { file, start: 12, end: 13 };

describe('the catalogue', () => {
  test('a code stands in one family only', () => {
    const sizes = Object.values(families).map(family => Object.keys(family).length);
    expect(diagnosticCodes.length).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });

  test.each(diagnosticCodes.map(code => [code]))(
    '%s has a kebab-case code, a title and a page with examples',
    code => {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(catalogue[code].title).toMatch(/^\S.*[^.]$/);
      expect(catalogue[code].explain).toMatch(/wrong/i);
      expect(catalogue[code].explain).toMatch(/right/i);
    },
  );

  test('explain gives the page of a code', () => {
    expect(explain('power-operator')).toMatch(
      /^# error\[power-operator\]: `\*\*` is not an operator\n\nThe power operator/,
    );
    expect(isDiagnosticCode('power-operator')).toBe(true);
    expect(isDiagnosticCode('toString')).toBe(false);
    expect(suggestCode('power-operater')).toBe('power-operator');
  });
});

describe('diagnose', () => {
  test('words the facts', () => {
    const diagnostic = diagnose(
      'unexpected-token',
      span,
      { found: 'the name `x`', expected: '`data`', hint: null },
      { notes: ['a note'] },
    );
    expect(diagnostic).toEqual({
      code: 'unexpected-token',
      severity: 'error',
      span,
      message: 'expected `data`',
      found: 'the name `x`',
      expected: '`data`',
      help: null,
      labels: [],
      notes: ['a note'],
    });
    expect(hasErrors([diagnostic])).toBe(true);
    expect(hasErrors([{ ...diagnostic, severity: 'warning' }])).toBe(false);
  });

  test('wrong facts are type errors', () => {
    // @ts-expect-error: `expected` and `hint` are missing
    expect(diagnose('unexpected-token', span, { found: 'x' }).message).toBe('expected undefined');
    // @ts-expect-error: a semicolon has no facts
    expect(diagnose('semicolon', span, { found: 'x' }).code).toBe('semicolon');
    expect(diagnose('semicolon', span, {}).found).toBe('`;`');
  });

  test('as JSON: lines and columns count from 1', () => {
    const diagnostic = diagnose(
      'semicolon',
      span,
      {},
      { labels: [{ span: { file, start: 8, end: 15 }, text: 'in' }] },
    );
    expect(diagnosticToJson(diagnostic)).toEqual({
      code: 'semicolon',
      severity: 'error',
      message: 'statements do not end with `;`',
      range: { file: 'a.iwae', start: { line: 2, column: 3 }, end: { line: 2, column: 4 } },
      found: '`;`',
      expected: 'nothing, or the next statement',
      help: 'remove every `;` of this file',
      labels: [
        { range: { file: 'a.iwae', start: { line: 1, column: 9 }, end: { line: 3, column: 2 } }, text: 'in' },
      ],
      notes: [],
    });
  });
});
