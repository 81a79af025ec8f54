import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Checksum } from '../data/sources.js';
import { fault } from '../errors.js';
import { fileMatches } from './checksum.js';
import { withDownloadLock } from './download-lock.js';
import { syncFolder } from './files.js';

export interface Download {
  /** Where the file goes; it appears there whole or not at all. */
  readonly path: string;
  readonly urls: readonly string[];
  readonly bytes?: number | undefined;
  readonly checksum: Checksum;
}

export interface DownloadProgress {
  readonly url: string;
  readonly done: number;
  /** Null where neither table nor server tells. */
  readonly total: number | null;
  readonly secondsLeft: number;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Without a byte for this long a server is given up. */
  readonly stallSeconds?: number;
}

/** A file without a known size may have this many bytes. */
const largestFile = 2 ** 30;
const defaultStallSeconds = 30;
/** Tries at one address, as long as each brings more of the file. */
const tries = 4;

/** A trouble of one address; another may do. */
class MirrorFailure extends Error {
  readonly retry: boolean;
  constructor(reason: string, retry: boolean) {
    super(reason);
    this.retry = retry;
  }
}

/**
 * Fetches a file from the first address that gives the right one. What has arrived is kept in `<path>.part` when the
 * connection breaks or the process ends, and the next call goes on from there. Two processes that want one file share
 * one download.
 * @throws RuntimeFault `download-failed` naming every address with its reason; the system's own error where the folder cannot
 * be written; an AbortError
 */
export async function download(job: Download, options: DownloadOptions = {}): Promise<void> {
  await makeFolder(dirname(job.path));
  await withDownloadLock(job.path, options.signal, async () => {
    const reasons: string[] = [];
    for (const url of job.urls) {
      const reason = await fromMirror(job, url, options);
      if (reason === null) return;
      reasons.push(`${url}: ${reason}`);
    }
    throw fault('download-failed', { path: job.path, reasons });
  });
}

/**
 * One folder at a time: Node's recursive form says ENOENT of a file system that is read-only, and never ends in /proc.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) throw error;
    await makeFolder(parent);
    await mkdir(path).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== 'EEXIST') throw again;
    });
  }
}

const partOf = (path: string): string => `${path}.part`;

/** Null when the file is there, else what is wrong with this address. */
async function fromMirror(job: Download, url: string, options: DownloadOptions): Promise<string | null> {
  let reason = 'it was not tried';
  for (let attempt = 0; attempt < tries; attempt++) {
    const before = await partBytes(job.path);
    try {
      await fetchPart(job, url, options);
      await adopt(job, before > 0);
      return null;
    } catch (error) {
      if (!(error instanceof MirrorFailure)) throw error;
      reason = error.message;
      const progressed = (await partBytes(job.path)) > before;
      if (!error.retry && !progressed) break;
    }
  }
  return reason;
}

const partBytes = async (path: string): Promise<number> => {
  const facts = await stat(partOf(path)).catch(() => null);
  return facts?.size ?? 0;
};

/** Gives the part its name if it is the right file, and removes it if it is not. */
async function adopt({ path, checksum }: Download, resumed: boolean): Promise<void> {
  const part = partOf(path);
  if (!(await fileMatches(part, checksum))) {
    await rm(part, { force: true });
    // The beginning may have come from elsewhere: from the start once more.
    throw new MirrorFailure(`what it sends has not the checksum ${checksum.hex}`, resumed);
  }
  await rename(part, path);
  await syncFolder(dirname(path));
}

async function fetchPart(job: Download, url: string, options: DownloadOptions): Promise<void> {
  const stall = stallGuard(options);
  try {
    const have = await partBytes(job.path);
    if (job.bytes !== undefined && have === job.bytes) return;
    const response = await request(url, have, stall.signal);
    if (response.status === 416) {
      await rm(partOf(job.path), { force: true });
      throw new MirrorFailure('it has less than what was fetched before', true);
    }
    if (!response.ok || response.body === null)
      throw new MirrorFailure(`HTTP status ${response.status}`, false);
    const start = response.status === 206 ? have : 0;
    await receive(job, url, response, start, { ...options, alive: stall.alive });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (stall.stalled()) throw new MirrorFailure('no byte came for too long', true);
    throw error;
  } finally {
    stall.stop();
  }
}

async function request(url: string, have: number, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { signal, headers: have > 0 ? { range: `bytes=${have}-` } : {} });
  } catch (error) {
    throw new MirrorFailure(networkReason(error), false);
  }
}

/** `fetch failed` says nothing; its cause does. */
function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}

interface Receiving extends DownloadOptions {
  readonly alive: () => void;
}

async function receive(job: Download, url: string, response: Response, start: number, options: Receiving) {
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const encoded = response.headers.has('content-encoding');
  const total = job.bytes ?? (Number.isFinite(length) && !encoded ? start + length : null);
  const most = job.bytes ?? largestFile;
  const file = await open(partOf(job.path), start > 0 ? 'a' : 'w');
  const began = performance.now();
  let done = start;
  try {
    for await (const piece of pieces(response)) {
      options.alive();
      done += piece.length;
      if (done > most) throw new MirrorFailure(`it sends more than ${most} bytes`, false);
      await writeAll(file, piece);
      const rate = (done - start) / (performance.now() - began);
      const secondsLeft = total === null ? Number.NaN : (total - done) / rate / 1000;
      options.onProgress?.({ url, done, total, secondsLeft });
    }
    if (total !== null && done < total)
      throw new MirrorFailure(`it ends after ${done} of ${total} bytes`, true);
    await file.sync();
  } finally {
    await file.close();
    if (done > most) await rm(partOf(job.path), { force: true });
  }
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let offset = 0; offset < piece.length; ) {
    offset += (await file.write(piece, offset)).bytesWritten;
  }
}

/** The body; a broken connection is the address's trouble, a full disk is not. */
async function* pieces(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body!.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new MirrorFailure(networkReason(error), true);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function stallGuard({ signal, stallSeconds = defaultStallSeconds }: DownloadOptions) {
  const controller = new AbortController();
  const fire = () => controller.abort();
  let timer = setTimeout(fire, stallSeconds * 1000);
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    alive: () => {
      clearTimeout(timer);
      timer = setTimeout(fire, stallSeconds * 1000);
    },
    stalled: () => controller.signal.aborted,
    stop: () => clearTimeout(timer),
  };
}
