import { describe, expect, test } from 'vitest';
import { renderDiagnostics } from '../../../compiler/diagnostics/index.js';
import { printAst } from '../../../compiler/syntax/index.js';
import { errors, names, parsed } from './texts.js';

const only = (text: string) => {
  const { diagnostics } = parsed(text);
  expect(diagnostics.map(({ code }) => code)).toHaveLength(1);
  return diagnostics[0]!;
};

describe('frequent mistakes', () => {
  test('`=` for `~` in a network, and no `let` in a body', () => {
    const network = 'model m {\n  recognition {\n    h = f(x)\n  }\n}';
    expect(errors(network)).toEqual(['bare-assignment 3:7 =']);
    expect(only(network).help).toBe('write `h ~ …` to draw from a distribution, `let h = …` to name a value');
    expect(printAst(parsed(network).file)).toContain('draw h\n');
    const body = 'function f(x: real) {\n  y = 2 * x\n  return y\n}';
    expect(errors(body)).toEqual(['bare-assignment 2:5 =']);
    expect(only(body).help).toBe('write `let y = …`');
    expect(printAst(parsed(body).file)).toContain('let y\n');
  });

  test.each([
    ['bound b = iwae(k: 3)', 'named-argument-colon 1:17 :'],
    ['bound b = log_w ** 2', 'power-operator 1:17 **'],
    ['bound b = 0 < log_w < 1', 'chained-comparison 1:21 <'],
    ['bound b = f(x)(y)', 'call-of-expression 1:15 ('],
    ['bound b = mean[50](log_w)', 'axis-not-a-name 1:16 50'],
    ['bound b = log_w;', 'semicolon 1:16 ;'],
    ['# a comment\nbound b = log_w', 'wrong-comment 1:1 # a comment'],
    ['/* a\n comment */ bound b = log_w', 'wrong-comment 1:1 /* a\n comment */'],
    ["import 'a.iwae'", "wrong-quotes 1:8 'a.iwae'"],
    ['import “a.iwae”', 'wrong-quotes 1:8 “a.iwae”'],
    ['import "a.iwae', 'unterminated-string 1:8 "a.iwae'],
    ['bound b = 1_000', 'invalid-number 1:11 1_000'],
    ['bound b = .5', 'invalid-number 1:11 .5'],
    ['bound b = 5. + 1', 'invalid-number 1:11 5.'],
    ['bound b = 1e + 1', 'invalid-number 1:11 1e'],
    ['bound b = 1.2.3', 'invalid-number 1:11 1.2.3'],
    ['bound b = 2k', 'invalid-number 1:11 2k'],
    ['bound b = 1e999', 'invalid-number 1:11 1e999'],
    ['bound b = a × 2', 'unexpected-character 1:13 ×'],
    ['bound data = 2', 'reserved-word 1:7 data'],
    ['bound b = f(in = 2)', 'reserved-word 1:13 in'],
    ['bound b = "text"', 'unexpected-token 1:11 "text"'],
    ['modle m { }', 'unexpected-token 1:1 modle'],
    ['bound b = ', 'unexpected-token 1:10'],
    ['bound b', 'unexpected-token 1:8'],
    ['bound', 'unexpected-token 1:6'],
    ['function f(x) = x', 'unexpected-token 1:13 )'],
    ['bound b = f(1 2)', 'unexpected-token 1:15 2'],
    ['bound b = f(1 2, 3) + 1', 'unexpected-token 1:15 2'],
    ['bound b = f(,)', 'unexpected-token 1:13 ,'],
    ['bound b = a + * 2', 'unexpected-token 1:15 *'],
    ['model m { } }', 'unexpected-token 1:13 }'],
  ])('%s', (text, expected) => {
    expect(errors(text)).toEqual([expected]);
  });

  test('only the first semicolon is reported', () => {
    expect(errors('function f(x: real) { let y = x; return y; };')).toEqual(['semicolon 1:32 ;']);
  });

  test.each([
    ['modle m { }', 'did you mean `model`?'],
    ['model m { recogniton { } }', 'did you mean `recognition`?'],
    ['model m {\n  batch 20\n}', '`batch` stands in `train { … }`'],
    ['model m {\n  h ~ f(x)\n}', 'statements stand in `recognition { … }` or `generative { … }`'],
    ['bound b { valeu 1 }', 'did you mean `value`?'],
    ['distribution d() { sample = 1 }', 'write `sample …`, without `=`'],
    [
      'distribution d() { log_prob x = 1 }',
      'the parameter of a formula stands in parentheses: `log_prob(x) = …`',
    ],
    ['bound b = 2 a', 'is an operator or a comma missing before it?'],
    ['model m { }\n}', 'this `}` closes nothing; is there one too many above?'],
    ['bound b = 1_000', 'write `1000`: digits are not grouped'],
    ['bound b = 2k', 'write `2 * k` for a product'],
    ['bound b = a − 2', 'the minus sign is `-`'],
    ['let y = 3', 'statements stand in the networks of a model, in functions and in layers'],
  ])('%s is answered with help', (text, help) => {
    expect(only(text).help).toBe(help);
  });
});

