import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** Longer than a server may be silent: then the owner is gone, on whatever machine it was. */
const staleMilliseconds = 120_000;
const pauseMilliseconds = 200;

/**
 * Does `work` unless another process has made `path` meanwhile: one at a time among the processes that share a folder.
 * The lock of a process that has ended is taken over.
 */
export async function withDownloadLock(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<void>,
): Promise<void> {
  const lock = `${path}.lock`;
  while (!(await tryLock(lock))) {
    signal?.throwIfAborted();
    if (await isAbandoned(lock, path)) await rm(lock, { force: true });
    else await pause(pauseMilliseconds);
  }
  try {
    if (!(await exists(path))) await work();
  } finally {
    await rm(lock, { force: true });
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function tryLock(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx');
    await file.writeFile(`${process.pid} ${hostname()}\n`);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(lock: string, path: string): Promise<boolean> {
  const [pid, host] = (await readFile(lock, 'utf8').catch(() => '')).trim().split(' ');
  if (host === hostname() && pid !== undefined && !isAlive(Number(pid))) return true;
  const touched = await Promise.all([lock, `${path}.part`].map(file => stat(file).catch(() => null)));
  const last = Math.max(0, ...touched.map(facts => facts?.mtimeMs ?? 0));
  return Date.now() - last > staleMilliseconds;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
