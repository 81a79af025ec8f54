import type { Register } from '../command.js';
import { withRun } from '../open-run.js';
import { common, whole } from '../options.js';
import { inRun } from '../run-folder.js';
import { writeSamples } from '../sample-picture.js';

interface Options {
  readonly count: number;
  readonly out?: string;
}

/** A grid of this many is still a picture one can look at. */
const mostSamples = 10_000;

export const sample: Register = (program, run) => {
  const command = program
    .command('sample')
    .description('draw from a trained model and write the draws as a PNG')
    .argument('<run>', 'a folder that `iwaec train` made')
    .option('-n, --count <count>', 'how many', whole(1, mostSamples), 64)
    .option('--out <file>', 'the PNG (default: samples.png in the run)');
  common(command, 'iwaec sample runs/mnist1l-1 -n 100 --seed 7 --out samples.png').action(
    run<Options>(async (terminal, { count, out, ...wish }, folder = '') => {
      const path = out ?? inRun(folder, 'samples');
      return withRun(terminal, folder, { ...wish, needsData: false }, async open => {
        await writeSamples(open.session, count, path);
        terminal.answer(`wrote ${path} (${count} samples)`);
        terminal.result({ out: path, count, run: folder, step: open.session.step });
        return 'ok';
      });
    }),
  );
};
