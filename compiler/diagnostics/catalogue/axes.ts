import { listed, quoted } from '../../support/words.js';
import { type EntryTable, entry } from './entry.js';
import { page } from './page.js';
import { didYouMean, grouped, quotedList } from './phrases.js';

/** What a bound can get wrong with its samples. */
export const axes = {
  'unknown-axis': entry<{ name: string; suggestion: string | null; known: readonly string[] }>({
    severity: 'error',
    title: 'there is no such sample axis',
    message: ({ name }) => `${quoted(name)} is not a sample axis here`,
    expected: ({ known }) =>
      known.length === 0 ? 'an `int` parameter of the bound' : quotedList(known, 'or'),
    help: ({ suggestion, known }) =>
      known.length === 0
        ? 'give the bound one, as in `bound mine(k: int) = mean[k](log_w)`'
        : didYouMean(suggestion),
    explain: page(
      'The sample axes of a bound are its `int` parameters: the value is how many samples there are. In a reduction, the axis is the name in its own brackets.',
      'bound mine(k: int) = mean[n](log_w)',
      'bound mine(k: int) = mean[k](log_w)',
    ),
  }),
  'axis-expected': entry({
    severity: 'error',
    title: 'a sample axis must be named here',
    message: () => 'the name of a sample axis must stand here',
    expected: () => 'a name, as in `size[k]`',
    explain: page(
      '`size[k]` is the number of samples along the axis `k`.',
      'reduction mean[a](v) = sum[a](v) / size[10]',
      'reduction mean[a](v) = sum[a](v) / size[a]',
    ),
  }),
  'axis-reduced-twice': entry<{ axis: string }>({
    severity: 'error',
    title: 'a sample axis is reduced twice',
    message: ({ axis }) => `the axis ${quoted(axis)} is reduced here, and again around it`,
    found: ({ axis }) => `${quoted(axis)} inside of a reduction over ${quoted(axis)}`,
    expected: () => 'each axis in one reduction',
    help: () => 'give the bound a second `int` parameter and use that for one of the two',
    explain: page(
      'A reduction removes its axis: what is left has no samples along it. A bound over two sets of samples has two axes.',
      'bound mine(k: int) = mean[k](logmeanexp[k](log_w))',
      'bound mine(k1: int, k2: int) = mean[k2](logmeanexp[k1](log_w))',
    ),
  }),
  'axis-not-reduced': entry<{ axis: string; what: string }>({
    severity: 'error',
    title: 'a sample axis is never reduced',
    message: ({ axis, what }) =>
      `${quoted(what)} has a value for each sample of ${quoted(axis)}, and nothing around it reduces them`,
    help: ({ axis, what }) =>
      `put it into a reduction over ${quoted(axis)}, as in ${quoted(`sum[${axis}](${what} * log_w)`)}`,
    explain: page(
      '`softmax[k]` and `rank[k]` compare samples and keep the axis, so they stand inside of a reduction over the same axis.',
      'bound mine(k: int) = softmax[k](log_w)',
      'bound mine(k: int) = sum[k](softmax[k](log_w) * log_w)',
    ),
  }),
  'quantity-not-reduced': entry<{ quantity: string }>({
    severity: 'error',
    title: 'a quantity of the samples is not reduced',
    message: ({ quantity }) =>
      `${quoted(quantity)} has a value for each sample, and no reduction stands around it`,
    expected: () => 'a reduction over a sample axis',
    help: ({ quantity }) => `write, for instance, ${quoted(`mean[k](${quantity})`)}`,
    explain: page(
      'A bound is one number for each datum. Quantities such as `log_w` have one for each sample, so they stand inside of `mean[k]`, `logmeanexp[k]` or another reduction over a sample axis.',
      'bound mine(k: int) = log_w',
      'bound mine(k: int) = mean[k](log_w)',
    ),
  }),
  'axis-missing': entry<{ operation: string }>({
    severity: 'error',
    title: 'a reduction in a bound does not name its sample axis',
    message: ({ operation }) => `${quoted(operation)} must say over which samples`,
    expected: ({ operation }) => quoted(`${operation}[k](…)`),
    help: ({ operation }) => `name the axis, as in ${quoted(`${operation}[k](log_w)`)}`,
    explain: page(
      'In a network, `sum` and `mean` are over the elements of an array. In a bound there are only sample axes, and each reduction names the ones it removes.',
      'bound mine(k: int) = mean(log_w)',
      'bound mine(k: int) = mean[k](log_w)',
    ),
  }),
  'axis-outside-bound': entry<{ axis: string }>({
    severity: 'error',
    title: 'a sample axis is named outside of a bound',
    message: ({ axis }) => `there is no sample axis ${quoted(axis)} outside of a bound`,
    help: () =>
      'models are for one datum and one sample; over the elements of an array, write `sum(v)` or `mean(v)`',
    explain: page(
      'Neither the batch nor the samples appear in a model. Sample axes exist in bounds and in reductions only.',
      'let y = mean[k](h)',
      'bound mine(k: int) = mean[k](log_w)',
    ),
  }),
  'axis-size': entry<{ name: string; size: number; largest: number; sizes: readonly number[] }>({
    severity: 'error',
    title: 'a number of samples is out of range',
    message: ({ name, size, largest }) =>
      size < 1
        ? `there must be at least one sample along ${quoted(name)}`
        : `${grouped(size)} samples for each datum are more than the ${grouped(largest)} that are possible`,
    found: ({ name, size, sizes }) =>
      sizes.length > 1 ? `${sizes.join(' times ')} samples` : quoted(`${name} = ${size}`),
    expected: ({ largest }) => `a whole number from 1 to ${grouped(largest)}`,
    explain: page(
      'The size of a sample axis is how many samples are drawn for each datum. All samples of a datum take memory at once, so there is a limit; the product of several axes counts.',
      'bound iwae(k=0)',
      'bound iwae(k=5)',
    ),
  }),
  'rank-of-several-axes': entry<{ axes: readonly string[] }>({
    severity: 'error',
    title: 'samples are ranked along several axes at once',
    message: () => 'samples can be ranked along one axis at a time',
    found: ({ axes: found }) => quotedList(found, 'and'),
    expected: () => 'one axis',
    help: () => '`median` ranks its samples, so it takes one axis',
    explain: page(
      '`rank[k](v)` is the place of each sample in the order of `v` along one axis; `median` is made of it.',
      'bound mine(k1: int, k2: int) = median[k1, k2](log_w)',
      'bound mine(k1: int, k2: int) = mean[k2](median[k1](log_w))',
    ),
  }),
  'reduction-keeps-axis': entry<{ name: string; axis: string }>({
    severity: 'error',
    title: 'a reduction does not remove its axis',
    message: ({ name, axis }) =>
      `the reduction ${quoted(name)} leaves a value for each sample of ${quoted(axis)}`,
    help: ({ name, axis }) =>
      `reduce with \`sum[${axis}]\` or \`max[${axis}]\`, or declare ${quoted(`weights ${name}`)}`,
    explain: page(
      'A `reduction` gives one value for all samples of its axis. What gives one for each, such as `softmax`, is declared with `weights`.',
      'reduction centred[a](v) = v - mean[a](v)',
      'weights centred[a](v) = v - mean[a](v)',
    ),
  }),
  'not-per-layer': entry<{ quantity: string; layered: readonly string[] }>({
    severity: 'error',
    title: 'a quantity cannot be narrowed to a layer like this',
    message: ({ quantity }) => `${quoted(quantity)} cannot be narrowed like this`,
    expected: ({ layered }) => `one layer's name behind ${quotedList(layered, 'or')}`,
    help: () => 'as in `log_q[h1]`',
    explain: page(
      '`log_prior`, `log_q` and `kl` have a part for each latent, `log_lik` one for each data variable.',
      'bound mine(k: int) = mean[k](log_w[h1])',
      'bound mine(k: int) = mean[k](log_lik + log_prior[h1] - log_q[h1])',
    ),
  }),
  'unknown-layer': entry<{
    quantity: string;
    layer: string;
    suggestion: string | null;
    known: readonly string[];
  }>({
    severity: 'error',
    title: 'the model has no such layer',
    message: ({ quantity, layer }) => `${quoted(quantity)} has no part for ${quoted(layer)}`,
    expected: ({ known }) => (known.length === 0 ? null : quotedList(known, 'or')),
    help: ({ suggestion }) => didYouMean(suggestion),
    explain: page(
      '`log_prior[h]` and `log_q[h]` name a latent of the model, `log_lik[x]` a data variable. A bound that does so fits only models that have one of that name.',
      'bound mine(k: int) = mean[k](log_q[z])',
      'bound mine(k: int) = mean[k](log_q[h1])',
    ),
  }),
  'no-analytic-kl': entry<{
    name: string;
    recognition: string;
    generative: string;
    /** A latent that p of this one depends on, and that q draws no earlier. */
    later: string | null;
  }>({
    severity: 'error',
    title: 'a divergence has no closed form',
    message: ({ name }) => `KL(q \u2016 p) of ${quoted(name)} has no closed form here`,
    found: ({ name, recognition, generative, later }) =>
      later !== null
        ? `p of ${quoted(name)} depends on ${quoted(later)}, which q does not draw before ${quoted(name)}`
        : recognition === generative
          ? `the distribution ${quoted(recognition)}, which defines no ${quoted('kl')}`
          : `q is ${quoted(recognition)}, p is ${quoted(generative)}`,
    expected: () => 'p and q of one distribution that defines `kl`, given latents that q draws before',
    help: () => 'use `log_prior - log_q`, which is estimated from the samples',
    explain: page(
      '`kl` is the divergence between q and p of each latent, computed without samples. Both must be one distribution, and it must define `kl`; and where p of a latent depends on other latents, q must draw those first, or their values depend on it.',
      'recognition {\n  h1 ~ gaussian_mlp(x, hidden=[20], size=10)\n  h2 ~ gaussian_mlp(h1, hidden=[20], size=5)\n}\ngenerative {\n  h2 ~ normal(0, 1)[5]\n  h1 ~ gaussian_mlp(h2, hidden=[20], size=10)\n  …\n}\nbound elbo_analytic(k=1)',
      'bound elbo(k=1)',
    ),
  }),
  'kl-not-linear': entry({
    severity: 'error',
    title: 'an analytic divergence stands in an importance-weighted bound',
    message: () => '`kl` is an expectation already, and here it is treated as one value a sample',
    expected: () => '`kl` under sums and means only, as in `mean[k](log_lik - kl)`',
    help: () => 'in a weight, write `log_w`, or `log_lik + log_prior - log_q`',
    explain: page(
      'The weight of a sample is p(x, h) / q(h | x) at that sample. `kl` is the mean of log q - log p over all samples: inside of `logmeanexp`, `max`, `median` or a product with weights it gives a number that is no bound.',
      'bound mine(k: int) = logmeanexp[k](log_lik - kl)',
      'bound mine(k: int) = mean[k](log_lik - kl)',
    ),
  }),
  'not-a-bound': entry<{ found: string }>({
    severity: 'error',
    title: 'the objective is not a bound',
    message: () => 'the objective must be a call of a bound',
    found: ({ found }) => quoted(found),
    expected: () => 'a call, as in `bound iwae(k=50)`',
    help: () =>
      'declare the formula outside of the model, `bound mine(k: int) = …`, and choose it with `bound mine(k=50)`',
    explain: page(
      'A model names its objective; the formula stands in a declaration.',
      'model m {\n  …\n  bound 2 * iwae(k=5)\n}',
      'bound mine(k: int) = 2 * iwae(k)\n\nmodel m {\n  …\n  bound mine(k=5)\n}',
    ),
  }),
  'constant-objective': entry<{
    role: string;
    found: readonly string[];
    reaching: readonly string[];
  }>({
    severity: 'warning',
    title: 'a network has nothing to learn from',
    message: ({ role }) => `the ${role} network's parameters do not change this bound, so it will not learn`,
    found: ({ found }) =>
      found.length === 0 ? 'no quantity that a gradient reaches' : `only ${quotedList(found, 'and')}`,
    expected: ({ reaching }) => quotedList(reaching, 'or'),
    explain: page(
      "The gradient of each network's formula must reach its parameters: those of the generative network are in `log_lik` and `log_prior`, those of the recognition network in `log_q` and, through the samples, in everything. `stop` blocks gradients.",
      'bound mine(k: int) = mean[k](log_q)',
      'bound mine(k: int) = mean[k](log_lik + log_prior - log_q)',
    ),
  }),
  'axis-of-two-sizes': entry<{ axis: string; sizes: readonly number[] }>({
    severity: 'warning',
    title: 'two sample axes of one name have different sizes',
    message: ({ axis, sizes }) =>
      `two sample axes are called ${quoted(axis)}, of ${listed(sizes.map(grouped), 'and')} samples`,
    found: () => 'two sets of samples, drawn apart',
    help: ({ axis }) =>
      `pass ${quoted(axis)} on to use the same samples, or give the bound another \`int\` parameter for the second set`,
    explain: page(
      'A number that a bound passes on to another bound makes a new axis with samples of its own; a parameter that it passes on stays the same axis. In a combination of two bounds, one set of samples is what is meant most often; where two sets are, each has a parameter and so a name.',
      'bound mine(k: int) = 0.5 * elbo() + 0.5 * iwae(k)',
      'bound mine(k: int) = 0.5 * elbo(k) + 0.5 * iwae(k)\nbound two_sets(k: int, j: int = 1) = 0.5 * elbo(j) + 0.5 * iwae(k)',
    ),
  }),
  'objective-ignores-data': entry<{ found: readonly string[]; reaching: readonly string[] }>({
    severity: 'warning',
    title: 'the objective does not depend on how well the data is explained',
    message: () => 'this bound does not contain the likelihood of the data',
    found: ({ found }) => (found.length === 0 ? 'no quantity' : `only ${quotedList(found, 'and')}`),
    expected: ({ reaching }) => quotedList(reaching, 'or'),
    explain: page(
      'Without `log_lik` (or `log_joint` or `log_w`, which contain it) the model is not asked to explain its data.',
      'bound mine(k: int) = mean[k](log_prior - log_q)',
      'bound mine(k: int) = mean[k](log_lik + log_prior - log_q)',
    ),
  }),
} satisfies EntryTable;
