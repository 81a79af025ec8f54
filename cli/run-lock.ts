import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from './failure.js';
import { isSystemError, makeFolder, refused } from './files.js';
import { isAlive, type Owner, thisProcess } from './owner.js';

/** Beside the folder, not in it: a run is replaced as a whole. */
const lockPath = (folder: string): string => {
  const path = resolve(folder);
  return join(dirname(path), `.${basename(path)}.lock`);
};

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
  const own = JSON.stringify(thisProcess());
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