describe('an estimator', () => {
  const model = (bound: string) => `model m {\n  bound ${bound}\n  train { batch 4 }\n}\n`;
  const members = (text: string) =>
    parsed(text).file.items.flatMap(found => (found.kind === 'model' ? found.members : []));

  test.each([
    ['iwae(k=5) using', 'unexpected-token 2:24'],
    ['iwae(k=5) using 3', 'unexpected-token 2:25 3'],
    ['iwae(k=5) using data', 'reserved-word 2:25 data'],
  ])('that is missing loses nothing else: %s', (bound, reported) => {
    expect(errors(model(bound))).toEqual([reported]);
    expect(members(model(bound)).map(({ kind }) => kind)).toEqual(['bound-choice', 'train']);
  });

  test.each([
    ['elbo for 3 epoch then iwae', 'unexpected-token 2:20 epoch'],
    ['elbo for 3 epochs iwae', 'unexpected-token 2:27 iwae'],
  ])('stages that are cut short lose nothing else: %s', (bound, reported) => {
    expect(errors(model(bound))).toEqual([reported]);
    expect(members(model(bound)).map(({ kind }) => kind)).toContain('train');
  });

  test('has a word that is a name elsewhere', () => {
    expect(errors('bound b(epochs: int) = mean[epochs](then)')).toEqual([]);
    expect(errors('bound b(using: int) = mean[using](log_w)')).toEqual([]);
  });
});

