import fc from 'fast-check';
import { endOf, lex } from '../../compiler/syntax/lexer.js';

/** Names, among them words that mean something elsewhere in the language. */
const name = fc.constantFrom(
  'x',
  'h1',
  'mean',
  'log_w',
  'value',
  'state',
  'size',
  'model',
  'bound',
  'scale_of_x',
);
const number = fc.constantFrom('0', '1', '50', '0.5', '1e-3', '1E+2', '0.001');
const operator = fc.constantFrom('+', '-', '*', '/', '@', '^', '|>', '<', '==');

const argument = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    value,
    fc.tuple(name, value).map(parts => parts.join(' = ')),
    fc.tuple(name, number).map(parts => parts.join('=')),
  );

const call = ([callee, passed]: readonly [string, readonly string[]]): string =>
  `${callee}(${passed.join(', ')})`;

/** Expressions that the parser reads without errors; parentheses, needless ones too, wherever they may stand. */
export const randomExpression: fc.Arbitrary<string> = fc.letrec<{ expression: string; operand: string }>(
  tie => ({
    expression: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      tie('operand'),
      fc.tuple(tie('operand'), operator, tie('operand')).map(parts => parts.join(' ')),
      fc
        .tuple(
          tie('operand'),
          fc.constantFrom('+', '-', '|>'),
          tie('operand'),
          fc.constantFrom('-', '*', '^'),
          tie('operand'),
        )
        .map(parts => parts.join(' ')),
      tie('operand').map(inner => `-${inner}`),
    ),
    operand: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      name,
      number,
      fc.constantFrom('data x', '[]', '[1, 2,]', 'f()', 'sum[k](log_w)'),
      tie('expression').map(inner => `(${inner})`),
      tie('expression').map(inner => `((${inner}))`),
      fc.tuple(name, fc.array(argument(tie('expression')), { maxLength: 3 })).map(call),
      fc.tuple(name, name, tie('expression')).map(([callee, axis, inner]) => `${callee}[${axis}](${inner})`),
      fc.tuple(tie('expression'), tie('expression')).map(([target, index]) => `(${target})[ ${index} ]`),
      fc
        .tuple(name, tie('expression'), tie('expression'), tie('expression'))
        .map(([carried, from, list, body]) => `fold ${carried} = ${from} for s in ${list} { ${body} }`),
      fc.array(tie('expression'), { maxLength: 3 }).map(elements => `[${elements.join(',\n')}]`),
    ),
  }),
).expression;

const type = fc.oneof(
  fc.constantFrom('real', 'int', 'int[]', 'real[n, 2]'),
  randomExpression.map(size => `real[${size}]`),
);
const parameters = fc
  .array(fc.tuple(name, type, fc.option(randomExpression)), { maxLength: 4 })
  .map(list =>
    list.map(([of, kind, given]) => `${of}: ${kind}${given === null ? '' : ` = ${given}`}`).join(', '),
  );

/** Statements may share a line; other members start their own, as their names could read as something else. */
const block = (member: fc.Arbitrary<string>, between = '\n'): fc.Arbitrary<string> =>
  fc.array(member, { maxLength: 4 }).map(members => `{\n${members.join(between)}\n}`);

const letStatement = fc.tuple(name, randomExpression).map(([of, value]) => `let ${of} = ${value}`);
const draw = fc.tuple(name, randomExpression).map(([of, value]) => `${of} ~ ${value}`);
const parameter = fc
  .tuple(name, type, fc.constantFrom('=', '~'), randomExpression)
  .map(([of, kind, mark, value]) => `param ${of}: ${kind} ${mark} ${value}`);
const result = randomExpression.map(value => `return ${value}`);
const statements = block(fc.oneof(letStatement, draw, parameter, result), ' ');
const body = fc.oneof(
  randomExpression.map(value => `= ${value}`),
  statements,
);
const settings = block(
  fc
    .tuple(fc.constantFrom('batch', 'optimizer', 'schedule', 'rate', 'epochs'), randomExpression)
    .map(([of, value]) => `${of} ${value}`),
);

