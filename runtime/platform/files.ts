import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../checkpoint.js';
import { fault } from '../errors.js';

/**
 * Replaces a file as a whole: whenever the process or the machine stops, the path holds the old content or the new. The
 * new content is on the disk before it takes the name, and the name before this resolves.
 */
export async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  // In the same folder: a rename is atomic within one file system only.
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Windows cannot open a folder, and some network file systems cannot sync one; there the rename is all there is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  if (folder === null) return;
  await folder.sync().catch(() => undefined);
  await folder.close();
}

export const writeCheckpointFile = (path: string, checkpoint: Checkpoint): Promise<void> =>
  replaceFile(path, encodeCheckpoint(checkpoint));

/** What a path leads to that may have no end: nobody may write into a pipe, and a device may never stop. */
export function endless(facts: Stats): 'a pipe' | 'a socket' | 'a device' | null {
  if (facts.isFile() || facts.isDirectory()) return null;
  if (facts.isFIFO()) return 'a pipe';
  return facts.isSocket() ? 'a socket' : 'a device';
}

/** Reads a file; what may have no end is refused. */
export async function readPlain(path: string): Promise<Buffer> {
  const kind = endless(await stat(path));
  if (kind !== null) throw new Error(`it is ${kind}, not a file`);
  return readFile(path);
}

/** @throws RuntimeFault `checkpoint-missing`, `checkpoint-corrupt` */
export async function readCheckpointFile(path: string): Promise<Checkpoint> {
  const bytes = await readPlain(path).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'there is no such file' : (error.code ?? error.message);
    throw fault('checkpoint-missing', { where: path, reason });
  });
  return decodeCheckpoint(bytes, path);
}
