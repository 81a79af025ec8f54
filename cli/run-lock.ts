import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from './failure.js';
import { isSystemError, makeFolder, refused } from './files.js';

/** Who holds a lock. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as the system counts; null where the system does not say. */
  readonly birth: string | null;
}

/** Beside the folder, not in it: a run is replaced as a whole. */
const lockPath = (folder: string): string => {
  const path = resolve(folder);
  return join(dirname(path), `.${basename(path)}.lock`);
};

/**
 * Start of a process in clock ticks after boot: a pid alone is given again after a restart of the machine.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, field 22; the name in field 2 may hold anything but `)`.
 */
function birthOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive({ pid, host, birth }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (isSystemError(error, 'ESRCH')) return false;
  }
  const found = birthOf(pid);
  return birth === null || found === null || birth === found;
}

/** Null for what is no lock of ours, such as one that was cut off by a power loss. */
function parseOwner(text: string): Owner | null {
  try {
    const { pid, host, birth } = JSON.parse(text) as Partial<Record<keyof Owner, unknown>>;
    const isWhole = Number.isSafeInteger(pid) && (pid as number) > 0 && typeof host === 'string';
    return isWhole ? { pid: pid as number, host, birth: typeof birth === 'string' ? birth : null } : null;
  } catch {
    return null;
  }
}

function readLock(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw refused(path, error);
  }
}

/** Another process is at work on the folder. */
export function isLocked(folder: string): boolean {
  const owner = parseOwner(readLock(lockPath(folder)) ?? '');
  return owner !== null && isAlive(owner);
}

const held = (folder: string, path: string, { pid, host }: Owner) =>
  new Failure('usage', `${folder} is in use: process ${pid} on ${host} trains there`, {
    code: 'run-locked',
    help: `wait until it is done, or name another folder with --out; if there is no such process, remove ${path}`,
  });

/** Takes a dead owner's lock away, and only that: it is moved aside first, in one step. */
function clearStale(path: string, text: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') === text) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

/**
 * Keeps other processes of iwaec out of a run's folder until it is released or this process ends.
 * @throws Failure `run-locked` when another process has it, `write-refused`
 */
export function lockRun(folder: string): { readonly release: () => void } {
  const path = lockPath(folder);
  const own = JSON.stringify({ pid: process.pid, host: hostname(), birth: birthOf(process.pid) });
  for (;;) {
    try {
      makeFolder(dirname(path));
      writeFileSync(path, own, { flag: 'wx' });
      return { release: () => readLock(path) === own && rmSync(path, { force: true }) };
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw refused(path, error);
    }
    const text = readLock(path);
    if (text === null) continue;
    const owner = parseOwner(text);
    if (owner !== null && isAlive(owner)) throw held(folder, path, owner);
    clearStale(path, text);
  }
}
