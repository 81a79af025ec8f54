import { join } from 'node:path';
import type { Register } from '../command.js';
import { evaluationSplit, rowCount } from '../data.js';
import { runtime } from '../doors.js';
import { withRun } from '../open-run.js';
import { common, whole } from '../options.js';
import { writeReconstructions } from '../sample-picture.js';

interface Options {
  readonly count: number;
  readonly out?: string;
  readonly testData?: string;
}

const mostRows = 10_000;

export const reconstruct: Register = (program, run) => {
  const command = program
    .command('reconstruct')
    .description('show test rows and, below each, what the model makes of it')
    .argument('<run>', 'a folder that `iwaec train` made')
    .option('-n, --count <count>', 'how many, a seeded sample', whole(1, mostRows), 10)
    .option('--out <file>', 'the PNG (default: reconstructions.png in the run)')
    .option('--test-data <file>', 'rows of this idx or .npy file');
  common(command, 'iwaec reconstruct runs/mnist1l-1 -n 20').action(
    run<Options>(async (terminal, { count, out, ...wish }, folder = '') => {
      const path = out ?? join(folder, 'reconstructions.png');
      return withRun(terminal, folder, { ...wish, needsData: true }, async open => {
        const { seededSample } = await runtime();
        const split = evaluationSplit(open.data);
        const rows = seededSample(count, rowCount(open.data, split), open.seed);
        await writeReconstructions(open.session, rows, split, path);
        terminal.answer(`wrote ${path} (${count} ${split} rows above their reconstructions)`);
        terminal.result({ out: path, count, split, rows, run: folder, step: open.session.step });
        return 'ok';
      });
    }),
  );
};
