import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Checksum } from '../data/sources.js';

/** Whether a checksum is that of these bytes. */
export function matchesChecksum(bytes: Uint8Array, checksum: Checksum): boolean {
  return begin(checksum, bytes.length).update(bytes).digest('hex') === checksum.hex;
}

/** The same of a file, a piece at a time. */
export async function fileMatches(path: string, checksum: Checksum): Promise<boolean> {
  const hash = begin(checksum, (await stat(path)).size);
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex') === checksum.hex;
}

const begin = ({ kind }: Checksum, size: number) =>
  kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
