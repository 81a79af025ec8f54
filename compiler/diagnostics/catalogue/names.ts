import { counted, quoted } from '../../support/words.js';
import { type EntryTable, entry } from './entry.js';
import { page } from './page.js';
import { an, didYouMean, quotedList } from './phrases.js';

const network = (lines: string) => `recognition {\n${lines}\n}`;

/** What a name can get wrong: it means nothing, means something else, or means two things. */
export const names = {
  'unknown-name': entry<{ name: string; suggestion: string | null; elsewhere: string | null }>({
    severity: 'error',
    title: 'a name means nothing here',
    message: ({ name, elsewhere }) =>
      elsewhere === null
        ? `nothing here is called ${quoted(name)}`
        : `${quoted(name)} is ${an(elsewhere)}, which cannot be used here`,
    help: ({ suggestion }) => didYouMean(suggestion),
    explain: page(
      'A name is looked up among the definitions above it, then among what the place gives (the quantities in a bound, `parameter` and `gradient` in an optimizer), then among the functions, layers and distributions of the file, its imports and the standard library.',
      network('  h ~ gausian_mlp(x, hidden=[200], size=50)'),
      network('  h ~ gaussian_mlp(x, hidden=[200], size=50)'),
    ),
  }),
  'unknown-data': entry<{ name: string; suggestion: string | null; known: readonly string[] }>({
    severity: 'error',
    title: 'there is no such data set',
    message: ({ name }) => `the model has no data called ${quoted(name)}`,
    help: ({ suggestion, known }) => didYouMean(suggestion, known),
    explain: page(
      '`data x` in an expression is the whole data set of that name; the model declares it.',
      'x ~ bernoulli(logits = dense(y, 784, bias = logit(mean(data image))))',
      'x ~ bernoulli(logits = dense(y, 784, bias = logit(mean(data x))))',
    ),
  }),
  'unknown-argument': entry<{
    callee: string;
    name: string;
    suggestion: string | null;
    parameters: readonly string[];
  }>({
    severity: 'error',
    title: 'an argument has a name that the function does not know',
    message: ({ callee, name }) => `${quoted(callee)} has no argument ${quoted(name)}`,
    expected: ({ parameters }) =>
      parameters.length === 0 ? 'arguments by position' : quotedList(parameters, 'or'),
    help: ({ suggestion }) => didYouMean(suggestion),
    explain: page(
      'Arguments are given by position or as `name = value`, with the name that the declaration uses. Functions of one kind, such as `exp` or `maximum`, take theirs by position only.',
      'h ~ gaussian_mlp(x, hiden=[200, 200], size=50)',
      'h ~ gaussian_mlp(x, hidden=[200, 200], size=50)',
    ),
  }),
  'duplicate-argument': entry<{ callee: string; name: string }>({
    severity: 'error',
    title: 'an argument is given twice',
    message: ({ callee, name }) => `the argument ${quoted(name)} of ${quoted(callee)} is given twice`,
    help: ({ name }) => `keep one value for ${quoted(name)}; what stands before \`|>\` is the first argument`,
    explain: page(
      'Each argument has one value, by position or by name. What stands before `|>` is the first by position.',
      'let y = x |> dense(x, 200)',
      'let y = x |> dense(200)',
    ),
  }),
  'missing-argument': entry<{
    callee: string;
    missing: readonly string[];
    parameters: readonly string[];
  }>({
    severity: 'error',
    title: 'an argument is missing',
    message: ({ callee, missing }) =>
      `${quoted(callee)} needs ${quotedList(missing, 'and')}, which ${missing.length === 1 ? 'has' : 'have'} no default`,
    expected: ({ callee, parameters }) => quoted(`${callee}(${parameters.join(', ')})`),
    help: ({ missing }) =>
      `add ${quotedList(
        missing.map(name => `${name} = …`),
        'and',
      )}`,
    explain: page(
      'An argument may be left out only if its declaration gives a default.',
      'bound power(k=50)',
      'bound power(k=50, p=2)',
    ),
  }),
  'too-many-arguments': entry<{ callee: string; found: number; parameters: readonly string[] }>({
    severity: 'error',
    title: 'there are more arguments than the function takes',
    message: ({ callee, parameters }) =>
      `${quoted(callee)} takes ${parameters.length === 0 ? 'no arguments' : counted(parameters.length, 'argument')}`,
    found: ({ found }) => counted(found, 'argument'),
    expected: ({ callee, parameters }) => quoted(`${callee}(${parameters.join(', ')})`),
    explain: page(
      'Every argument must have a place in the declaration. What stands before `|>` counts as the first.',
      'let y = tanh(x, 200)',
      'let y = tanh(x)',
    ),
  }),
  'already-declared': entry<{
    name: string;
    kind: string;
    where: 'builtin' | 'library' | 'file' | 'network';
  }>({
    severity: 'error',
    title: 'a name is declared twice',
    message: ({ name, where }) =>
      ({
        builtin: `${quoted(name)} is built into the language`,
        library: `${quoted(name)} is declared in the standard library already`,
        file: `${quoted(name)} is declared already`,
        network: `${quoted(name)} has a meaning here already`,
      })[where],
    help: ({ name }) => `choose another name, such as ${quoted(`my_${name}`)}`,
    explain: page(
      'A name has one meaning. Functions, layers and distributions share one family of names; bounds, reductions over sample axes, optimizers, schedules and models each have their own. A file cannot replace a declaration of the standard library or of an import: two readers of `dense` must see the same thing. Names of data, draws and lets are one family for a model. Only a `param` may take over the name of the argument it starts from.',
      'layer dense(x: real[n], size: int) = x',
      'layer my_dense(x: real[n], size: int) = x',
    ),
  }),
  'used-before-definition': entry<{ name: string }>({
    severity: 'error',
    title: 'a name is used above its definition',
    message: ({ name }) => `${quoted(name)} is used before it is defined`,
    help: ({ name }) => `move ${quoted(`let ${name} = …`)} above this line`,
    explain: page(
      'The statements of a block are read from the top; each sees the ones above it.',
      network('  let z = tanh(y)\n  let y = dense(x, 200)'),
      network('  let y = dense(x, 200)\n  let z = tanh(y)'),
    ),
  }),
  'unused-definition': entry<{ name: string }>({
    severity: 'warning',
    title: 'a definition is never used',
    message: ({ name }) => `${quoted(name)} is never used`,
    help: () => 'use it in a statement below, or leave it out',
    explain: page(
      'What nothing reads has no part in the model: a layer that is defined but not used has parameters that never change.',
      'let y = dense(h, 200, tanh)\nx ~ bernoulli(logits = dense(h, 784))',
      'let y = dense(h, 200, tanh)\nx ~ bernoulli(logits = dense(y, 784))',
    ),
  }),
  'cyclic-definition': entry<{ path: readonly string[]; what: string }>({
    severity: 'error',
    title: 'something is defined by itself',
    message: ({ path, what }) => `${quoted(path[0] ?? '')} ${what}`,
    found: ({ path }) => (path.length <= 1 ? null : path.map(quoted).join(' -> ')),
    help: ({ what }) =>
      what === 'calls itself'
        ? 'everything is inlined, so a call of itself would never end; repeat with `fold y = x for size in list { … }`'
        : 'break the circle: at least one of these must be defined without the others',
    explain: page(
      'Functions, layers, bounds and reductions are inlined where they are used, so one that leads back to itself would never end. The same holds for definitions that need each other. Repetition is written with `fold`.',
      'layer deep(x: real[n], size: int) = deep(dense(x, size), size)',
      'layer deep(x: real[n], sizes: int[]) = fold y = x for size in sizes { dense(y, size) }',
    ),
  }),
  'import-not-found': entry<{ path: string; from: string }>({
    severity: 'error',
    title: 'an imported file does not exist',
    message: ({ path }) => `there is no file ${quoted(path)}`,
    help: ({ from }) => `a path is looked up from the folder of ${quoted(from)}`,
    explain: page(
      'An import names another `.iwae` file, by a path from the folder of the file that imports it.',
      'import "bounds"',
      'import "my_bounds.iwae"',
    ),
  }),
  'import-cycle': entry<{ path: readonly string[] }>({
    severity: 'error',
    title: 'files import each other in a circle',
    message: ({ path }) => `this import leads back to ${quoted(path[0] ?? '')}`,
    found: ({ path }) => path.map(quoted).join(' -> '),
    help: () => 'move what both files need into a third one, and import that from both',
    explain: page(
      'A file may be imported from many places, but not, over any number of steps, from itself.',
      '// a.iwae\nimport "b.iwae"\n\n// b.iwae\nimport "a.iwae"',
      '// a.iwae\nimport "common.iwae"\n\n// b.iwae\nimport "common.iwae"',
    ),
  }),
  'no-model': entry<{ declared: number }>({
    severity: 'error',
    title: 'the file declares no model',
    message: () => 'this file declares no model, so there is nothing to compile',
    found: ({ declared }) => counted(declared, 'other declaration'),
    expected: () => quoted('model name { … }'),
    help: () => 'a file of bounds, distributions or layers is used from another one: `import "file.iwae"`',
    explain: page(
      '`check` accepts a file of definitions; `build` and `train` need a model, declared in the file itself.',
      'bound mine(k: int) = mean[k](log_w)',
      'import "mine.iwae"\n\nmodel tiny { … }',
    ),
  }),
  'several-models': entry<{ names: readonly string[] }>({
    severity: 'error',
    title: 'the file declares several models',
    message: ({ names: models }) => `this file declares ${counted(models.length, 'model')}: which one?`,
    found: ({ names: models }) => quotedList(models, 'and'),
    help: ({ names: models }) => `choose one, as with ${quoted(`--model ${models[0]}`)}`,
    explain: page(
      'One model is compiled at a time. A file may hold several; then the one to compile is named.',
      'iwaec train two_models.iwae',
      'iwaec train two_models.iwae --model small',
    ),
  }),
  'unknown-model': entry<{ name: string; suggestion: string | null; known: readonly string[] }>({
    severity: 'error',
    title: 'the file does not declare that model',
    message: ({ name }) => `this file declares no model called ${quoted(name)}`,
    help: ({ suggestion, known }) => didYouMean(suggestion, known),
    explain: page(
      'The model that is asked for must be declared in the file itself; models of imported files are left out.',
      'iwaec train specs/mnist1l.iwae --model mnist2l',
      'iwaec train specs/mnist1l.iwae --model mnist1l',
    ),
  }),
  'duplicate-member': entry<{ member: string; of: string }>({
    severity: 'error',
    title: 'a part is given twice',
    message: ({ member, of }) => `${of} has ${quoted(member)} twice`,
    help: ({ member }) => `keep one ${quoted(member)}`,
    explain: page(
      'A model has one recognition network, one generative network, one bound and at most one train block; each setting, clause and formula is given once.',
      'train {\n  batch 20\n  batch 100\n}',
      'train {\n  batch 20\n}',
    ),
  }),
  'missing-member': entry<{ member: string; of: string }>({
    severity: 'error',
    title: 'a part is missing',
    message: ({ member, of }) => `${of} has no ${quoted(member)}`,
    help: ({ member, of }) =>
      memberExamples[`${of.split(' ')[1]} ${member}`] ?? `add ${quoted(`${member} …`)}`,
    explain: page(
      'A model needs data, a recognition network, a generative network and a bound. A distribution needs `support`, `sample` and `log_prob(x)`; a bound written as a block needs `value`, `generative` and `recognition`; an optimizer needs `next parameter` and a `next` for each state; a schedule needs `epochs` and `rate`.',
      'bound mine(k: int) {\n  value logmeanexp[k](log_w)\n}',
      'bound mine(k: int) {\n  value       logmeanexp[k](log_w)\n  generative  logmeanexp[k](log_w)\n  recognition mean[k](log_w)\n}',
    ),
  }),
  'unknown-member': entry<{
    name: string;
    of: string;
    suggestion: string | null;
    known: readonly string[];
  }>({
    severity: 'error',
    title: 'a declaration has no such part',
    message: ({ name, of }) => `${of} cannot have ${an('part')} called ${quoted(name)}`,
    expected: ({ known }) => quotedList(known, 'or'),
    help: ({ suggestion }) => didYouMean(suggestion),
    explain: page(
      'A distribution has `support`, any number of `noise`, `sample`, `log_prob(x)` and, if it is known, `mean`; a schedule has `epochs` and `rate`.',
      'distribution mine(mean: real) {\n  density(x) = -(x - mean)^2\n}',
      'distribution mine(mean: real) {\n  support real\n  noise z: normal\n  sample mean + z\n  log_prob(x) = -0.5 * (x - mean)^2 - 0.5 * log(2 * pi)\n}',
    ),
  }),
} satisfies EntryTable;

/** What to add, by the kind of declaration and the part that is missing. */
const memberExamples: Readonly<Record<string, string>> = {
  'model data': 'add the data that the model is of, as in `data x: binary[784]`',
  'model recognition': 'add `recognition { … }`, the factors of q(h | x)',
  'model generative': 'add `generative { … }`, the factors of p(h) p(x | h)',
  'model bound': 'add the objective, as in `bound iwae(k=50)`',
  'bound value': 'add what is reported, as in `value logmeanexp[k](log_w)`',
  'bound generative': 'add what the generative network ascends, as in `generative logmeanexp[k](log_w)`',
  'bound recognition': 'add what the recognition network ascends, as in `recognition mean[k](log_w)`',
  'distribution support': 'add what values a draw can have, as in `support real`',
  'distribution sample': 'add how to draw, as in `sample mean + scale * z` with `noise z: normal`',
  'distribution log_prob': 'add the log-density, `log_prob(x) = …`',
  'schedule epochs': 'add how long training is, as in `epochs 100`',
  'schedule rate': 'add what the learning rate is multiplied with, as in `rate 1`',
};
