import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  diagnose,
  type Label,
  renderDiagnostic,
  renderDiagnostics,
} from '../../../compiler/diagnostics/index.js';

const fileOf = (text: string, path = 'a.iwae') => ({ path, text });
const spanOf = (text: string, part: string, path?: string) => {
  const start = text.indexOf(part);
  expect(start, `\`${part}\` is in the text`).toBeGreaterThanOrEqual(0);
  return { file: fileOf(text, path), start, end: start + part.length };
};

/** Only the excerpt: what stands between the place and the facts. */
const excerpt = (text: string, start: number, end: number, labels: readonly Label[] = [], width = 100) => {
  const file = labels[0]?.span.file ?? fileOf(text);
  const rendered = renderDiagnostic(diagnose('power-operator', { file, start, end }, {}, { labels }), {
    color: false,
    width,
  });
  return rendered.split('\n').slice(3, -3).join('\n');
};

describe('a diagnostic', () => {
  const text = 'model m {\n  recognition {\n    h ~ gausian(x)\n  }\n}\n';
  const diagnostic = diagnose(
    'unexpected-token',
    spanOf(text, 'gausian', 'specs/m.iwae'),
    {
      found: 'the name `gausian`',
      expected: 'a distribution',
      hint: 'did you mean `gaussian`?\nIt needs an import.',
    },
    { notes: ['a note'] },
  );

  test('has header, place, excerpt, facts', () => {
    expect(renderDiagnostic(diagnostic, { color: false })).toBe(
      [
        'error[unexpected-token]: expected a distribution',
        ' --> specs/m.iwae:3:9',
        '  |',
        '3 |     h ~ gausian(x)',
        '  |         ^^^^^^^',
        '  |',
        '  = found: the name `gausian`',
        '  = help: did you mean `gaussian`?',
        '          It needs an import.',
        '  = note: a note',
      ].join('\n'),
    );
  });

  test('in colour is the same text with ANSI codes', () => {
    const colored = renderDiagnostic(diagnostic, { color: true });
    const esc = String.fromCharCode(27);
    expect(colored.startsWith(`${esc}[1;31merror[unexpected-token]${esc}[0m`)).toBe(true);
    expect(colored.replaceAll(new RegExp(`${esc}\\[[0-9;]*m`, 'g'), '')).toBe(
      renderDiagnostic(diagnostic, { color: false }),
    );
  });

  test('several are counted', () => {
    expect(renderDiagnostics([], { color: false })).toBe('');
    const rendered = renderDiagnostics([diagnostic, { ...diagnostic, severity: 'warning' }], {
      color: false,
    });
    expect(rendered).toMatch(/a note\n\nwarning\[unexpected-token\]/);
    expect(rendered.endsWith('  = note: a note\n\n1 error, 1 warning\n')).toBe(true);
  });

  test('labels, in the same line, other lines and other files', () => {
    const file = fileOf(text, 'specs/m.iwae');
    const other = fileOf('layer gaussian(x: real) {\n}\n', 'lib.iwae');
    const labelled = {
      ...diagnostic,
      span: { file, start: 34, end: 41 },
      help: null,
      notes: [],
      labels: [
        { span: { file, start: 30, end: 31 }, text: 'drawn here' },
        { span: { file, start: 24, end: 25 }, text: 'in this network' },
        { span: { file: other, start: 6, end: 14 }, text: 'a like name' },
      ],
    };
    expect(renderDiagnostic(labelled, { color: false })).toBe(
      [
        'error[unexpected-token]: expected a distribution',
        ' --> specs/m.iwae:3:9',
        '  |',
        '2 |   recognition {',
        '  |               - in this network',
        '3 |     h ~ gausian(x)',
        '  |     - drawn here',
        '  |         ^^^^^^^',
        ' ::: lib.iwae:1:7',
        '  |',
        '1 | layer gaussian(x: real) {',
        '  |       -------- a like name',
        '  |',
        '  = found: the name `gausian`',
      ].join('\n'),
    );
  });

  test('marks that leave each other room share a row', () => {
    const file = fileOf('f(a, b)');
    expect(excerpt(file.text, 2, 3, [{ span: { file, start: 5, end: 6 }, text: 'and this' }])).toBe(
      ['1 | f(a, b)', '  |   ^  - and this'].join('\n'),
    );
  });
});

