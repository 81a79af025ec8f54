import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { platform } from './doors.js';
import { Failure } from './failure.js';
import { uncut } from './interrupt.js';
import { isAlive, thisProcess } from './owner.js';

/** Of a machine, short enough for the name of a file. */
const markOf = (host: string): string => createHash('sha256').update(host).digest('hex').slice(0, 8);

/** Tells who made it; beside `path`, so that a rename never crosses a file system. */
function temporaryBeside(path: string): string {
  const { pid, host, birth } = thisProcess();
  const maker = `${markOf(host)}-${pid}-${birth ?? ''}-${Date.now().toString(36)}`;
  return join(dirname(path), `.${basename(path)}.${maker}.tmp`);
}

/** Folders that `writeWholeFolder` of a process that was killed left beside `path`. */
function leftBeside(path: string): readonly string[] {
  const start = `.${basename(path)}.`;
  const isLeft = (name: string): boolean => {
    const maker = /^([0-9a-f]{8})-(\d+)-(\d*)-[0-9a-z]+\.tmp(\.old)?$/.exec(name.slice(start.length));
    if (!name.startsWith(start) || maker === null) return false;
    const [, mark, pid, birth] = maker;
    const host = hostname();
    return mark === markOf(host) && !isAlive({ pid: Number(pid), host, birth: birth === '' ? null : birth! });
  };
  return readdirSync(dirname(path))
    .filter(isLeft)
    .map(name => join(dirname(path), name));
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'a file of that name is in the way',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  ENOENT: 'there is no such file',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'a name in the path is too long',
  ELOOP: 'its symbolic links lead in a circle',
};

/** Troubles of the system that its user can mend. */
export const systemCodes = Object.keys(reasons);

/** Why the system refused, in words. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return reasons[code] ?? error.message;
}

export const isSystemError = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);

/** What the system would not write. */
export function refused(what: string, error: unknown): Failure {
  return new Failure('data', `cannot write ${what}: ${systemReason(error)}`, {
    code: 'write-refused',
    cause: error,
  });
}

/**
 * Removes what a process that was killed left half-written in a folder. For who holds the folder's lock only.
 */
export function sweepUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (/^\..+\.tmp$/.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Makes a folder and those above it, one by one: where none can be made in an existing one, as in /proc, the recursive form
 * of Node never ends.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
  }
}

/**
 * Writes a whole file or leaves the old one.
 * @throws Failure `write-refused`
 */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const { replaceFile } = await platform();
  try {
    makeFolder(dirname(path));
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    await uncut(() => replaceFile(path, bytes));
  } catch (error) {
    throw refused(path, error);
  }
}

/**
 * Makes the folder `path` with the content that `fill` writes, all or nothing. An existing folder is replaced with
 * `replace`, otherwise `exists` is thrown.
 * @throws Failure `write-refused`
 */
export function writeWholeFolder(
  path: string,
  fill: (folder: string) => void,
  { replace }: { readonly replace: boolean },
): void {
  const temporary = temporaryBeside(path);
  const retired = `${temporary}.old`;
  try {
    makeFolder(temporary);
    fill(temporary);
    if (replace && existsSync(path)) renameSync(path, retired);
    renameSync(temporary, path);
  } catch (error) {
    if (existsSync(retired) && !existsSync(path)) renameSync(retired, path);
    if (existsSync(temporary)) rmSync(temporary, { recursive: true, force: true });
    throw error instanceof Failure ? error : refused(path, error);
  }
  rmSync(retired, { recursive: true, force: true });
}

/**
 * Removes what a process that was killed left beside a folder, which is whole by now: what had been put aside may have been
 * the only one. What cannot be removed is in nobody's way. Not for runs, which nothing can make again.
 */
export function sweepBeside(path: string): void {
  try {
    for (const left of leftBeside(path)) rmSync(left, { recursive: true, force: true });
  } catch (error) {
    if (!isSystemError(error, ...systemCodes)) throw error;
  }
}