describe('unclosed brackets', () => {
  test('a parenthesis, reported at the opening one, loses nothing but itself', () => {
    const text = 'model m {\n  recognition {\n    h ~ normal(0, 1\n    g ~ f(h]\n  }\n  bound iwae(k=5)\n}\n';
    const { file, diagnostics } = parsed(text);
    expect(errors(text)).toEqual(['unclosed-bracket 3:15 (', 'unclosed-bracket 4:10 (']);
    expect(diagnostics[0]).toMatchObject({ found: 'the name `g` on a later line', expected: '`)`' });
    expect(diagnostics[0]?.labels).toMatchObject([
      { text: '`)` was expected here', span: { start: 45, end: 45 } },
    ]);
    expect(printAst(file)).toBe(`file a.iwae
  model m
    network recognition
      draw h
        call normal
          number 0
          number 1
      draw g
        call f
          name h
    bound-choice
      call iwae
        k = number 5
`);
  });

  test('an inner one does not take the closing bracket of an outer one', () => {
    expect(errors('bound b = [f(a]')).toEqual(['unclosed-bracket 1:13 (']);
    expect(errors('bound b = f([a)')).toEqual(['unclosed-bracket 1:13 [']);
  });

  test('a missing comma between lines is not taken for a missing parenthesis', () => {
    expect(errors('model m { recognition {\n h ~ f(x,\n  a=1\n  b=2)\n} }')).toEqual([
      'unexpected-token 3:6',
    ]);
  });

  test('a brace, before what can only stand outside', () => {
    const text = 'model m {\n  recognition {\n    h ~ f(x)\n\n  generative {\n    x ~ g(h)\n  }\n}\n';
    expect(errors(text)).toEqual(['unclosed-bracket 2:15 {']);
    expect(only(text).message).toBe('the `{` of `recognition` is never closed');
    expect(errors('model m {\n  data x: real\n\nbound b = log_w\n')).toEqual(['unclosed-bracket 1:9 {']);
    expect(errors('layer f(x: real) {\n  return x\n\nlayer g(x: real) {\n  return x\n}')).toEqual([
      'unclosed-bracket 1:18 {',
    ]);
  });

  test('at the end of the file, with the brace that indentation accuses', () => {
    const text = 'model m {\n  train {\n    batch 20\n}\n';
    expect(errors(text)).toEqual(['unclosed-bracket 1:9 {']);
    expect(
      renderDiagnostics(parsed(text).diagnostics, { color: false }),
    ).toBe(`error[unclosed-bracket]: the \`{\` of \`model m\` is never closed
 --> a.iwae:1:9
  |
1 | model m {
  |         ^
2 |   train {
  |         - or this one is not closed: the next \`}\` is indented less
3 |     batch 20
4 | }
  |  - \`}\` was expected here
  |
  = found: the end of the file
  = expected: \`}\`
  = help: add \`}\` where the bracket should end

1 error
`);
  });

  test('one brace too many is one error', () => {
    const text =
      'model m {\n  recognition {\n  }\n  }\n  generative {\n    x ~ f(h)\n  }\n}\nbound b = log_w\n';
    expect(errors(text)).toEqual(['unexpected-token 5:3 generative']);
    expect(names(parsed(text).file)).toEqual(['m', 'b']);
  });
});

describe('several errors in one file', () => {
  const text = `model m {
  data x binary[784]
  recognition {
    h = f(x)
    let = 3
    g <- f(h)
    let y = h +
    k ~ f(y: 1, 2 3)
  }
  generativ { }
  train { batch }
}
bound b(k int) = log_w
bound c = (log_w
function f(x: real) x
layer g(x: real) {
  param w ~ normal(0, 1)
  return
}
bound d = log_w
`;

  test('are all found, each at its place', () => {
    expect(errors(text)).toEqual([
      'unexpected-token 2:10 binary',
      'bare-assignment 4:7 =',
      'unexpected-token 5:9 =',
      'unexpected-token 6:5 g',
      'unexpected-token 7:16',
      'named-argument-colon 8:12 :',
      'unexpected-token 8:19 3',
      'unexpected-token 10:3 generativ',
      'unexpected-token 11:17 }',
      'unexpected-token 13:11 int',
      'unclosed-bracket 14:11 (',
      'unexpected-token 15:21 x',
      'unexpected-token 17:11 ~',
      'unexpected-token 18:9',
    ]);
  });

  test('in words of the language', () => {
    const { diagnostics } = parsed(text);
    const words = diagnostics
      .filter(({ code }) => code === 'unexpected-token')
      .map(({ message, found }) => `${message}; ${found}`);
    expect(words).toEqual([
      'expected `:` and the type of the data; the name `binary`',
      'expected a name for the value; `=`',
      'expected a statement, `name ~ …` or `let name = …`; the name `g`',
      'expected an expression; the name `k` on a later line',
      'expected `,` or `)`; the number `3`',
      'expected `data`, `recognition`, `generative`, `bound` or `train`; the name `generativ`',
      'expected an expression; `}`',
      'expected `:` and the type of the parameter; the name `int`',
      'expected `=` and an expression, or a block `{ … }`; the name `x`',
      'expected `:` and the type of the parameter; `~`',
      'expected an expression; `}` on a later line',
    ]);
  });

  test('and what is right is kept', () => {
    const { file } = parsed(text);
    expect(names(file)).toEqual(['m', 'c', 'g', 'd']);
    expect(printAst(file)).toContain(`    network recognition
      draw h
        call f
          name x
      let y
        binary +
          name h
          hole
      draw k
        call f
          y = number 1
          number 2
`);
  });
});
