import { describe, expect, test } from 'vitest';
import { expression, item, shape } from './texts.js';

describe('precedence', () => {
  test.each([
    ['1 + 2 * 3', '(+ 1 (* 2 3))'],
    ['1 * 2 + 3', '(+ (* 1 2) 3)'],
    ['1 - 2 - 3', '(- (- 1 2) 3)'],
    ['a / b * c', '(* (/ a b) c)'],
    ['x @ w + b', '(+ (@ x w) b)'],
    ['-x^2', '(neg (^ x 2))'],
    ['(-x)^2', '(^ (neg x) 2)'],
    ['2^-x', '(^ 2 (neg x))'],
    ['2^-x^3', '(^ 2 (neg (^ x 3)))'],
    ['2^-x * 3', '(* (^ 2 (neg x)) 3)'],
    ['2^3^4', '(^ 2 (^ 3 4))'],
    ['-x * y', '(* (neg x) y)'],
    ['x * -y', '(* x (neg y))'],
    ['a - -b', '(- a (neg b))'],
    ['- - a', '(neg (neg a))'],
    ['a + b < c * d', '(< (+ a b) (* c d))'],
    ['(a < b) == c', '(== (< a b) c)'],
    ['a |> f(1) |> g', '(|> (|> a (f 1)) g)'],
    ['a + b |> f', '(|> (+ a b) f)'],
    ['a < b |> f', '(|> (< a b) f)'],
    ['-a |> f', '(|> (neg a) f)'],
    ['f(a = b |> g, -1)', '(f a=(|> b g) (neg 1))'],
  ])('%s', (text, expected) => {
    expect(shape(expression(text))).toBe(expected);
  });
});

describe('primaries and postfix forms', () => {
  test.each([
    ['f()', '(f)'],
    ['f(1, a = 2,)', '(f 1 a=2)'],
    ['logmeanexp[k1, k2](log_w)', '(logmeanexp[k1 k2] log_w)'],
    ['log_q[h1]', '(at log_q h1)'],
    ['normal(0, 1)[50]', '(at (normal 0 1) 50)'],
    ['normal(0, 1)[50, 2][k]', '(at (at (normal 0 1) 50 2) k)'],
    [
      'sum[k](stop(softmax[k](log_w))^2 * log_w_path)',
      '(sum[k] (* (^ (stop (softmax[k] log_w)) 2) log_w_path))',
    ],
    ['mean(data x)', '(mean (data x))'],
    ['[1, [2], []]', '[1 [2] []]'],
    ['(a)[1]', '(at a 1)'],
    ['[1, 2][0]', '(at [1 2] 0)'],
    ['fold y = x for size in [1, 2] { y |> f(size) }', '(fold y x size [1 2] (|> y (f size)))'],
    ['fold y = x for s in h { y } |> g', '(|> (fold y x s h y) g)'],
  ])('%s', (text, expected) => {
    expect(shape(expression(text))).toBe(expected);
  });

  test.each([
    ['784', 784, true],
    ['0', 0, true],
    ['0.9', 0.9, false],
    ['1e-3', 0.001, false],
    ['2.5E+2', 250, false],
    ['1e3', 1000, false],
  ])('the number %s', (text, value, isInteger) => {
    expect(expression(text)).toMatchObject({ kind: 'number', value, isInteger });
  });

  test.each([
    'mean',
    'value',
    'sample',
    'support',
    'noise',
    'state',
    'next',
    'k',
    'model',
    'layer',
    'function',
    'bound',
    'weights',
    'train',
    'recognition',
    'optimizer',
    'letter',
    'data_set',
    '_',
    'in2',
  ])('%s is a name', name => {
    expect(shape(expression(`${name} + f(${name} = ${name})`))).toBe(`(+ ${name} (f ${name}=${name}))`);
  });

  test('spans take in the parentheses of operands, not those around the whole', () => {
    const text = 'bound b = (a + b) * (c)[1]';
    const { value } = item(text, 'bound').clauses[0]!;
    const textOf = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
    expect(textOf(value.span)).toBe('(a + b) * (c)[1]');
    expect(value.kind === 'binary' && textOf(value.left.span)).toBe('a + b');
    expect(value.kind === 'binary' && textOf(value.right.span)).toBe('(c)[1]');
  });
});

describe('line breaks', () => {
  test('an operator may start or end a line', () => {
    expect(shape(expression('a\n  |> f(1)\n  |> g +\n b'))).toBe('(|> (|> a (f 1)) (+ g b))');
    expect(shape(expression('f(a,\n  b\n)'))).toBe('(f a b)');
  });

  test('a bracket on a later line applies to nothing above it', () => {
    const { members } = item(
      'distribution d() {\n  sample f\n  (x) + 1\n}'.replace('(x) + 1', 'mean\n  [1]'),
      'distribution',
    );
    expect(members.map(member => member.kind === 'formula' && shape(member.value))).toEqual(['f', '[1]']);
  });
});
