import { quoted } from '../../support/words.js';
import { type EntryTable, entry } from './entry.js';
import { page } from './page.js';
import { grouped, shaped, sizes } from './phrases.js';

/** What a shape can get wrong. Every message shows the shapes that do not fit. */
export const shapes = {
  'shape-mismatch': entry<{ operation: string; left: string; right: string }>({
    severity: 'error',
    title: 'two arrays of different shapes meet',
    message: ({ operation, left, right }) => `${quoted(operation)} cannot combine ${left} and ${right}`,
    found: ({ left, right }) => `${left} and ${right}`,
    expected: () => 'two arrays of one shape, or an array and a number',
    help: () => 'bring one to the size of the other with a dense layer',
    explain: page(
      'Operations work element by element. A single number meets every element of an array; two arrays must have the same shape.',
      'let y = dense(x, 200) + dense(x, 100)',
      'let y = dense(x, 200) + dense(x, 200)',
    ),
  }),
  'matrix-shape': entry<{
    left: string;
    right: string;
    vector: readonly number[];
    matrix: readonly number[];
  }>({
    severity: 'error',
    title: 'a vector and a matrix do not fit',
    message: ({ left, right }) => `${quoted('@')} cannot multiply ${left} by ${right}`,
    found: ({ left, right }) => `${left} and ${right}`,
    expected: ({ vector, matrix }) =>
      vector.length === 1 && matrix.length === 2
        ? `a matrix with ${vector[0]} rows, or a vector of ${matrix[0]}`
        : 'a vector [n] and a matrix [n, m]',
    explain: page(
      '`x @ W` is the product of the row vector `x`, of shape [n], and the matrix `W`, of shape [n, m]; the result has shape [m].',
      'param weight: real[size, n] ~ glorot_uniform(n, size)\nreturn x @ weight',
      'param weight: real[n, size] ~ glorot_uniform(n, size)\nreturn x @ weight',
    ),
  }),
  'argument-shape': entry<{
    what: string;
    found: string;
    expected: string;
    rank: number;
    wantedRank: number;
  }>({
    severity: 'error',
    title: 'an array has the wrong shape for its place',
    message: ({ what, found, expected }) => `${what} must be ${quoted(expected)}, and is ${found}`,
    found: ({ found }) => found,
    expected: ({ expected }) => quoted(expected),
    help: ({ rank, wantedRank }) =>
      rank > 1 && wantedRank === 1 ? 'declare the data as one long vector, with a single size' : null,
    explain: page(
      'A type such as `real[n]` wants an array of that many dimensions; `n` is whatever size the argument has, and the same size wherever `n` occurs again.',
      'data x: binary[28, 28]\n…\nh ~ gaussian_mlp(x, hidden=[200], size=50)',
      'data x: binary[784]\n…\nh ~ gaussian_mlp(x, hidden=[200], size=50)',
    ),
  }),
  'invalid-size': entry<{ found: string; largest: number }>({
    severity: 'error',
    title: 'a size is not a positive whole number',
    message: ({ found }) => `${found} is not a size`,
    found: ({ found }) => found,
    expected: ({ largest }) => `a whole number from 1 to ${grouped(largest)}`,
    explain: page(
      'Sizes of arrays are whole numbers known when the program is compiled.',
      'data x: binary[0]',
      'data x: binary[784]',
    ),
  }),
  'likelihood-shape': entry<{
    name: string;
    distribution: string;
    found: readonly number[];
    expected: readonly number[];
  }>({
    severity: 'error',
    title: 'a likelihood has another shape than its data',
    message: ({ name, found, expected }) =>
      `the likelihood of ${quoted(name)} has ${shapePhrase(found)}, the data ${shapePhrase(expected)}`,
    found: ({ distribution, found }) => shaped(distribution, found),
    expected: ({ distribution, expected }) => shaped(distribution, expected),
    help: ({ found, expected }) =>
      found.length === 0
        ? `repeat the distribution with ${quoted(sizes(expected))} behind it, or give it an array`
        : expected.length === 1
          ? `the last layer needs size ${expected[0]}`
          : `declare the data as one long vector, ${quoted(`[${expected.reduce((a, b) => a * b, 1)}]`)}`,
    explain: page(
      'The likelihood gives a density for every element of the data, so it has the shape of the data.',
      'data x: binary[784]\n…\nx ~ bernoulli(logits = dense(y, 748))',
      'data x: binary[784]\n…\nx ~ bernoulli(logits = dense(y, 784))',
    ),
  }),
  'distribution-shapes': entry<{ name: string; left: string; right: string }>({
    severity: 'error',
    title: 'the arguments of a distribution have different shapes',
    message: ({ name }) => `the arguments of ${quoted(name)} have different shapes`,
    found: ({ left, right }) => `${left} and ${right}`,
    expected: () => 'arrays of one shape, or numbers',
    explain: page(
      'A distribution works element by element: its arguments are arrays of one shape, or single numbers.',
      'h ~ normal(mean = dense(x, 50), scale = exp(dense(x, 20)))',
      'h ~ normal(mean = dense(x, 50), scale = exp(dense(x, 50)))',
    ),
  }),
  'already-has-shape': entry<{
    name: string;
    found: readonly number[];
    wanted: readonly number[];
  }>({
    severity: 'error',
    title: 'a distribution that has a shape is given another',
    message: ({ name, found }) => `${quoted(name)} has ${shapePhrase(found)} from its arguments`,
    found: ({ found }) => quoted(sizes(found)),
    expected: ({ wanted }) => `numbers as arguments, where ${quoted(sizes(wanted))} follows`,
    help: () => 'leave the brackets out',
    explain: page(
      '`normal(0, 1)[50]` makes 50 independent copies of a distribution of one number. A distribution whose arguments are arrays has their shape already.',
      'h ~ normal(mean = dense(x, 50), scale = 1)[20]',
      'h ~ normal(mean = dense(x, 50), scale = 1)',
    ),
  }),
  'factor-shapes': entry<{
    name: string;
    recognition: readonly number[];
    generative: readonly number[];
  }>({
    severity: 'error',
    title: 'a latent has different shapes in p and q',
    message: ({ name, recognition, generative }) =>
      `${quoted(name)} has ${shapePhrase(recognition)} in recognition and ${shapePhrase(generative)} in generative`,
    found: ({ recognition }) => shapePhrase(recognition),
    expected: ({ generative }) => `${shapePhrase(generative)}, as in generative`,
    explain: page(
      'p and q are densities of the same latent, so they have the same shape.',
      'recognition { h ~ gaussian_mlp(x, hidden=[200], size=100) }\ngenerative { h ~ normal(0, 1)[50] … }',
      'recognition { h ~ gaussian_mlp(x, hidden=[200], size=50) }\ngenerative { h ~ normal(0, 1)[50] … }',
    ),
  }),
  'formula-shape': entry<{ name: string; distribution: string; found: string; expected: string }>({
    severity: 'error',
    title: 'a formula of a distribution has the wrong shape',
    message: ({ name, distribution }) =>
      `${quoted(name)} of ${quoted(distribution)} does not have the shape of a draw`,
    found: ({ found }) => found,
    expected: ({ expected }) => expected,
    help: ({ name }) =>
      name === 'sample'
        ? 'make the draw from `noise`, which has the right shape'
        : 'formulas work element by element: leave out `sum` and `mean`',
    explain: page(
      "The formulas of a distribution are elementwise: the log-density of an array is the sum of its elements' `log_prob`, which is taken outside.",
      'log_prob(x) = sum(-0.5 * (x - mean)^2)',
      'log_prob(x) = -0.5 * (x - mean)^2',
    ),
  }),
} satisfies EntryTable;

const shapePhrase = (shape: readonly number[]): string =>
  shape.length === 0 ? 'a single number' : `shape ${quoted(sizes(shape))}`;
