import type { Random } from './random.js';

/** Names, numbers, marks, blanks and comments. */
const tokensOf = (text: string): string[] => text.match(/\s+|\/\/.*|"[^"\n]*"|[\w.]+|\|>|[<>=]=|./g) ?? [];

const isCode = (token: string | undefined): boolean =>
  token !== undefined && /\S/.test(token) && !token.startsWith('//');
const isName = (token: string | undefined): boolean => token !== undefined && /^[A-Za-z_]\w*$/.test(token);

/** Numbers at the edges of what a size, a rate or a count may be. */
const numbers = [
  '0',
  '1',
  '2',
  '3',
  '0.5',
  '1e-3',
  '1e9',
  '1000000000',
  '1e308',
  '1e309',
  '4294967296',
  '1e-320',
  '999999999999999999',
];
const marks = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '~',
  '=',
  '|>',
  '^',
  '-',
  '@',
  '<',
  '**',
  '"',
  '\n',
  '\n\n',
  '///',
  '#',
  ';',
  '/*',
];
const words = [
  'let',
  'data',
  'model',
  'param',
  'return',
  'fold',
  'for',
  'in',
  'import',
  'bound',
  'k',
  'x',
  'h',
  'log_w',
  'stop',
  'kl',
  'epoch',
  'size',
  'real',
  'int',
  'int[]',
  'function',
  'binary',
];

interface Task {
  readonly tokens: string[];
  readonly random: Random;
  readonly corpus: readonly string[];
}

/** The place of a token that is neither blank nor comment, near a random one. */
function place({ tokens, random }: Task): number {
  const start = random.below(Math.max(1, tokens.length));
  for (let step = 0; step < tokens.length; step++) {
    const at = (start + step) % tokens.length;
    if (isCode(tokens[at])) return at;
  }
  return 0;
}

const fragment = ({ random, corpus }: Task): string[] => {
  const tokens = tokensOf(random.pick(corpus));
  const start = random.below(Math.max(1, tokens.length));
  return tokens.slice(start, start + 1 + random.below(30));
};

const replaced = (task: Task, fits: (token: string | undefined) => boolean, by: () => string): void => {
  const at = place(task);
  for (let step = 0; step < task.tokens.length; step++) {
    const here = (at + step) % task.tokens.length;
    if (!fits(task.tokens[here])) continue;
    task.tokens[here] = by();
    return;
  }
};

/** Slips of the pen and of the clipboard; each changes the tokens in place. */
const tokenMutations: readonly ((task: Task) => void)[] = [
  task => {
    task.tokens.splice(place(task), 1);
  },
  task => {
    const at = place(task);
    task.tokens.splice(at, 0, task.tokens[at] ?? '', ' ');
  },
  task => {
    const [one, other] = [place(task), place(task)];
    [task.tokens[one], task.tokens[other]] = [task.tokens[other] ?? '', task.tokens[one] ?? ''];
  },
  task => {
    const from = place(task);
    task.tokens[place(task)] = task.tokens[from] ?? '';
  },
  task => {
    task.tokens.splice(place(task), task.random.below(8), ' ', ...fragment(task), ' ');
  },
  task => {
    const [from, to] = [place(task), place(task)];
    task.tokens.splice(to, 0, ...task.tokens.slice(from, from + task.random.below(40)));
  },
  task => {
    task.tokens.splice(place(task), task.random.below(30));
  },
  task => replaced(task, isName, () => task.random.pick(task.tokens.filter(isName)) ?? 'x'),
  task => replaced(task, isName, () => task.random.pick(words)),
  task =>
    replaced(
      task,
      token => /^\d/.test(token ?? ''),
      () => task.random.pick(numbers),
    ),
  task => replaced(task, isCode, () => task.random.pick([...numbers, ...marks, ...words])),
  task => {
    task.tokens.splice(place(task), 0, task.random.pick(marks));
  },
  task => {
    const [opening, closing] = task.random.pick([
      ['(', ')'],
      ['-(', ')'],
      ['[', ']'],
      ['f(', ')'],
      ['stop(', ')'],
    ] as const);
    const at = place(task);
    const levels = 1 + task.random.below(4);
    task.tokens[at] = opening.repeat(levels) + task.tokens[at] + closing.repeat(levels);
  },
];

