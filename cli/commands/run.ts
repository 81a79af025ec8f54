import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { Option } from 'commander';
import type { Register } from '../command.js';
import type { Exit } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { writeWhole } from '../files.js';
import { shortCells, shortened } from '../grid/budget.js';
import { cellLine } from '../grid/command-line.js';
import { type EmitterName, emitters } from '../grid/emit.js';
import { type Cell, cellsOf, type Grid, matching } from '../grid/grid.js';
import { compileChoices, modelOf } from '../grid/model.js';
import { runCells } from '../grid/queue.js';
import { readGrid } from '../grid/read.js';
import { gridTable } from '../grid/table.js';
import { listenForInterrupt } from '../interrupt.js';
import { type CommonOptions, common, time, whole } from '../options.js';
import { lockRun } from '../run-lock.js';
import { readSpec, reportDiagnostics } from '../spec.js';
import type { Terminal } from '../terminal.js';
import { counted } from '../words.js';

interface Options {
  readonly out?: string;
  readonly only?: readonly string[];
  readonly cell?: number;
  readonly budget?: { readonly text: string; readonly seconds: number };
  readonly dryRun?: boolean;
  readonly table?: boolean;
  readonly emit?: EmitterName;
}

const budget = (text: string): NonNullable<Options['budget']> => ({ text, seconds: time(text) });

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const run: Register = (program, runner) => {
  const command = program
    .command('run')
    .description('train and evaluate every cell of a grid, and put the figures beside the published ones')
    .argument('<grid>', 'a .yaml file, such as those in experiments/')
    .option('--out <folder>', 'where the runs go (default: runs/<grid>)')
    .option('--only <axis=value>', 'only these cells; again for another axis, commas between values', collect)
    .option('--cell <number>', 'only the cell of this number, from 0: for the tasks of a cluster', whole(0))
    .addOption(
      new Option('--budget <time>', 'shorten the schedules to this time, such as 10m, and say how').argParser(
        budget,
      ),
    )
    .option('--dry-run', 'print the command lines of the cells, and run nothing')
    .option('--table', 'print the table of what is finished, and run nothing')
    .addOption(
      new Option('--emit <system>', 'print the same grid as a job of a cluster, and run nothing').choices(
        Object.keys(emitters),
      ),
    );
  common(command, 'iwaec run experiments/table1.yaml --budget 10m').action(
    runner<Options>(async (terminal, options, path = '') => {
      const opened = await openGrid(terminal, path);
      const grid = options.seed === undefined ? opened : { ...opened, seeds: [options.seed.toString()] };
      const all = cellsOf(grid);
      const chosen = chosenCells(grid, all, options);
      const out =
        options.out ?? join('runs', nameOf(path) + (options.budget ? `-${options.budget.text}` : ''));
      const context = { terminal, options, grid, out, path };
      if (options.table === true) return printTable(context, await planned(context, chosen));
      if (options.emit !== undefined) return emit(context, chosen, options.emit);
      await checkCells(terminal, chosen);
      const cells = await planned(context, chosen);
      return options.dryRun === true ? dryRun(context, cells) : runAll(context, cells);
    }),
  );
};

interface Context {
  readonly terminal: Terminal;
  readonly options: Options & CommonOptions;
  readonly grid: Grid;
  readonly out: string;
  readonly path: string;
}

const nameOf = (path: string): string => basename(path).replace(/\.ya?ml$/, '');

async function openGrid(terminal: Terminal, path: string): Promise<Grid> {
  if (path.endsWith('.iwae')) {
    throw new Failure('usage', `${path} is a model, and a grid is a .yaml file that names models`, {
      help: `see docs/experiments.md; to train the model alone: iwaec train ${path}`,
    });
  }
  const { findings, grid } = await readGrid(readSpec(path));
  await reportDiagnostics(terminal, findings);
  if (grid === null) throw new Error('a grid was neither read nor refused');
  return grid;
}

/** What `--only` keeps: of one axis all values together. */
function filterOf(grid: Grid, only: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const filter = new Map<string, readonly string[]>();
  for (const text of only) {
    const [axis = '', list = ''] = text.split(/=(.*)/s);
    const known = grid.axes.find(({ name }) => name === axis);
    // A value may have commas of its own, as `power(p=3, k=5)` has.
    const labels = known?.values.has(list) === true ? [list] : list.split(',');
    const wrong = labels.find(label => known?.values.has(label) !== true);
    if (known === undefined || wrong !== undefined) {
      const axes = grid.axes.map(({ name, values }) => `${name}=${[...values.keys()].join(',')}`).join('; ');
      throw new Failure(
        'usage',
        `--only ${text}: there is no such ${known === undefined ? 'axis' : 'value'}`,
        {
          help: `the grid has ${axes}`,
        },
      );
    }
    filter.set(axis, [...(filter.get(axis) ?? []), ...labels]);
  }
  return filter;
}

