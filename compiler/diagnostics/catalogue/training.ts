import { counted, quoted } from '../../support/words.js';
import { type EntryTable, entry } from './entry.js';
import { page } from './page.js';
import { didYouMean, grouped, quotedList } from './phrases.js';

const train = (line: string): string => `train {\n  ${line}\n}`;

/** What the train block, optimizers and schedules can get wrong. */
export const training = {
  'unknown-setting': entry<{ name: string; suggestion: string | null; known: readonly string[] }>({
    severity: 'error',
    title: 'training has no such setting',
    message: ({ name }) => `training has no setting ${quoted(name)}`,
    expected: ({ known }) => quotedList(known, 'or'),
    help: ({ suggestion, name }) =>
      suggestion === null && /^(lr|learning_?rate|eps|beta\d?|momentum)$/.test(name)
        ? `${quoted(name)} is an argument of the optimizer, as in ${quoted('optimizer adam(lr=1e-3)')}`
        : suggestion === null && name === 'epochs'
          ? `the schedule says how long, as in ${quoted('schedule constant(epochs=100)')}`
          : didYouMean(suggestion),
    explain: page(
      'The settings are `optimizer`, `batch`, `schedule`, `gradient`, `clip_norm` and `clip_value`. Those left out are `adam`, 100, `constant`, `mean` and no clipping.',
      train('optimiser adam'),
      train('optimizer adam'),
    ),
  }),
  'invalid-batch': entry<{ found: string; largest: number }>({
    severity: 'error',
    title: 'the batch size is not a positive whole number',
    message: () => 'the batch size must be a positive whole number',
    found: ({ found }) => found,
    expected: ({ largest }) => `a whole number from 1 to ${grouped(largest)}`,
    explain: page(
      'Each step of training uses this many rows of the data set.',
      train('batch 0'),
      train('batch 20'),
    ),
  }),
  'step-too-large': entry<{ batch: number; samples: number; widest: number; most: number }>({
    severity: 'error',
    title: 'one step of training needs too large an array',
    message: () => 'with so many rows and samples at once, a step needs an array too large for any device',
    found: ({ batch, samples, widest }) =>
      `${counted(batch, 'row')} x ${counted(samples, 'sample')} x ${counted(widest, 'element')} = ${grouped(batch * samples * widest)} numbers`,
    expected: ({ most }) => `at most ${grouped(most)}`,
    help: () =>
      'take a smaller batch or fewer samples; `iwaec eval --k` takes any number of samples, a few at a time',
    explain: page(
      'A step of training holds each layer for every sample of every row of its batch.',
      'bound iwae(k=100000)\n\ntrain {\n  batch 100\n}',
      'bound iwae(k=50)\n\ntrain {\n  batch 100\n}',
    ),
  }),
  'unknown-gradient': entry<{ found: string }>({
    severity: 'error',
    title: 'gradients of a batch are combined in an unknown way',
    message: () => 'the gradients of a batch are combined by `sum` or `mean`',
    found: ({ found }) => quoted(found),
    expected: () => '`gradient sum` or `gradient mean`',
    explain: page(
      'Whether the gradient is summed or averaged over the batch matters to `eps` of adam and to the learning rate of sgd.',
      train('gradient average'),
      train('gradient mean'),
    ),
  }),
  'invalid-clipping': entry<{ setting: string; found: string }>({
    severity: 'error',
    title: 'gradients are clipped at something that is not a positive number',
    message: ({ setting }) => `${quoted(setting)} must be a positive number`,
    found: ({ found }) => found,
    expected: () => 'a number above 0',
    help: () => 'leave the setting out to clip nothing',
    explain: page(
      '`clip_norm` is the greatest norm that the gradient of all parameters together may have, `clip_value` the greatest size of each of its elements.',
      train('clip_norm 0'),
      train('clip_norm 5'),
    ),
  }),
  'clipped-twice': entry<Record<never, never>>({
    severity: 'error',
    title: 'gradients are clipped in two ways',
    message: () => 'gradients are clipped by their norm or by value, not both',
    expected: () => '`clip_norm` or `clip_value`',
    help: () => 'leave one of them out',
    explain: page(
      '`clip_norm` keeps the direction of the gradient, `clip_value` cuts each element by itself.',
      'train {\n  clip_norm 5\n  clip_value 1\n}',
      train('clip_norm 5'),
    ),
  }),
  'not-a-choice': entry<{ noun: string; found: string }>({
    severity: 'error',
    title: 'an optimizer or a schedule is not named',
    message: ({ noun }) => `the ${noun} must be named`,
    found: ({ found }) => quoted(found),
    expected: ({ noun }) =>
      noun === 'optimizer' ? 'as in `optimizer adam(lr=1e-3)`' : 'as in `schedule constant(epochs=100)`',
    explain: page(
      'Optimizers and schedules are declared, in the standard library or in your own files, and chosen by name.',
      train('schedule 100'),
      train('schedule constant(epochs=100)'),
    ),
  }),
  'invalid-epochs': entry<{ found: string; largest: number }>({
    severity: 'error',
    title: 'the length of training is not a positive whole number',
    message: () => 'the number of epochs must be a positive whole number',
    found: ({ found }) => found,
    expected: ({ largest }) => `a whole number from 1 to ${grouped(largest)}`,
    explain: page(
      'A schedule says how many times training goes through the data.',
      train('schedule constant(epochs=0)'),
      train('schedule constant(epochs=100)'),
    ),
  }),
  'stage-never-reached': entry<{ bound: string; before: number; epochs: number; schedule: string }>({
    severity: 'error',
    title: 'the schedule ends before the last stage begins',
    message: ({ bound }) => `training ends before ${quoted(bound)} begins`,
    found: ({ before, epochs, schedule }) =>
      `${counted(before, 'epoch')} in the stages before it, ${counted(epochs, 'epoch')} in ${quoted(schedule)}`,
    expected: () => 'a schedule that is longer than the stages before the last one',
    explain: page(
      'Each stage but the last says how long it is; the last one has the rest of the epochs of the schedule.',
      'bound elbo(k=5) for 100 epochs then iwae(k=5)\n\ntrain {\n  schedule constant(epochs=100)\n}',
      'bound elbo(k=5) for 100 epochs then iwae(k=5)\n\ntrain {\n  schedule constant(epochs=200)\n}',
    ),
  }),
  'unknown-state': entry<{ name: string; suggestion: string | null; known: readonly string[] }>({
    severity: 'error',
    title: 'an optimizer updates a state that it does not have',
    message: ({ name }) => `the optimizer has no state ${quoted(name)}`,
    expected: ({ known }) => quotedList(known, 'or'),
    help: ({ suggestion, name }) =>
      didYouMean(suggestion) ?? `declare it above, as in ${quoted(`state ${name} = 0`)}`,
    explain: page(
      '`next` gives the new value of a state declared above it, or of `parameter`.',
      'optimizer mine(lr: positive) {\n  next velocity = gradient\n  next parameter = parameter + lr * velocity\n}',
      'optimizer mine(lr: positive) {\n  state velocity = 0\n  next velocity = 0.9 * velocity + gradient\n  next parameter = parameter + lr * velocity\n}',
    ),
  }),
  'no-such-override': entry<{ override: string; bound: string; parameters: readonly string[] }>({
    severity: 'error',
    title: 'the bound has no such argument to override',
    message: ({ override, bound }) => `the bound ${quoted(bound)} has no ${quoted(override)} to override`,
    expected: ({ parameters }) => (parameters.length === 0 ? null : quotedList(parameters, 'or')),
    help: () => 'change the bound in the file instead',
    explain: page(
      "A value given beside the file, as with `--k`, replaces the argument of that name of the model's bound.",
      'bound miwae(k1=5, k2=10)    // with --k 50',
      'bound iwae(k=5)             // with --k 50',
    ),
  }),
} satisfies EntryTable;