const isValue = (token: string | undefined): boolean => isName(token) || /^\d/.test(token ?? '');

/** What may stand around a value and leave it one, more often than not. */
const wraps = [
  'stop(_)',
  '(-_)',
  'exp(_)',
  '_^2',
  '(_ + _)',
  '(_ * 2)',
  '(_ / 0)',
  'sigmoid(_)',
  'log(_)',
  '(_ < 1)',
  '(_ @ _)',
];
const smallNumbers = ['0', '1', '2', '3', '4', '5', '6', '0.5', '1e-3', '(-1)'];
/** Names of one kind; each list is of what may stand for one another. */
const kinds = [
  [
    'log_w',
    'log_lik',
    'log_prior',
    'log_q',
    'log_joint',
    'log_w_path',
    'log_q_score',
    'kl',
    'epoch',
    'step',
    'k',
  ],
  ['tanh', 'relu', 'sigmoid', 'identity', 'exp', 'log', 'sqrt', 'softplus', 'floor', 'stop', 'logit'],
  ['sum', 'mean', 'max', 'min', 'logmeanexp', 'logsumexp', 'softmax', 'rank', 'median'],
  ['normal', 'bernoulli', 'uniform', 'laplace', 'gaussian_mlp', 'dense', 'mlp'],
  [
    'iwae',
    'elbo',
    'elbo_analytic',
    'power',
    'median',
    'vr',
    'iwae_dreg',
    'iwae_stl',
    'rws',
    'jvi',
    'my_iwae',
    'my_elbo',
  ],
  ['real', 'positive', 'unit', 'binary', 'byte', 'int'],
  ['adam', 'sgd', 'burda', 'constant'],
  ['x', 'h', 'y', 'v', 'm', 'mean', 'scale', 'logits', 'u', 'z', 'gradient', 'parameter'],
];

/** Changes that often leave a program without errors, so that what comes behind the checker sees them too. */
const mildMutations: readonly ((task: Task) => void)[] = [
  task => {
    const at = place(task);
    if (!isValue(task.tokens[at])) return;
    task.tokens[at] = task.random.pick(wraps).replaceAll('_', task.tokens[at]!);
  },
  task =>
    replaced(
      task,
      token => /^\d/.test(token ?? ''),
      () => task.random.pick(smallNumbers),
    ),
  task => {
    const kind = task.random.pick(kinds);
    replaced(
      task,
      token => kind.includes(token ?? ''),
      () => task.random.pick(kind),
    );
  },
];

const characters = [
  '\0',
  '\n',
  '\r',
  '\t',
  '"',
  "'",
  '\\',
  '\ud800',
  'é',
  '日',
  '\u00a0',
  '\ufeff',
  '{',
  '}',
  '(',
  '/',
  '*',
  '.',
  '9',
  'e',
];

/** Damage to the text as bytes, as a broken transfer leaves it. */
const textMutations: readonly ((text: string, random: Random) => string)[] = [
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text, random) => text.slice(random.below(text.length + 1)),
  (text, random) => {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + text.slice(at + random.below(20));
  },
  (text, random) => {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + random.pick(characters) + text.slice(at + random.below(2));
  },
  (text, random) => {
    const bytes = new TextEncoder().encode(text);
    for (let count = 1 + random.below(4); count > 0 && bytes.length > 0; count--) {
      const at = random.below(bytes.length);
      bytes[at] = random.below(2) === 0 ? random.below(256) : bytes[at]! ^ (1 << random.below(8));
    }
    return new TextDecoder().decode(bytes);
  },
];

/**
 * A program with one to four mutations, most often one. One in five is of the text, two in five are of its tokens, the
 * others mild.
 */
export function mutant(programs: readonly string[], corpus: readonly string[], random: Random): string {
  const text = random.pick(programs);
  const choice = random.below(5);
  if (choice === 0) return random.pick(textMutations)(text, random);
  const task: Task = { tokens: tokensOf(text), random, corpus };
  const mutations = choice < 3 ? tokenMutations : mildMutations;
  for (let count = 1 + random.below(2) * random.below(4); count > 0; count--) random.pick(mutations)(task);
  return task.tokens.join('');
}