function chosenCells(
  grid: Grid,
  all: readonly Cell[],
  { only = [], cell, budget: limit }: Options,
): readonly Cell[] {
  const filter = filterOf(grid, only);
  const cells = matching(limit === undefined ? all : shortCells(grid, all), filter);
  const chosen = cell === undefined ? cells : cells.filter(({ index }) => index === cell);
  if (chosen.length > 0) return chosen;
  throw new Failure(
    'usage',
    cell === undefined ? 'no cell is left of the grid' : `the grid has no cell ${cell}`,
    {
      help: `its ${all.length} cells have the numbers 0 to ${all.length - 1}; \`--dry-run\` shows them`,
    },
  );
}

/** Every program of the grid is compiled before any is trained: a mistake in the last is found at once. */
async function checkCells(terminal: Terminal, cells: readonly Cell[]): Promise<void> {
  const checked = new Set<string>();
  for (const { id, settings } of cells) {
    if (settings.patience !== undefined && settings.validation === undefined) {
      throw new Failure('program', `the cell ${id} has \`patience\` without \`validation\``, {
        help: 'say how many rows to hold out, as in `validation: 10000`',
      });
    }
    const key = JSON.stringify([settings.spec, compileChoices(settings)]);
    if (checked.has(key)) continue;
    checked.add(key);
    await modelOf(terminal, settings);
  }
}

async function planned(
  { terminal, options, out }: Context,
  cells: readonly Cell[],
): Promise<readonly Cell[]> {
  const { budget: limit } = options;
  return limit === undefined
    ? cells
    : shortened(terminal, cells, { seconds: limit.seconds, out, wish: options });
}

function dryRun({ terminal, options, out }: Context, cells: readonly Cell[]): Exit {
  const lines = cells.map(cell => cellLine(cell, out, options));
  terminal.answer(lines.join('\n'));
  terminal.result({
    cells: cells.map(({ id, index, labels, seed }, i) => ({ id, index, labels, seed, command: lines[i] })),
  });
  return 'ok';
}

function emit({ terminal, options, out, path }: Context, cells: readonly Cell[], name: EmitterName): Exit {
  if (options.budget !== undefined) {
    throw new Failure(
      'usage',
      '--emit prints a grid for other machines, and --budget measures this one: give one of them',
    );
  }
  const device = options.device === 'auto' ? [] : ['--device', options.device];
  const words = ['run', path, '--out', out, ...device];
  const text = emitters[name]({
    name: `iwaec-${nameOf(path)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')}`,
    cells,
    words,
    cpus: options.threads ?? availableParallelism(),
  });
  terminal.answer(text.trimEnd());
  terminal.result({ system: name, text });
  return 'ok';
}

function printTable({ terminal, grid, out }: Context, cells: readonly Cell[]): Exit {
  const text = gridTable(grid, cells, out);
  terminal.answer(text);
  terminal.result({ out, table: text });
  return 'ok';
}

async function runAll(context: Context, cells: readonly Cell[]): Promise<Exit> {
  const { terminal, options, grid, out } = context;
  // The tasks of a cluster share the folder; each cell has a lock of its own.
  const lock = options.cell === undefined ? lockRun(out) : null;
  const interrupt = listenForInterrupt(
    terminal,
    'stopping; what is finished is kept, and the cell under way goes on next time',
  );
  try {
    const end = await runCells(cells, { terminal, out, wish: options, signal: interrupt.signal });
    if ('stopped' in end) {
      terminal.result({ out, cells: cells.length, interrupted: true });
      return interrupt.exit() ?? end.stopped;
    }
    const { failed } = end;
    const table = gridTable(grid, cells, out);
    // A task of a cluster has one cell; the table is made of all of them, by a call for it.
    if (options.cell === undefined) await writeWhole(join(out, 'table.md'), table);
    terminal.answer(table);
    terminal.result({ out, cells: cells.length, failed, table });
    if (failed === 0) return 'ok';
    terminal.note(`${counted(failed, 'cell')} failed; the same command tries them again`);
    return 'data';
  } finally {
    interrupt.release();
    lock?.release();
  }
}
