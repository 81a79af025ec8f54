import type { Register } from '../command.js';
import { evaluationSplit, rowCount } from '../data.js';
import { evaluateRows, evaluationJson, evaluationText } from '../evaluation.js';
import { listenForInterrupt } from '../interrupt.js';
import { withRun } from '../open-run.js';
import { common, whole } from '../options.js';

interface Options {
  readonly k: number;
  readonly images?: number;
  readonly testData?: string;
}

export const evaluate: Register = (program, run) => {
  const command = program
    .command('eval')
    .description('estimate the test log-likelihood of a trained run: NLL = -L_k')
    .argument('<run>', 'a folder that `iwaec train` made')
    .option('--k <count>', 'importance samples of each row', whole(1), 5000)
    .option('--images <count>', 'rows, a seeded sample (default: all test rows)', whole(1))
    .option('--test-data <file>', 'evaluate on this idx or .npy file');
  common(command, 'iwaec eval runs/mnist1l-1 --k 5000 --images 1000').action(
    run<Options>(async (terminal, options, folder = '') => {
      const { device, seed, testData } = options;
      const interrupt = listenForInterrupt(terminal, 'stopping the evaluation');
      try {
        return await withRun(terminal, folder, { device, seed, testData, needsData: true }, async open => {
          const split = evaluationSplit(open.data);
          const { k, images } = options;
          const total = rowCount(open.data, split);
          const plan = { k, images, split, total, seed: open.seed, signal: interrupt.signal };
          const result = await evaluateRows(open.session, plan, terminal);
          if (result === null) return interrupt.exit() ?? 'interrupted';
          terminal.answer(evaluationText(result, plan));
          terminal.result({
            ...evaluationJson(result),
            run: folder,
            split,
            binarise: open.run.config.binarise,
            step: open.session.step,
          });
          return 'ok';
        });
      } finally {
        interrupt.release();
      }
    }),
  );
};
