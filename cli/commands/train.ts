import { InvalidArgumentError, Option } from 'commander';
import type { Binarise } from '../../runtime/index.js';
import type { Register } from '../command.js';
import { common, overrideOptions, precisionOption, seconds, tuningOption, whole } from '../options.js';
import type { TrainCommandOptions } from '../training/options.js';
import { train as trainRun } from '../training/train.js';

/** Kept equal to the runtime's own list by its type, so that help needs no runtime. */
const binarisations: Readonly<Record<Binarise, true>> = {
  dynamic: true,
  'per-epoch': true,
  once: true,
  threshold: true,
  none: true,
};

function binarisation(text: string): Binarise {
  const found = (Object.keys(binarisations) as Binarise[]).find(name => name === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It must be one of ${Object.keys(binarisations).join(', ')}.`);
}

export const train: Register = (program, run) => {
  const command = program
    .command('train')
    .description('train a model, evaluate it, and keep all of it in a run folder')
    .argument('<spec>', 'a .iwae file')
    .option('--out <run>', 'the run folder (default: runs/<model>-<n>)')
    .option(
      '--epochs <count>',
      "epochs of the whole run, earlier ones included (default: the schedule's)",
      whole(1),
    )
    .option('--resume', 'go on from the last checkpoint of the run')
    .option('--force', 'replace an earlier run in the same folder')
    .addOption(
      new Option(
        '--binarize <how>',
        'grey data: drawn each step (dynamic), per-epoch or once, cut at one half (threshold), or refused (none)',
      )
        .argParser(binarisation)
        .default(undefined, 'dynamic; none where the data is binary already'),
    )
    .option('--data <data>', 'a data set of `iwaec data list`, or a file of training data (default: mnist)')
    .option('--test-data <data>', "test data (default: that of --data's data set)")
    .option(
      '--validation <rows>',
      'hold so many rows out of the end of the training data, and evaluate them after each epoch',
      whole(1),
    )
    .option('--patience <epochs>', 'end when so many epochs in a row were no better on them', whole(1))
    .option(
      '--checkpoint-every <seconds>',
      'within an epoch; at the end of each there is one as well',
      seconds,
      30,
    )
    .option('--keep <count>', 'how many of the latest checkpoints to keep', whole(1), 2)
    .option('--eval-k <count>', 'importance samples of the evaluation at the end', whole(1), 100)
    .option('--eval-images <count>', 'test rows of that evaluation, a seeded sample; 0: none', whole(0), 1000)
    .option(
      '--tensorboard',
      'also keep scalars, samples and unit activity as TensorBoard events in the run folder',
    )
    .option('--model <name>', 'the model to train, where the file declares several');
  common(
    tuningOption(precisionOption(overrideOptions(command))),
    'iwaec train specs/mnist1l.iwae --epochs 1 --out runs/first',
  ).action(run<TrainCommandOptions>((terminal, options, spec = '') => trainRun(terminal, spec, options)));
};
