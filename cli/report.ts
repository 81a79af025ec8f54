import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiler, runtime } from './doors.js';
import { type Exit, exitOfFault } from './exit-codes.js';
import { Failure } from './failure.js';
import { isSystemError, systemCodes, systemReason, writeWhole } from './files.js';
import type { Terminal } from './terminal.js';
import { version } from './version.js';

const reported = 'please report it, with the command, the spec and that file';

/** The text of a bug report, in a file of its own. */
async function writeDump(error: Error, dump: string | undefined): Promise<string | null> {
  const path = join(tmpdir(), `iwaec-bug-${Date.now().toString(36)}-${process.pid}.txt`);
  const text = [
    `iwaec ${version}, Node ${process.version}, ${process.platform} ${process.arch}`,
    `command: ${process.argv.slice(2).join(' ')}`,
    error.stack ?? String(error),
    ...(dump === undefined ? [] : ['', dump]),
  ];
  try {
    await writeWhole(path, `${text.join('\n')}\n`);
    return path;
  } catch {
    return null;
  }
}

async function bug(error: Error, dump: string | undefined): Promise<Failure> {
  const path = await writeDump(error, dump);
  const where = path === null ? 'run it again with --debug' : `what is known about it was written to ${path}`;
  return new Failure('internal', `this is a bug of iwaec: ${error.message}`, {
    code: 'bug',
    help: `${where}; ${reported}`,
    cause: error,
  });
}

/** Whatever was thrown, as something a user can be told. */
export async function explained(thrown: unknown): Promise<Failure> {
  if (thrown instanceof Failure) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { isFault } = await runtime();
  if (isFault(error)) {
    return new Failure(exitOfFault[error.code], error.message, {
      code: error.code,
      help: error.help,
      cause: error,
    });
  }
  if (isSystemError(error, ...systemCodes)) {
    const path = 'path' in error && typeof error.path === 'string' ? `${error.path}: ` : '';
    return new Failure('data', `${path}${systemReason(error)}`, { code: 'file-refused', cause: error });
  }
  const { CompilerBug } = await compiler();
  return bug(error, error instanceof CompilerBug ? error.dump : undefined);
}

/** Tells the user what went wrong, on stderr and, with `--json`, as the one object on stdout. */
export function report(failure: Failure, terminal: Terminal): Exit {
  const { colours } = terminal;
  terminal.note(failure.rendered ?? `${colours.red(colours.bold('error'))}: ${failure.message}`);
  if (failure.help !== null) terminal.note(`${colours.cyan('help')}: ${failure.help}`);
  if (terminal.debug) {
    const deepest = failure.cause instanceof Error ? failure.cause : failure;
    terminal.note(deepest.stack ?? String(deepest));
  }
  const { code, message, help, diagnostics } = failure;
  terminal.result({
    error: { code, message, help },
    ...(diagnostics === null ? {} : { diagnostics: [...diagnostics] }),
  });
  return failure.exit;
}
