import { quoted } from '../../support/words.js';
import { type EntryTable, entry } from './entry.js';
import { page } from './page.js';
import { shaped, sizes } from './phrases.js';

const example = (recognition: string, generative: string): string =>
  `recognition {\n  ${recognition}\n}\ngenerative {\n  ${generative.replaceAll('\n', '\n  ')}\n}`;

const encoder = 'h ~ gaussian_mlp(x, hidden=[200], size=50)';
const prior = 'h ~ normal(0, 1)[50]';
const decoder = 'x ~ bernoulli(logits = dense(h, 784))';

/** What the factors of p and q can get wrong. */
export const factors = {
  'missing-prior': entry<{ name: string; shape: readonly number[] | null }>({
    severity: 'error',
    title: 'a latent has no factor in the generative network',
    message: ({ name }) => `${quoted(name)} is drawn in recognition, but has no prior in generative`,
    expected: ({ name }) => `a factor of ${quoted(name)} in ${quoted('generative { … }')}`,
    help: ({ name, shape }) => `add ${quoted(`${name} ~ normal(0, 1)${sizes(shape ?? [50])}`)} to generative`,
    explain: page(
      'The weight of a sample is p(x, h) / q(h | x): each latent that q draws needs its factor of p.',
      example(encoder, 'x ~ bernoulli(logits = dense(h, 784))'),
      example(encoder, `${prior}\n${decoder}`),
    ),
  }),
  'missing-recognition': entry<{ name: string }>({
    severity: 'error',
    title: 'a latent has no factor in the recognition network',
    message: ({ name }) => `${quoted(name)} is drawn in generative, but recognition does not infer it`,
    expected: ({ name }) =>
      `a factor of ${quoted(name)} in ${quoted('recognition { … }')}, or data of that name`,
    help: ({ name }) => `add ${quoted(`${name} ~ gaussian_mlp(…)`)} to recognition`,
    explain: page(
      'Latents are sampled from q, so each latent of p needs its factor of q. What is observed is declared as `data`.',
      example(encoder, `g ~ normal(0, 1)[10]\n${prior}\n${decoder}`),
      example(encoder, `${prior}\n${decoder}`),
    ),
  }),
  'missing-likelihood': entry<{ name: string; element: string }>({
    severity: 'error',
    title: 'data has no likelihood',
    message: ({ name }) => `the data ${quoted(name)} has no likelihood`,
    expected: ({ name }) => `${quoted(`${name} ~ …`)} in ${quoted('generative { … }')}`,
    help: ({ name, element }) =>
      element === 'binary'
        ? `add ${quoted(`${name} ~ bernoulli(logits = …)`)} to generative`
        : `add ${quoted(`${name} ~ normal(mean = …, scale = …)`)} to generative`,
    explain: page(
      'The generative network says how probable the data is given the latents: every data variable has one factor there.',
      example(encoder, prior),
      example(encoder, `${prior}\n${decoder}`),
    ),
  }),
  'data-drawn-in-recognition': entry<{ name: string }>({
    severity: 'error',
    title: 'data is drawn in the recognition network',
    message: ({ name }) => `${quoted(name)} is data: recognition sees it and cannot draw it`,
    help: ({ name }) => `draw ${quoted(name)} in generative; recognition draws the latents`,
    explain: page(
      'q(h | x) is conditioned on the data, so recognition draws latents only.',
      example('x ~ bernoulli(logits = dense(h, 784))', prior),
      example(encoder, `${prior}\n${decoder}`),
    ),
  }),
  'drawn-twice': entry<{ name: string; role: string }>({
    severity: 'error',
    title: 'a variable is drawn twice in one network',
    message: ({ name, role }) => `${quoted(name)} is drawn twice in ${role}`,
    expected: () => 'one factor for each variable',
    explain: page(
      'Each network is a product of one factor for each variable.',
      example(encoder, `${prior}\nh ~ normal(0, 2)[50]\n${decoder}`),
      example(encoder, `${prior}\n${decoder}`),
    ),
  }),
  'used-before-draw': entry<{ name: string; role: string; data: boolean }>({
    severity: 'error',
    title: 'a variable is used before it is drawn',
    message: ({ name, role }) => `${quoted(name)} is used in ${role} before it is drawn there`,
    help: ({ name, role, data }) =>
      data
        ? `generative is read from the latents down to the data: p(h) p(${name} | h) cannot see ${quoted(name)} here`
        : role === 'generative'
          ? `generative is in ancestral order: draw ${quoted(name)} above this line`
          : `recognition is in sampling order: draw ${quoted(name)} above this line`,
    explain: page(
      'The factors of a network stand in the order in which they would be sampled; each sees the ones above it. Recognition sees the data from the start.',
      example(encoder, `${decoder}\n${prior}`),
      example(encoder, `${prior}\n${decoder}`),
    ),
  }),
  'likelihood-support': entry<{
    name: string;
    distribution: string;
    support: string;
    element: string;
    shape: readonly number[];
  }>({
    severity: 'error',
    title: 'a likelihood is over other values than its data has',
    message: ({ name, distribution, support, element }) =>
      `${quoted(distribution)} is over ${quoted(support)} values, but the data ${quoted(name)} is ${quoted(element)}`,
    found: ({ distribution, support }) => `${quoted(distribution)}, over ${quoted(support)}`,
    expected: ({ element }) => `a distribution over ${quoted(element)}`,
    help: likelihoodHelp,
    explain: page(
      'A density is of values it can produce: 0 and 1 need probabilities, such as `bernoulli`; real numbers need a density, such as `normal`. The likelihood of binary data under a normal distribution is a number, but it is not comparable with anything.',
      'data x: binary[784]\n…\nx ~ normal(mean = dense(y, 784), scale = 1)',
      'data x: binary[784]\n…\nx ~ bernoulli(logits = dense(y, 784))',
    ),
  }),
  'factor-supports': entry<{ name: string; recognition: string; generative: string }>({
    severity: 'error',
    title: 'a latent lies outside of its prior',
    message: ({ name, recognition, generative }) =>
      `${quoted(name)} is ${quoted(recognition)} in recognition, but ${quoted(generative)} in generative`,
    found: ({ recognition }) => quoted(recognition),
    expected: ({ generative }) => `values that are ${quoted(generative)}`,
    explain: page(
      'A sample of q at which p is zero has weight zero, and a log-weight of minus infinity: every value that q can draw must be one that p allows.',
      example('h ~ gaussian_mlp(x, hidden=[200], size=50)', 'h ~ log_normal(0, 1)[50]'),
      example('h ~ gaussian_mlp(x, hidden=[200], size=50)', 'h ~ normal(0, 1)[50]'),
    ),
  }),
  'not-reparameterised': entry<{ name: string; distribution: string; support: string }>({
    severity: 'error',
    title: 'a latent cannot be trained by the gradient of its sample',
    message: ({ name, distribution }) =>
      `the gradient cannot pass through a draw of ${quoted(name)} from ${quoted(distribution)}`,
    found: ({ distribution, support }) => `${quoted(distribution)}, over ${quoted(support)}`,
    expected: () => 'a distribution whose draw is a smooth function of its parameters, such as `normal`',
    help: () =>
      'draw the latent from `normal(mean = …, scale = …)` or `gaussian_mlp(…)`, or train with `bound rws(k=…)`',
    explain: page(
      'The recognition network learns through its samples: h = mean + scale * z moves smoothly with mean and scale. A draw of 0 or 1 jumps, so it passes no gradient on. A bound whose recognition formula holds `log_q_score` alone, such as `rws`, needs none: there the gradient is that of log q at a fixed h.',
      'recognition {\n  h ~ bernoulli(logits = dense(x, 50))\n}',
      'recognition {\n  h ~ gaussian_mlp(x, hidden=[200], size=50)\n}',
    ),
  }),
  'unused-latent': entry<{ name: string }>({
    severity: 'warning',
    title: 'a latent explains nothing',
    message: ({ name }) => `nothing in generative depends on ${quoted(name)}`,
    help: ({ name }) => `use ${quoted(name)} in a factor below it, or leave it out of both networks`,
    explain: page(
      'A latent that no other factor of p reads carries nothing about the data: the best q for it is its prior.',
      example(encoder, `${prior}\nx ~ bernoulli(logits = 0)[784]`),
      example(encoder, `${prior}\n${decoder}`),
    ),
  }),
  'no-parameters': entry({
    severity: 'error',
    title: 'a model has nothing to learn',
    message: () => 'neither network has a parameter, so there is nothing to train',
    expected: () => 'a layer such as `dense`, or `param name: real = …`, in one of the networks',
    explain: page(
      'Training moves parameters: those that a network declares with `param`, and those of the layers it uses.',
      example('h ~ normal(sum(x), 1)[2]', 'h ~ normal(0, 1)[2]\nx ~ normal(sum(h), 1)[3]'),
      example('h ~ normal(dense(x, 2), 1)', 'h ~ normal(0, 1)[2]\nx ~ normal(dense(h, 3), 1)'),
    ),
  }),
} satisfies EntryTable;

function likelihoodHelp(facts: {
  name: string;
  support: string;
  element: string;
  shape: readonly number[];
}): string {
  const { name, support, element, shape } = facts;
  if (element === 'binary') return `use ${quoted('bernoulli(logits = …)')}`;
  if (support === 'binary')
    return `declare ${shaped(`data ${name}: binary`, shape)}, or use ${quoted('normal(mean = …, scale = …)')}`;
  if (element === 'byte')
    return `bytes must be scaled: declare ${shaped(`data ${name}: unit`, shape)}, which divides them by 255`;
  return `use a distribution over ${quoted(element)}`;
}
