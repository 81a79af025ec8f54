import { Option } from 'commander';
import type { Register } from '../command.js';
import { evaluationSplit, rowCount } from '../data.js';
import { figuresOf, type UnitImages, unitImages } from '../evaluation/figures.js';
import { figuresJson } from '../evaluation/json.js';
import { figuresTable } from '../evaluation/table.js';
import { rowsText } from '../evaluation.js';
import { Failure } from '../failure.js';
import { listenForInterrupt } from '../interrupt.js';
import { loadRun, type OpenRun, withLoaded } from '../open-run.js';
import { common, whole, wholeList } from '../options.js';
import { appendLog } from '../run-log.js';
import { count, duration } from '../words.js';

interface Options {
  readonly k: readonly number[];
  readonly images?: number;
  readonly testData?: string;
  readonly units: UnitImages;
  readonly pruned?: boolean;
  readonly gap?: boolean;
  readonly surgery?: boolean;
  readonly full?: boolean;
  readonly best?: boolean;
}

export const evaluate: Register = (program, run) => {
  const command = program
    .command('eval')
    .description('estimate the test log-likelihood of a trained run, NLL = -L_k, and all that goes into it')
    .argument('<run>', 'a folder that `iwaec train` made')
    .addOption(
      new Option('--k <list>', 'importance samples of each row; of several, as in 1,50,5000, L_k for each')
        .argParser(wholeList(1))
        .default([5000], '5000'),
    )
    .option('--images <count>', 'rows, a seeded sample (default: all test rows)', whole(1))
    .option('--test-data <file>', 'evaluate on this file, or the test rows of this data set')
    .addOption(
      new Option(
        '--units <images>',
        'measure the activity of units on the images evaluated, or the first 500 of training',
      )
        .choices(unitImages)
        .default('evaluated' satisfies UnitImages),
    )
    .option('--pruned', 'also the NLL with inactive units drawn from the prior (a second evaluation)')
    .option('--gap', 'also the NLL of as many training rows (a second evaluation)')
    .option('--surgery', 'also mutual information and marginal KL, for one latent layer')
    .option('--best', 'the parameters that were best on validation rows, of a run that has any')
    .option('--full', 'all of these that the run allows');
  common(command, 'iwaec eval runs/mnist1l-1 --k 1,50,5000 --images 1000 --pruned').action(
    run<Options>(async (terminal, options, folder = '') => {
      const loaded = await loadRun(terminal, folder, { ...options, needsData: true });
      const interrupt = listenForInterrupt(terminal, 'stopping the evaluation');
      try {
        return await withLoaded(terminal, loaded, options, async open => {
          const { session, data } = open;
          const extras = extrasOf(options, open);
          const split = evaluationSplit(data);
          const total = rowCount(data, split);
          const { k, images } = options;
          const plan = { k, images, split, total, seed: open.seed, signal: interrupt.signal };
          const figures = await figuresOf(session, data, plan, extras, terminal);
          if (figures === null) {
            terminal.answer('nothing of it was kept');
            terminal.result({ run: folder, interrupted: true });
            return interrupt.exit() ?? 'interrupted';
          }
          const { evaluation } = figures;
          const { binarise, splits } = open.run.config;
          const isBinary = session.program.model.data.some(({ element }) => element === 'binary');
          terminal.answer(
            `${folder}: ${session.program.model.name} at step ${count(session.step)}, ` +
              `${rowsText(evaluation, plan)}${isBinary ? `, binarised ${binarise}` : ''}, ` +
              `seed ${open.seed}, ${duration(evaluation.seconds)}`,
          );
          terminal.answer(figuresTable(figures));
          const result = {
            ...figuresJson(figures),
            split,
            data: options.testData ?? splits[split]?.name ?? null,
            binarise,
            step: session.step,
            seed: open.seed.toString(),
          };
          appendLog(folder, result);
          terminal.result({ ...result, run: folder });
          return 'ok';
        });
      } finally {
        interrupt.release();
      }
    }),
  );
};

/** What is asked for, refused where the run does not allow it. @throws Failure `usage` */
function extrasOf(options: Options, { session, data }: OpenRun) {
  const full = options.full === true;
  const { latents } = session.program.model;
  const hasTraining = rowCount(data, 'train') > 0;
  const isTest = evaluationSplit(data) === 'test';
  if (options.surgery === true && latents.length > 1) {
    throw new Failure(
      'usage',
      `--surgery: it is defined for one latent layer, and this model has ${latents.length}`,
    );
  }
  for (const [name, asked] of [
    ['--gap', options.gap === true],
    ['--units train', options.units === 'train'],
  ] as const) {
    if (asked && !(hasTraining && isTest))
      throw new Failure(
        'usage',
        `${name}: it needs training and test rows, and there are only ${isTest ? 'test' : 'training'} rows`,
      );
  }
  return {
    unitImages: options.units,
    pruned: full || options.pruned === true,
    gap: (full && hasTraining && isTest) || options.gap === true,
    surgery: (full && latents.length === 1) || options.surgery === true,
  };
}
