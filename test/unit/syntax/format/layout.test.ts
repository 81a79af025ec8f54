import { describe, expect, test } from 'vitest';
import { format } from '../../../../compiler/syntax/format/index.js';

const layoutOf = (text: string) => format({ path: 'a.iwae', text }).text;
const bound = (formula: string) =>
  layoutOf(`bound b = ${formula}`)
    ?.replace(/^bound b =\s+/, '')
    .trimEnd();

test('what cannot be read is left alone', () => {
  const { text, diagnostics } = format({ path: 'a.iwae', text: 'bound b = (x' });
  expect(text).toBeNull();
  expect(diagnostics.map(({ code }) => code)).toEqual(['unclosed-bracket']);
});

test.each([
  ['', ''],
  ['\n\n', ''],
  ['// alone', '// alone\n'],
  ['\ufeffbound b = x\r\n', 'bound b = x\n'],
  ['model m { bound f(k=2)\nusing   e }', 'model m {\n  bound f(k=2) using e\n}\n'],
  [
    'model m { bound f  for 2*3\nepochs then g using   e }',
    'model m {\n  bound f for 2 * 3 epochs then g using e\n}\n',
  ],
  ['import   "a.iwae" bound b()=x', 'import "a.iwae"\nbound b = x\n'],
  ['model m {\n\n\n}', 'model m {}\n'],
  ['model m { // first\n\n data x: real // second\n\n\n\n // last\n\n}', 'comments.iwae'],
])('%j', (text, expected) => {
  if (expected !== 'comments.iwae') expect(layoutOf(text)).toBe(expected);
  else {
    const column = (code: string, comment: string) => `${code.padEnd(48)}${comment}\n`;
    const lines = [
      column('model m {', '// first'),
      column('  data x: real', '// second'),
      '\n',
      '  // last\n',
      '}\n',
    ];
    expect(layoutOf(text)).toBe(lines.join(''));
  }
});

describe('parentheses stand where precedence needs them', () => {
  test.each([
    ['((x))', 'x'],
    ['(a * b) + c', 'a * b + c'],
    ['(a + b) * c', '(a + b) * c'],
    ['a - (b - c)', 'a - (b - c)'],
    ['(a - b) - c', 'a - b - c'],
    ['(a ^ b) ^ c', '(a^b)^c'],
    ['a ^ (b ^ c)', 'a^b^c'],
    ['(-a) ^ b', '(-a)^b'],
    ['-(a ^ b)', '-a^b'],
    ['-(a * b)', '-(a * b)'],
    ['10 ^ (-a)', '10^-a'],
    ['(a < b) < c', '(a < b) < c'],
    ['a * (-b)', 'a * -b'],
    ['(a |> f())[1]', '(a |> f())[1]'],
    ['(f)(x)', 'f(x)'],
    ['(data x)[ 0 ]', 'data x[0]'],
  ])('%s', (text, expected) => {
    expect(bound(text)).toBe(expected);
  });
});

test.each([
  ['f( k = 5,x )', 'f(k=5, x)'],
  ['f(a=-1, b=[1,2,],)', 'f(a=-1, b=[1, 2])'],
  ['f(a=1, b=g(x))', 'f(a = 1, b = g(x))'],
  ['1e-3 + 0.10 + 1E+2', '1e-3 + 0.10 + 1E+2'],
])('arguments and numbers: %s', (text, expected) => {
  expect(bound(text)).toBe(expected);
});

const long = (name: string) => name.repeat(30);

test('a call that is too long has one argument a line', () => {
  expect(
    layoutOf(`function f(x: real) { return ${long('f')}(${long('a')}, g(${long('b')}), size=${long('c')}) }`),
  ).toBe(
    [
      'function f(x: real) {',
      `  return ${long('f')}(`,
      `    ${long('a')},`,
      `    g(${long('b')}),`,
      `    size=${long('c')}`,
      '  )',
      '}',
      '',
    ].join('\n'),
  );
});

test('operators that are too long break at the loosest first', () => {
  expect(layoutOf(`bound b = ${long('a')} * ${long('b')} + ${long('c')} * ${long('d')}`)).toBe(
    ['bound b =', `  ${long('a')} * ${long('b')}`, `    + ${long('c')} * ${long('d')}`, ''].join('\n'),
  );
});

test('draws and clauses stand in columns', () => {
  expect(layoutOf('model m { generative { h2 ~ f()\n x ~ g() } }\nbound b { value x recognition y }')).toBe(
    [
      'model m {',
      '  generative {',
      '    h2 ~ f()',
      '    x  ~ g()',
      '  }',
      '}',
      'bound b {',
      '  value       x',
      '  recognition y',
      '}',
      '',
    ].join('\n'),
  );
});

test('comments stay with what they are about', () => {
  const text = `// head
/// doc
bound b(k: int) = f( // the call
  a, // first
  // about c
  c // third
  // behind all
) // end
// tail`;
  const column = (code: string, comment: string) => `${code.padEnd(48)}${comment}`;
  expect(layoutOf(text)).toBe(
    [
      '// head',
      '/// doc',
      column('bound b(k: int) = f(', '// the call'),
      column('  a,', '// first'),
      '  // about c',
      column('  c', '// third'),
      '  // behind all',
      column(')', '// end'),
      '// tail',
      '',
    ].join('\n'),
  );
});

test('a comment in the style of documentation does not become one', () => {
  expect(layoutOf('import "a.iwae"\n/// no doc\n\nbound b = x')).toBe(
    'import "a.iwae"\n/// no doc\n\nbound b = x\n',
  );
  expect(layoutOf('bound a = (x // c\n) /// no doc\nbound b = x')).toContain('/// no doc\n\nbound b');
});

test('settings named like a declaration are not read as one', () => {
  expect(layoutOf('model m { train { batch 20 model x } }')).toContain('    model (x)\n');
});
