import { quoted } from '../../support/words.js';
import { type EntryTable, entry } from './entry.js';
import { page } from './page.js';
import { didYouMean, quotedList } from './phrases.js';

/** What a value can get wrong: it is of another type, out of range, or not known when it must be. */
export const types = {
  'type-mismatch': entry<{ what: string; found: string; expected: string; hint: string | null }>({
    severity: 'error',
    title: 'a value is of the wrong type',
    message: ({ what, expected }) => `${what} must be ${expected}`,
    found: ({ found }) => found,
    expected: ({ expected }) => expected,
    help: ({ hint }) => hint,
    explain: page(
      'Numbers and arrays, lists, functions, distributions and data sets are different things. Only a draw, `h ~ d`, turns a distribution into a value; only a call turns a function into one.',
      'let y = mlp(x, hidden=200)',
      'let y = mlp(x, hidden=[200])',
    ),
  }),
  'support-mismatch': entry<{
    what: string;
    found: string;
    expected: string;
    text: string;
    /** How the value may leave the type; null for a number, which does. */
    reach: string | null;
  }>({
    severity: 'error',
    title: 'a value may lie outside of what is allowed',
    message: ({ what, expected }) => `${what} must be ${quoted(expected)}`,
    found: ({ found, reach }) => (reach === null ? found : `${found}, ${reach}`),
    expected: ({ expected }) => rangeWords[expected] ?? quoted(expected),
    help: ({ expected, text, reach }) => (reach === null ? null : supportHelp(expected, text)),
    explain: page(
      'Types of numbers say where a value can lie: `real`, `positive` (> 0), `unit` (0 to 1), `binary` (0 or 1), `byte` (0 to 255), `int`. What is known of a value follows from how it is made: `exp` and `softplus` are positive, `sigmoid` is between 0 and 1, a product of positives is positive, a dense layer can be anything.',
      'h ~ normal(mean = dense(x, 50), scale = dense(x, 50))',
      'h ~ normal(mean = dense(x, 50), scale = exp(dense(x, 50)))',
    ),
  }),
  'unknown-type': entry<{ name: string; suggestion: string | null; known: readonly string[] }>({
    severity: 'error',
    title: 'there is no such type',
    message: ({ name }) => `there is no type ${quoted(name)}`,
    expected: ({ known }) => quotedList(known, 'or'),
    help: ({ suggestion }) => didYouMean(suggestion),
    explain: page(
      'The types are `real`, `positive`, `unit`, `binary`, `byte` and `int`, each alone or with sizes, as `real[784]`; for a list of any length, `int[]`; and `function` for an argument that is called.',
      'data x: bool[784]',
      'data x: binary[784]',
    ),
  }),
  'not-known-at-compile-time': entry<{ what: string; found: string }>({
    severity: 'error',
    title: 'a number must be known when the program is compiled',
    message: ({ what }) => `${what} must be known when the program is compiled`,
    found: ({ found }) => found,
    expected: () => 'a whole number',
    help: () => 'sizes and counts are static: write a number, or pass an `int` argument on',
    explain: page(
      'Every size is known before the program runs; that is how shapes are checked and memory is planned. A value computed from data or parameters cannot be one.',
      'let y = dense(x, sum(x))',
      'let y = dense(x, 200)',
    ),
  }),
  'not-callable': entry<{ name: string; found: string }>({
    severity: 'error',
    title: 'something is called that is not a function',
    message: ({ name }) => `${quoted(name)} is not a function here`,
    found: ({ found }) => found,
    expected: () => 'a function, a layer or a distribution',
    help: ({ name }) =>
      `a name defined in this block hides a function of the same name; rename ${quoted(name)}`,
    explain: page(
      'A call needs the name of a function, a layer, a distribution, or an argument of type `function`. A `let`, a draw or an argument of the same name hides the function.',
      'let dense = tanh(x)\nlet y = dense(x, 200)',
      'let squashed = tanh(x)\nlet y = dense(squashed, 200)',
    ),
  }),
  'not-indexable': entry<{ found: string }>({
    severity: 'error',
    title: 'brackets stand behind something that they mean nothing for',
    message: ({ found }) => `${found} cannot have brackets`,
    found: ({ found }) => found,
    expected: () => 'a distribution, as in `normal(0, 1)[50]`, or in a bound a quantity, as in `log_q[h1]`',
    help: () => 'single elements cannot be taken out of an array: formulas work on all of them at once',
    explain: page(
      'Brackets repeat a distribution, `normal(0, 1)[50]`; narrow a quantity of a bound to one layer, `log_q[h1]`; and give the number of samples along an axis, `size[k]`.',
      'let first = x[0]',
      'h ~ normal(0, 1)[50]',
    ),
  }),
  'pipe-target': entry({
    severity: 'error',
    title: '`|>` leads to something that is not called',
    message: () => 'what follows `|>` must be a call or the name of a function',
    expected: () => 'a call, as in `x |> dense(200, tanh)`, or a name, as in `x |> tanh`',
    help: () => '`x |> f(a)` means `f(x, a)`',
    explain: page(
      '`x |> f(a)` is `f(x, a)`, and `x |> f` is `f(x)`. `|>` binds more loosely than every other operator, so `a |> f + b` is `a |> (f + b)`.',
      'let y = x |> tanh + 1',
      'let y = (x |> tanh) + 1',
    ),
  }),
  'not-a-distribution': entry<{ name: string; found: string; parameter: boolean }>({
    severity: 'error',
    title: 'something is drawn from that is not a distribution',
    message: ({ name }) => `${quoted(name)} is drawn from something that is not a distribution`,
    found: ({ found }) => found,
    expected: () => 'a distribution, such as `normal(mean = …, scale = …)`',
    help: ({ name, parameter }) =>
      parameter
        ? 'for a value that is not drawn, write `=` instead of `~`'
        : `to name a value that is not random, write ${quoted(`let ${name} = …`)}`,
    explain: page(
      '`h ~ d` makes a factor of p or q, so `d` must be a distribution: `normal`, `bernoulli`, a layer that returns one such as `gaussian_mlp`, or one of your own.',
      'h ~ dense(x, 50)',
      'h ~ normal(mean = dense(x, 50), scale = exp(dense(x, 50)))',
    ),
  }),
  'parameter-type': entry<{ name: string; found: string }>({
    severity: 'error',
    title: 'a parameter is declared of a type that training cannot keep',
    message: ({ name }) => `the parameter ${quoted(name)} must be ${quoted('real')}`,
    found: ({ found }) => quoted(found),
    expected: () => quoted('real'),
    help: ({ found, name }) =>
      found === 'positive'
        ? `learn its logarithm: declare ${quoted(`log_${name}: real`)} and use ${quoted(`exp(log_${name})`)}`
        : found === 'unit'
          ? `declare it ${quoted('real')} and use ${quoted(`sigmoid(${name})`)}`
          : null,
    explain: page(
      'An optimizer may move a parameter anywhere, so a parameter is `real`. What must be positive or between 0 and 1 is computed from one.',
      'param scale: positive[50] = 1',
      'param log_scale: real[50] = 0\nlet scale = exp(log_scale)',
    ),
  }),
  'varying-initial-value': entry<{ name: string }>({
    severity: 'error',
    title: 'a parameter starts from something that is not known at the start',
    message: ({ name }) =>
      `the initial value of ${quoted(name)} depends on a datum, a draw or another parameter`,
    expected: () => 'numbers, a distribution of numbers, or a statistic such as `mean(data x)`',
    help: () => 'for the mean of the whole data set, write `mean(data x)`',
    explain: page(
      'Parameters are set once, before the first step. What they start from can use numbers, sizes and `mean(data x)`, but no single datum, latent or other parameter.',
      'param offset: real[784] = mean(x)',
      'param offset: real[784] = mean(data x)',
    ),
  }),
  'statistic-outside-initialiser': entry<{ name: string }>({
    severity: 'error',
    title: 'a statistic of the data set is used outside of an initial value',
    message: ({ name }) => `the density of ${quoted(name)} uses ${quoted('mean(data …)')} itself`,
    expected: () => '`mean(data …)` only in what a parameter starts from',
    help: () => 'let a parameter start there: `dense(y, 784, bias = logit(mean(data x)))`',
    explain: page(
      'A model that has been trained must not depend on its training data any more than through its parameters, so statistics of the data set belong into their initial values.',
      'x ~ bernoulli(logits = dense(y, 784) + logit(mean(data x)))',
      'x ~ bernoulli(logits = dense(y, 784, bias = logit(mean(data x))))',
    ),
  }),
  'not-finite': entry<{ operation: string; values: readonly string[] }>({
    severity: 'error',
    title: 'a computation has no finite result',
    message: ({ operation }) => `this ${quoted(operation)} has no finite result`,
    found: ({ values }) => values.join(' and '),
    help: ({ operation }) => (operation === '/' ? 'the divisor must not be 0' : null),
    explain: page(
      'Arithmetic on numbers is done when the program is compiled; what divides by 0, or takes the logarithm of 0, is a mistake.',
      'bound power(k=5, p=0)',
      'bound elbo(k=5)    // what power tends to as p goes to 0',
    ),
  }),
  'misplaced-statement': entry<{ statement: 'draw' | 'parameter' | 'return'; name: string }>({
    severity: 'error',
    title: 'a statement stands where it has no meaning',
    message: ({ statement, name }) =>
      ({
        draw: `${quoted(`${name} ~ …`)} stands outside of a network`,
        parameter: `the parameter ${quoted(name)} stands outside of a layer and a network`,
        return: '`return` stands in a network',
      })[statement],
    help: ({ statement }) =>
      ({
        draw: 'return the distribution instead, and draw from it in `recognition` or `generative`',
        parameter: 'declare the function as a `layer`, and use it in a network',
        return: 'a network returns nothing: draw its variables with `~`',
      })[statement],
    explain: page(
      'Factors are drawn in the networks of a model. Parameters are declared in layers, which networks use, or in a network itself. `return` ends functions, layers and reductions.',
      'function scaled(x: real[n]) {\n  param scale: real = 1\n  return scale * x\n}',
      'layer scaled(x: real[n]) {\n  param scale: real = 1\n  return scale * x\n}',
    ),
  }),
  'missing-return': entry<{ what: string }>({
    severity: 'error',
    title: 'a body returns nothing',
    message: ({ what }) => `${what} returns nothing`,
    help: () => 'end its body with `return …`',
    explain: page(
      'The last statement of a block body gives its value.',
      'layer deep(x: real[n]) {\n  let y = dense(x, 200)\n}',
      'layer deep(x: real[n]) {\n  let y = dense(x, 200)\n  return tanh(y)\n}',
    ),
  }),
  'model-too-large': entry<{
    limits: { readonly inlined: number; readonly nested: number; readonly depth: number };
  }>({
    severity: 'error',
    title: 'a model grows too large when its functions are inlined',
    message: () => 'with every function inlined, this becomes too large to compile',
    expected: ({ limits }) =>
      `at most ${limits.inlined} calls and turns of folds, ${limits.nested} inside of one another, and formulas ${limits.depth} operations deep`,
    help: () => 'do functions call each other twice, or does a list have very many elements?',
    explain: page(
      'Functions and layers are inlined wherever they are used, so a function that calls another twice, which calls another twice, doubles with every step. Models of hundreds of layers are far below the limits.',
      'function a(x: real) = b(x) + b(x)\nfunction b(x: real) = c(x) + c(x)\n// … and so on, 20 times',
      'let y = 1048576 * c(x)',
    ),
  }),
  'unknown-noise': entry<{ name: string; suggestion: string | null; known: readonly string[] }>({
    severity: 'error',
    title: 'there is no such noise',
    message: ({ name }) => `there is no noise called ${quoted(name)}`,
    expected: ({ known }) => quotedList(known, 'or'),
    help: ({ suggestion }) => didYouMean(suggestion),
    explain: page(
      'Every draw is made of noise that has no parameters: `normal` is standard normal, `uniform` lies between 0 and 1.',
      'noise e: exponential',
      'noise u: uniform    // -log(u) is exponential',
    ),
  }),
  'formula-parameters': entry<{ name: string; found: number; expected: number }>({
    severity: 'error',
    title: 'a formula of a distribution takes the wrong number of names',
    message: ({ name, expected }) =>
      expected === 0
        ? `${quoted(name)} takes no parameter`
        : name === 'kl'
          ? '`kl` takes a name for each parameter of the distribution, those of the other one'
          : `${quoted(name)} takes one parameter, the value at hand`,
    found: ({ found }) => String(found),
    expected: ({ name, expected }) =>
      name === 'kl'
        ? `${expected}, as the distribution has`
        : quoted(expected === 0 ? `${name} …` : `${name}(x) = …`),
    explain: page(
      '`sample` and `mean` are made of the arguments of the distribution (and `sample` of its noise); `log_prob(x)` is the log-density at `x`; `kl(…)` is the divergence from this distribution to another of its kind, whose arguments it names.',
      'log_prob = -x^2',
      'log_prob(x) = -x^2',
    ),
  }),
} satisfies EntryTable;

const rangeWords: Readonly<Record<string, string>> = {
  positive: '`positive`, a number above 0',
  unit: '`unit`, a number from 0 to 1',
  binary: '`binary`, 0 or 1',
  byte: '`byte`, a whole number from 0 to 255',
  int: '`int`, a whole number',
};

function supportHelp(expected: string, text: string): string | null {
  if (expected === 'positive') return `wrap it in exp(…) or softplus(…): ${quoted(`exp(${text})`)}`;
  if (expected === 'unit') return `wrap it in sigmoid(…): ${quoted(`sigmoid(${text})`)}`;
  return null;
}
