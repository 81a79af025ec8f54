import { quoted } from '../../support/words.js';
import { type EntryTable, entry } from './entry.js';

const example = (wrong: string, right: string, text: string): string =>
  `${text}\n\nWrong:\n\n\`\`\`iwae\n${wrong}\n\`\`\`\n\nRight:\n\n\`\`\`iwae\n${right}\n\`\`\`\n`;

/** What the reader of the text can say is wrong before any name has a meaning. */
export const syntax = {
  'unexpected-token': entry<{ found: string; expected: string; hint: string | null }>({
    severity: 'error',
    title: 'something else was expected here',
    message: ({ expected }) => `expected ${expected}`,
    found: ({ found }) => found,
    expected: ({ expected }) => expected,
    help: ({ hint }) => hint,
    explain: example(
      'let y = x |> dense(200 tanh)',
      'let y = x |> dense(200, tanh)',
      'The text stops following the grammar at this place. What stands there and what could have stood there are both named.',
    ),
  }),
  'unclosed-bracket': entry<{ open: string; close: string; found: string; of: string | null }>({
    severity: 'error',
    title: 'a bracket is never closed',
    message: ({ open, of }) =>
      of === null ? `this ${quoted(open)} is never closed` : `the ${quoted(open)} of ${of} is never closed`,
    found: ({ found }) => found,
    expected: ({ close }) => quoted(close),
    help: ({ close }) => `add ${quoted(close)} where the bracket should end`,
    explain: example(
      'recognition {\n  h ~ gaussian_mlp(x, hidden=[200], size=50)\n\ngenerative {',
      'recognition {\n  h ~ gaussian_mlp(x, hidden=[200], size=50)\n}\ngenerative {',
      'Every `(`, `[` and `{` needs its partner. The error points at the opening one; the label shows where its partner was missed.',
    ),
  }),
  'bare-assignment': entry<{ name: string; network: boolean }>({
    severity: 'error',
    title: 'a name is assigned with neither `~` nor `let`',
    message: ({ name }) => `${quoted(`${name} = …`)} is neither a draw nor a definition`,
    found: () => quoted('='),
    expected: ({ network, name }) =>
      network ? `${quoted('~')}, or ${quoted('let')} before the name` : quoted(`let ${name} = …`),
    help: ({ network, name }) =>
      network
        ? `write ${quoted(`${name} ~ …`)} to draw from a distribution, ${quoted(`let ${name} = …`)} to name a value`
        : `write ${quoted(`let ${name} = …`)}`,
    explain: example(
      'recognition {\n  h = gaussian_mlp(x, hidden=[200], size=50)\n}',
      'recognition {\n  h ~ gaussian_mlp(x, hidden=[200], size=50)\n}',
      'In a network, `h ~ d` draws `h` from the distribution `d` and makes a factor of p or q; `let y = e` only names a value. A bare `=` does neither.',
    ),
  }),
  'named-argument-colon': entry<{ name: string }>({
    severity: 'error',
    title: 'a named argument is written with `:`',
    message: ({ name }) => `the argument ${quoted(name)} is given with ${quoted('=')}, not ${quoted(':')}`,
    found: () => quoted(':'),
    expected: () => quoted('='),
    help: ({ name }) => `write ${quoted(`${name} = …`)}`,
    explain: example(
      'bound iwae(k: 50)',
      'bound iwae(k=50)',
      'A colon gives a type, in a declaration; an argument is given with `=`.',
    ),
  }),
  'power-operator': entry({
    severity: 'error',
    title: '`**` is not an operator',
    message: () => `powers are written with ${quoted('^')}`,
    found: () => quoted('**'),
    expected: () => quoted('^'),
    help: () => `write ${quoted('x^2')}`,
    explain: example(
      'let y = z**2',
      'let y = z^2',
      'The power operator is `^`. It binds tighter than unary minus: `-x^2` is `-(x^2)`.',
    ),
  }),
  'chained-comparison': entry<{ first: string; second: string }>({
    severity: 'error',
    title: 'comparisons do not chain',
    message: ({ first, second }) =>
      `${quoted(second)} follows another comparison (${quoted(first)}) without parentheses`,
    found: ({ second }) => quoted(second),
    expected: () => 'one comparison',
    help: () => `compare twice and multiply, as in ${quoted('(0 < x) * (x < 1)')}`,
    explain: example(
      'let inside = 0 < x < 1',
      'let inside = (0 < x) * (x < 1)',
      'A comparison gives 0 or 1, so `0 < x < 1` would compare 0 or 1 with 1. Say what you mean with parentheses.',
    ),
  }),
  'call-of-expression': entry<{ target: string }>({
    severity: 'error',
    title: 'only a name can be called',
    message: ({ target }) => `${target} cannot be called`,
    found: () => `${quoted('(')} after ${quoted(')')} or ${quoted(']')}`,
    expected: () => 'a function name before the arguments',
    help: () => `give the value to a function by name, or with ${quoted('|>')}`,
    explain: example(
      'let y = dense(200)(x)',
      'let y = x |> dense(200)',
      'Functions are not values here: a call is a name and its arguments.',
    ),
  }),
  'axis-not-a-name': entry<{ found: string }>({
    severity: 'error',
    title: 'a sample axis must be a name',
    message: ({ found }) => `${quoted(found)} is not the name of a sample axis`,
    found: ({ found }) => quoted(found),
    expected: () => 'the name of a parameter of the bound',
    help: () =>
      `name the axis after a parameter, as in ${quoted('bound iwae(k: int) = logmeanexp[k](log_w)')}`,
    explain: example(
      'bound mine(k: int) = logmeanexp[50](log_w)',
      'bound mine(k: int) = logmeanexp[k](log_w)',
      'A reduction names the axis it removes. The size of the axis is the value of the parameter with that name.',
    ),
  }),
  'reserved-word': entry<{ word: string; role: string }>({
    severity: 'error',
    title: 'a reserved word is used as a name',
    message: ({ word, role }) => `${quoted(word)} is a word of the language and cannot be ${role}`,
    found: ({ word }) => `the word ${quoted(word)}`,
    expected: ({ role }) => role,
    help: ({ word }) => `choose another name, such as ${quoted(`${word}_`)}`,
    explain: example(
      'let data = dense(x, 200)',
      'let hidden = dense(x, 200)',
      'Few words are reserved: `import`, `data`, `let`, `param`, `return`, `fold`, `for`, `in`. All others, `mean` or `sample` or `state` among them, are free.',
    ),
  }),
  'invalid-number': entry<{ text: string; hint: string | null }>({
    severity: 'error',
    title: 'a number is not written as one',
    message: ({ text }) => `${quoted(text)} is not a number`,
    found: ({ text }) => quoted(text),
    expected: () => `a number such as ${quoted('784')}, ${quoted('0.9')} or ${quoted('1e-3')}`,
    help: ({ hint }) => hint,
    explain: example(
      'batch 1_000',
      'batch 1000',
      'A number has digits, then possibly a point with more digits, then possibly an exponent: `784`, `0.9`, `1e-3`. It starts and ends with a digit.',
    ),
  }),
  'unexpected-character': entry<{ text: string; hint: string | null }>({
    severity: 'error',
    title: 'a character has no meaning in the language',
    message: ({ text }) => `${quoted(text)} has no meaning here`,
    found: ({ text }) => quoted(text),
    help: ({ hint }) => hint,
    explain: example(
      'let y = a × b',
      'let y = a * b',
      'Outside comments only ASCII letters, digits, spaces and the operators of the language may stand. Names are letters, digits and `_`.',
    ),
  }),
  'unterminated-string': entry({
    severity: 'error',
    title: 'a string has no closing quote',
    message: () => 'this string is never closed',
    found: () => 'the end of the line',
    expected: () => quoted('"'),
    help: () => `end the string with ${quoted('"')} on the same line`,
    explain: example(
      'import "my_bounds.iwae',
      'import "my_bounds.iwae"',
      'A string starts and ends with `"` and stays on one line.',
    ),
  }),
  'wrong-quotes': entry({
    severity: 'error',
    title: 'a string is written with the wrong quotes',
    message: () => `strings are written with ${quoted('"')}`,
    found: () => 'another kind of quotes',
    expected: () => quoted('"'),
    help: () => `use ${quoted('"')} on both sides`,
    explain: example(
      "import 'my_bounds.iwae'",
      'import "my_bounds.iwae"',
      'A string starts and ends with `"`, the straight double quote.',
    ),
  }),
  'wrong-comment': entry<{ opener: string }>({
    severity: 'error',
    title: 'a comment is written in the style of another language',
    message: ({ opener }) => `comments start with ${quoted('//')}, not ${quoted(opener)}`,
    found: ({ opener }) => quoted(opener),
    expected: () => quoted('//'),
    help: () => `write ${quoted('// …')}; a comment ends with its line`,
    explain: example(
      '# two stochastic layers',
      '// two stochastic layers',
      'A comment runs from `//` to the end of the line. `///` right above a declaration documents it.',
    ),
  }),
  semicolon: entry({
    severity: 'error',
    title: '`;` is not used',
    message: () => `statements do not end with ${quoted(';')}`,
    found: () => quoted(';'),
    expected: () => 'nothing, or the next statement',
    help: () => `remove every ${quoted(';')} of this file`,
    explain: example(
      'let y = tanh(x);',
      'let y = tanh(x)',
      'A statement ends where the next one starts. Only the first `;` of a file is reported.',
    ),
  }),
  'file-too-large': entry<{ limit: string; size: string }>({
    severity: 'error',
    title: 'the file is too large to be a model',
    message: ({ limit }) => `a source file may hold at most ${limit}`,
    found: ({ size }) => size,
    expected: ({ limit }) => `at most ${limit}`,
    help: () =>
      'is this a data file? Models are text of a few kilobytes; split a large library with `import`',
    explain:
      'Source files are limited to 1 MiB, so that a data file given by mistake is refused at once.\n\nWrong: `iwaec check mnist.idx`\n\nRight: `iwaec check specs/mnist1l.iwae`\n',
  }),
  'not-text': entry<{ hint: string | null }>({
    severity: 'error',
    title: 'the file is not text',
    message: () => 'this file is not text',
    found: () => 'binary data',
    expected: () => 'a source file in UTF-8',
    help: ({ hint }) => hint,
    explain:
      'The file holds zero bytes or mostly bytes that are not UTF-8 text, so it cannot be a model.\n\nWrong: `iwaec check checkpoint.safetensors`, or a model saved as UTF-16\n\nRight: `iwaec check specs/mnist1l.iwae`, saved as UTF-8\n',
  }),
  'nested-too-deeply': entry<{ limit: number }>({
    severity: 'error',
    title: 'an expression is nested too deeply',
    message: ({ limit }) => `this is nested deeper than ${limit} levels`,
    expected: ({ limit }) => `at most ${limit} levels`,
    help: () => `name parts of it with ${quoted('let')}, or use ${quoted('fold')} over a list`,
    explain: example(
      'let y = f(f(f(f( … 200 more … ))))',
      'let y = fold y = x for size in sizes { y |> f }',
      'Brackets, operators and calls may stand at most 200 deep in one another; a sum of more than 200 terms counts too.',
    ),
  }),
  'empty-file': entry({
    severity: 'error',
    title: 'the file declares nothing',
    message: () => 'this file is empty',
    found: () => 'no declaration',
    expected: () => `a declaration such as ${quoted('model name { … }')}`,
    explain:
      '`check`, `build` and `train` need a file with a model in it.\n\nWrong: an empty file, or one with comments only\n\nRight:\n\n```iwae\nmodel tiny {\n  data x: real[2]\n  …\n}\n```\n',
  }),
  'too-many-errors': entry<{ limit: number }>({
    severity: 'error',
    title: 'reading stopped after many errors',
    message: ({ limit }) => `reading stopped here after ${limit} syntax errors`,
    help: () => 'mend the first ones and check again; is this an iwae source file?',
    explain:
      'After 50 syntax errors the rest of the file is not read: later errors mostly follow from earlier ones.\n\nWrong: a file in another language\n\nRight: an `.iwae` source file\n',
  }),
} satisfies EntryTable;
