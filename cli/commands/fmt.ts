import { chmodSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic, SourceFile } from '../../compiler/index.js';
import type { Register } from '../command.js';
import { compiler } from '../doors.js';
import type { Exit } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { systemReason, writeWhole } from '../files.js';
import { uncut } from '../interrupt.js';
import { common } from '../options.js';
import { readSpec, reportDiagnostics } from '../spec.js';
import type { Terminal } from '../terminal.js';
import { counted } from '../words.js';

interface Options {
  readonly check?: boolean;
  readonly stdin?: boolean;
}

interface Formatted {
  readonly source: SourceFile;
  readonly text: string;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** A file is itself; a folder stands for every `.iwae` file in it and its folders. */
function filesOf(path: string): readonly string[] {
  if (!isFolder(path)) return [path];
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return names
    .filter(name => name.endsWith('.iwae') && !name.split(/[\\/]/).includes('node_modules'))
    .map(name => join(path, name))
    .filter(file => !isFolder(file))
    .sort();
}

function readStdin(): SourceFile {
  try {
    return { path: 'standard input', text: readFileSync(0, 'utf8') };
  } catch (error) {
    throw new Failure('usage', `cannot read standard input: ${systemReason(error)}`, { cause: error });
  }
}

function sourcesOf(paths: readonly string[], { stdin }: Options): readonly SourceFile[] {
  if (stdin && paths.length > 0)
    throw new Failure('usage', '--stdin formats standard input and takes no files');
  if (stdin) return [readStdin()];
  if (paths.length === 0) {
    throw new Failure('usage', 'no files were given', {
      help: 'name files or folders, or use --stdin',
    });
  }
  return [...new Set(paths.flatMap(filesOf))].map(readSpec);
}

interface Outcome {
  readonly changed: readonly Formatted[];
  readonly kept: number;
  /** Of files that cannot be read and stay as they are. */
  readonly problems: readonly Diagnostic[];
}

async function formatAll(sources: readonly SourceFile[]): Promise<Outcome> {
  const { format } = await compiler();
  const results = sources.map(source => ({ source, ...format(source) }));
  const readable = results.flatMap(({ source, text }) => (text === null ? [] : [{ source, text }]));
  const changed = readable.filter(({ source, text }) => text !== source.text);
  const problems = results.flatMap(({ diagnostics }) => diagnostics);
  return { changed, kept: readable.length - changed.length, problems };
}

/** Says which files are not in the layout, and where that is the question, fails. */
function tell(terminal: Terminal, options: Options, { changed, kept }: Outcome): Exit {
  const { colours } = terminal;
  for (const { source } of changed) terminal.answer(source.path);
  const files = counted(changed.length, 'file');
  const others = `${counted(kept, 'file')} left as ${kept === 1 ? 'it is' : 'they are'}`;
  if (options.check && changed.length > 0) {
    terminal.note(`${colours.red('error')}: ${files} would change; run \`iwaec fmt\``);
    return 'program';
  }
  if (changed.length > 0) terminal.note(`${files} written, ${others}`);
  else if (kept > 0) terminal.note(`${colours.green('ok')} ${others}`);
  return 'ok';
}

async function fmtStdin(terminal: Terminal, options: Options, source: SourceFile): Promise<Exit> {
  const outcome = await formatAll([source]);
  await reportDiagnostics(terminal, outcome.problems);
  const text = outcome.changed[0]?.text ?? source.text;
  terminal.result({ changed: outcome.changed.length > 0, text });
  if (options.check) return tell(terminal, options, outcome);
  if (!terminal.json) process.stdout.write(text);
  return 'ok';
}

/** A symbolic link stays one, and the file keeps who may read it. */
async function rewrite(path: string, text: string): Promise<void> {
  const file = realpathSync(path);
  const { mode } = statSync(file);
  await uncut(async () => {
    await writeWhole(file, text);
    chmodSync(file, mode);
  });
}

async function fmtFiles(terminal: Terminal, options: Options, sources: readonly SourceFile[]): Promise<Exit> {
  const outcome = await formatAll(sources);
  const { changed } = outcome;
  if (!options.check) for (const { source, text } of changed) await rewrite(source.path, text);
  const exit = tell(terminal, options, outcome);
  await reportDiagnostics(terminal, outcome.problems);
  terminal.result({ files: sources.length, changed: changed.map(({ source }) => source.path) });
  return exit;
}

export const fmt: Register = (program, run) => {
  const command = program
    .command('fmt')
    .description('lay .iwae files out in the one canonical way')
    .argument('[files...]', '.iwae files, and folders that hold some')
    .option('--check', 'write nothing; list the files that would change and exit with 1 if there are any')
    .option('--stdin', 'read a program from standard input and print it');
  common(command, 'iwaec fmt specs').action(
    run<Options>(async (terminal, options, ...paths) => {
      const sources = sourcesOf(paths, options);
      const [first] = sources;
      if (options.stdin && first) return fmtStdin(terminal, options, first);
      return fmtFiles(terminal, options, sources);
    }),
  );
};
