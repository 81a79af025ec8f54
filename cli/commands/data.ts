import { isAbsolute, join } from 'node:path';
import type { Command } from 'commander';
import type { SourceName } from '../../runtime/node.js';
import type { Register, Runner } from '../command.js';
import { withCache } from '../data.js';
import { platform } from '../doors.js';
import { Failure } from '../failure.js';
import { listenForInterrupt } from '../interrupt.js';
import { common } from '../options.js';
import { fetchProgress } from '../progress.js';
import type { Terminal } from '../terminal.js';
import { counted, table } from '../words.js';

export const data: Register = (program, run) => {
  const command = program
    .command('data')
    .description('data sets: list the names, get the files, say where they are, verify them')
    .addHelpText(
      'after',
      '\nEnvironment:\n  IWAEC_CACHE   the folder that files are kept in\n' +
        '  IWAEC_MIRROR  an address that is asked first, for <data set>/<file>',
    );
  list(command, run);
  get(command, run);
  path(command, run);
  verify(command, run);
};

const names = '[names...]';

/** The data sets of a command line; none named: all. @throws Failure for a name that is none */
async function chosenSources(given: readonly string[]): Promise<readonly SourceName[]> {
  const { isSourceName, sourceNames } = await platform();
  if (given.length === 0) return sourceNames;
  return given.map(name => {
    if (isSourceName(name)) return name;
    throw new Failure('usage', `there is no data set called '${name}'`, {
      code: 'unknown-data-set',
      help: `there are ${sourceNames.join(', ')}; a file needs no name: --data FILE`,
    });
  });
}

function list(data: Command, run: Runner): void {
  const command = data
    .command('list')
    .description('show the data sets, and the formats of files that are read');
  common(command, 'iwaec data list').action(
    run<object>(async terminal => {
      const { formatNames, isSourceHere, sourceNamed, sourceNames } = await platform();
      const known = await Promise.all(
        sourceNames.map(async name => {
          const { title, licence } = sourceNamed(name);
          return { name, title, licence, here: await isSourceHere(name) };
        }),
      );
      terminal.answer(
        table(
          known.map(({ name, title, licence, here }) => [
            name,
            `${title}; licence: ${licence}; ${here ? 'here' : 'fetched on first use'}`,
          ]),
          '',
        ),
      );
      terminal.answer(`\nfiles, gzip or not: ${formatNames.join(', ')}`);
      terminal.result({ sources: known, formats: formatNames });
      return 'ok';
    }),
  );
}

function get(data: Command, run: Runner): void {
  const command = data
    .command('get')
    .description('fetch data sets into the cache folder')
    .argument('<names...>');
  common(command, 'iwaec data get fashion_mnist binarized_mnist').action(
    run<object>(async (terminal, _options, ...given) => {
      const { fetchSource, sourceFolder } = await platform();
      const chosen = await chosenSources(given);
      const interrupt = listenForInterrupt(terminal, 'stopping; what has arrived is kept');
      const progress = fetchProgress(terminal);
      try {
        for (const name of chosen) {
          await withCache(() => fetchSource(name, { signal: interrupt.signal, onProgress: progress.update }));
          progress.stop();
          terminal.answer(`${name}  ${sourceFolder(name)}`);
        }
      } catch (error) {
        const exit = interrupt.exit();
        if (exit === null) throw error;
        terminal.result({ interrupted: true });
        return exit;
      } finally {
        progress.stop();
        interrupt.release();
      }
      terminal.result({ folders: Object.fromEntries(chosen.map(name => [name, sourceFolder(name)])) });
      return 'ok';
    }),
  );
}

function path(data: Command, run: Runner): void {
  const command = data
    .command('path')
    .description('print the folder of data sets; without a name, the cache folder')
    .argument(names);
  common(command, 'iwaec data path fashion_mnist').action(
    run<object>(async (terminal, _options, ...given) => {
      const { cacheFolder, sourceFolder } = await platform();
      const folders =
        given.length === 0
          ? [absolutely(cacheFolder())]
          : (await chosenSources(given)).map(name => absolutely(sourceFolder(name)));
      terminal.answer(folders.join('\n'));
      terminal.result({ folders });
      return 'ok';
    }),
  );
}

const absolutely = (folder: string): string => (isAbsolute(folder) ? folder : join(process.cwd(), folder));

function verify(data: Command, run: Runner): void {
  const command = data
    .command('verify')
    .description('compare the checksums of the files that are here')
    .argument(names);
  common(command, 'iwaec data verify').action(
    run<object>(async (terminal, _options, ...given) => {
      const { inspectSource } = await platform();
      const inspected = await Promise.all(
        (await chosenSources(given)).map(async name => ({ name, files: await inspectSource(name) })),
      );
      const files = inspected.flatMap(({ name, files: all }) =>
        all.map(({ file, path: place, state }) => ({ source: name, file: file.name, path: place, state })),
      );
      terminal.answer(
        table(
          files.map(({ source, file, state }) => [`${source}/${file}`, state]),
          '',
        ),
      );
      terminal.result({ files });
      return summarise(
        terminal,
        files.filter(({ state }) => state === 'damaged'),
        given.length > 0 ? files.filter(({ state }) => state === 'absent') : [],
      );
    }),
  );
}

/** Damaged files are an error, and absent ones where their data set was named. */
function summarise(
  terminal: Terminal,
  damaged: readonly { readonly source: string }[],
  absent: readonly { readonly source: string }[],
) {
  const wrong = [...damaged, ...absent];
  if (wrong.length === 0) return 'ok' as const;
  const again = [...new Set(wrong.map(({ source }) => source))].join(' ');
  const what =
    damaged.length > 0
      ? `${counted(damaged.length, 'file')} damaged`
      : `${counted(absent.length, 'file')} absent`;
  terminal.note(
    `${terminal.colours.red('error')}: ${what}\n${terminal.colours.cyan('help')}: iwaec data get ${again}`,
  );
  return 'data' as const;
}