const modelMember = fc.oneof(
  type.map(kind => `data x: ${kind}`),
  statements.map(inner => `recognition ${inner}`),
  statements.map(inner => `generative ${inner}`),
  fc
    .array(fc.tuple(name, number, fc.option(name)), { minLength: 1, maxLength: 3 })
    .map(stages => stages.map(([of, k, using]) => `${of}(k=${k})${using === null ? '' : ` using ${using}`}`))
    .map(stages => `bound ${stages.join(' for 10 epochs then ')}`),
  settings.map(inner => `train ${inner}`),
);
const distributionMember = fc.oneof(
  type.map(kind => `support ${kind}`),
  fc.constant('noise z: normal'),
  randomExpression.map(value => `sample ${value}`),
  randomExpression.map(value => `log_prob(x) = ${value}`),
  randomExpression.map(value => `entropy() = ${value}`),
);
const clause = fc
  .tuple(fc.constantFrom('value', 'generative', 'recognition'), randomExpression)
  .map(parts => parts.join(' '));
const optimizerMember = fc
  .tuple(fc.constantFrom('state', 'next', 'let'), name, randomExpression)
  .map(([word, of, value]) => `${word} ${of} = ${value}`);

const item = fc.oneof(
  fc.constant('import "other.iwae"'),
  block(modelMember).map(inner => `model m ${inner}`),
  fc
    .tuple(fc.constantFrom('function', 'layer'), parameters, body)
    .map(([word, list, rest]) => `${word} f(${list}) ${rest}`),
  fc.tuple(fc.constantFrom('reduction', 'weights'), body).map(([word, rest]) => `${word} r[a](v) ${rest}`),
  fc.tuple(parameters, block(distributionMember)).map(([list, inner]) => `distribution d(${list}) ${inner}`),
  fc.tuple(parameters, randomExpression).map(([list, value]) => `bound b(${list}) = ${value}`),
  fc.tuple(parameters, block(clause)).map(([list, inner]) => `bound b(${list}) ${inner}`),
  fc.tuple(parameters, block(optimizerMember)).map(([list, inner]) => `optimizer o(${list}) ${inner}`),
  fc.tuple(parameters, settings).map(([list, inner]) => `schedule s(${list}) ${inner}`),
);

/** Programs of every form of the grammar. Few of them mean anything; nearly all can be read. */
export const randomProgram: fc.Arbitrary<string> = fc
  .array(item, { minLength: 1, maxLength: 4 })
  .map(items => items.join('\n'));

/** What is put between two tokens; `#` is replaced by a number, so that comments can be told apart. */
const insertions = [
  '\n',
  '\n\n\n',
  ' // trailing #\n',
  '\n// own #\n',
  '\n\n  // apart #\n\n',
  '\n/// doc #\n',
  ' /// trailing doc #\n',
  ' // first #\n// second #\n\n',
  '\r\n//crlf #\r\n',
] as const;

export interface Insertion {
  readonly at: number;
  readonly text: (typeof insertions)[number];
}

export const randomInsertions: fc.Arbitrary<readonly Insertion[]> = fc.array(
  fc.record({ at: fc.nat(10_000), text: fc.constantFrom(...insertions) }),
  { maxLength: 8 },
);

/** The text with line breaks and comments put between its tokens, and behind the last. */
export function withInsertions(text: string, list: readonly Insertion[]): string {
  const { tokens } = lex({ path: 'random.iwae', text });
  const places = [0, ...tokens.map(endOf)];
  const chosen = list
    .map(({ at, text: inserted }) => ({ place: places[at % places.length] ?? 0, inserted }))
    .sort((a, b) => b.place - a.place);
  return chosen.reduce(
    (whole, { place, inserted }, index) =>
      whole.slice(0, place) + inserted.replaceAll('#', String(index)) + whole.slice(place),
    text,
  );
}