describe('an excerpt', () => {
  test('of an empty file', () => {
    expect(excerpt('', 0, 0)).toBe('1 |\n  | ^');
  });

  test('at the end of a file, with and without a last line break', () => {
    expect(excerpt('ab', 2, 2)).toBe('1 | ab\n  |   ^');
    expect(excerpt('ab\n', 3, 3)).toBe('2 |\n  | ^');
    expect(excerpt('ab', 5, 9)).toBe('1 | ab\n  |   ^');
  });

  test('with tabs', () => {
    expect(excerpt('\th\t~ x', 3, 4)).toBe('1 |     h   ~ x\n  |         ^');
    expect(excerpt('a\tb', 1, 2)).toBe('1 | a   b\n  |  ^^^');
  });

  test('with CRLF and lone CR', () => {
    expect(excerpt('ab\r\ncd\r\n', 4, 6)).toBe('2 | cd\n  | ^^');
    expect(excerpt('ab\rcd', 3, 5)).toBe('2 | cd\n  | ^^');
    expect(excerpt('ab\r\ncd', 1, 4)).toBe('1 | ab\n  |  ^');
  });

  test('with wide, combined and astral characters', () => {
    expect(excerpt('日本 x', 3, 4)).toBe('1 | 日本 x\n  |      ^');
    expect(excerpt('日本 x', 0, 2)).toBe('1 | 日本 x\n  | ^^^^');
    expect(excerpt('e\u0301 x', 3, 4)).toBe('1 | e\u0301 x\n  |   ^');
    expect(excerpt('👩‍🔬 x', 6, 7)).toBe('1 | 👩‍🔬 x\n  |    ^');
  });

  test('shows controls, bidirectional marks and lone surrogates instead of sending them', () => {
    expect(excerpt('a\u001b[31mb\u202ec\ud800d', 12, 13)).toMatch(/^1 \| a␛\[31mb�c�d\n/);
  });

  test('of few lines shows them all, of many the first and the last', () => {
    expect(excerpt('f(a,\n  b,\n\n  c) + d', 1, 15)).toBe(
      ['1 | f(a,', '  |  ^^^', '2 |   b,', '  |   ^^', '3 |', '4 |   c) + d', '  |   ^^'].join('\n'),
    );
    expect(excerpt('{\n1\n2\n3\n4\n}', 0, 11)).toBe(['1 | {', '  | ^', '...', '6 | }', '  | ^'].join('\n'));
  });

  test('numbers lines in a column', () => {
    const text = 'x\n'.repeat(120);
    const file = fileOf(text);
    expect(excerpt(text, 16, 17, [{ span: { file, start: 200, end: 201 }, text: 'here' }])).toBe(
      ['  9 | x', '    | ^', '...', '101 | x', '    | - here'].join('\n'),
    );
  });

  test('of a long line is cut around the span', () => {
    const text = `${'a'.repeat(300)}XY${'b'.repeat(300)}`;
    expect(excerpt(text, 300, 302, [], 40)).toBe(
      [`1 | …${'a'.repeat(16)}XY${'b'.repeat(16)}…`, `  | ${' '.repeat(17)}^^`].join('\n'),
    );
    expect(excerpt(text, 0, 1, [], 40)).toBe([`1 | ${'a'.repeat(34)}…`, '  | ^'].join('\n'));
    expect(excerpt(text, 602, 602, [], 40)).toBe(
      [`1 | …${'b'.repeat(34)}`, `  | ${' '.repeat(35)}^`].join('\n'),
    );
    expect(excerpt(text, 290, 590, [], 40)).toBe(
      [`1 | …${'a'.repeat(18)}XY${'b'.repeat(14)}…`, `  | ${' '.repeat(9)}${'^'.repeat(26)}`].join('\n'),
    );
  });

  test('of a line of a million characters takes no time', () => {
    const text = 'ab '.repeat(350_000);
    const rendered = excerpt(text, 600_000, 600_002, [], 60);
    expect(rendered.split('\n').map(line => line.length <= 60)).toEqual([true, true]);
    expect(rendered).toContain('^^');
  });

  test('never throws and never exceeds the width', () => {
    const text = fc
      .array(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 9 }),
          fc.constantFrom('\n', '\t', '\r\n', 'abcdefghijk', '日'),
        ),
        {
          maxLength: 40,
        },
      )
      .map(parts => parts.join(''));
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: -3, max: 200 }),
        fc.nat(100),
        fc.nat(200),
        (content, start, length, other) => {
          const file = fileOf(content);
          const labels = [{ span: { file, start: other, end: other + 3 }, text: 'l' }];
          const diagnostic = diagnose('semicolon', { file, start, end: start + length }, {}, { labels });
          const lines = renderDiagnostic(diagnostic, { color: false, width: 50 }).split('\n');
          expect(lines.some(line => /\| .*\^/.test(line))).toBe(true);
          expect(lines.filter(line => /^ +\| +[\^]+$/.test(line)).every(line => line.length <= 51)).toBe(
            true,
          );
        },
      ),
      { seed: 3, numRuns: 500 },
    );
  });
});
