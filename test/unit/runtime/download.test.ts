import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Checksum } from '../../../runtime/data/sources.js';
import { fileMatches, matchesChecksum } from '../../../runtime/platform/checksum.js';
import { type DownloadOptions, type DownloadProgress, download } from '../../../runtime/platform/download.js';
import { cacheFolder } from '../../../runtime/platform/node-cache.js';
import { openMirror, serve, stall } from './mirror.js';

const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
const wrong = Uint8Array.from(content, byte => byte ^ 1);
const sha256: Checksum = { kind: 'sha256', hex: createHash('sha256').update(content).digest('hex') };

let folder = '';
let mirror: Awaited<ReturnType<typeof openMirror>> | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iwaec-download-'));
});
afterEach(async () => {
  await mirror?.close();
  mirror = null;
  rmSync(folder, { recursive: true, force: true });
});

const isWhole = () => readFileSync(target()).equals(content);
const target = () => join(folder, 'cache', 'file');
const open = async (answers: Parameters<typeof openMirror>[0]) => {
  mirror = await openMirror(answers);
  return mirror;
};
const get = (
  paths: readonly string[],
  options: DownloadOptions = {},
  bytes: number | undefined = content.length,
) =>
  download({ path: target(), urls: paths.map(path => mirror!.url(path)), bytes, checksum: sha256 }, options);
const files = () => (existsSync(join(folder, 'cache')) ? readdirSync(join(folder, 'cache')).sort() : []);

describe('a download', () => {
  it('is whole, says how far it is, and leaves nothing else', async () => {
    await open({ '/a': serve(content) });
    const seen: DownloadProgress[] = [];
    await get(['/a'], { onProgress: progress => seen.push(progress) });
    expect(isWhole()).toBe(true);
    expect(files()).toEqual(['file']);
    expect(seen.at(-1)).toMatchObject({ done: content.length, total: content.length, secondsLeft: 0 });
  });

  it('takes the next address where one has nothing, the wrong thing or too much', async () => {
    const server = await open({
      '/wrong': serve(wrong),
      '/long': serve(Buffer.concat([content, Uint8Array.of(1)])),
      '/right': serve(content),
    });
    await get(['/none', '/wrong', '/long', '/right']);
    expect(isWhole()).toBe(true);
    expect(server.asked.map(({ path }) => path)).toEqual(['/none', '/wrong', '/long', '/right']);
    expect(server.asked.every(({ range }) => range === undefined)).toBe(true);
  });

  it('goes on where the connection broke', async () => {
    const server = await open({ '/a': serve(content, { cutAt: [70_000, 150_000] }) });
    await get(['/a']);
    expect(isWhole()).toBe(true);
    expect(server.asked.length).toBe(3);
    expect(server.asked[1]?.range).toMatch(/^bytes=\d+-$/);
  });

  it('goes on after it was interrupted', async () => {
    const server = await open({ '/a': serve(content), '/slow': stall(content) });
    const controller = new AbortController();
    const stopped = get(['/slow'], { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(files()).toEqual(['file.part']);
    await get(['/a']);
    expect(server.asked.at(-1)?.range).toBe('bytes=10-');
    expect(isWhole()).toBe(true);
  });

  it('starts anew where the server cannot go on, or what was there is of another file', async () => {
    const server = await open({ '/whole': serve(content, { ranges: false }), '/a': serve(content) });
    mkdirSync(join(folder, 'cache'));
    writeFileSync(`${target()}.part`, content.subarray(0, 50));
    await get(['/whole']);
    expect(isWhole()).toBe(true);
    rmSync(target());
    writeFileSync(`${target()}.part`, wrong.subarray(0, 50));
    await get(['/a']);
    expect(isWhole()).toBe(true);
    expect(server.asked.map(({ range }) => range)).toEqual(['bytes=50-', 'bytes=50-', undefined]);
  });

  it('gives up a server that says no more', async () => {
    await open({ '/slow': stall(content), '/a': serve(content) });
    await get(['/slow', '/a'], { stallSeconds: 0.1 });
    expect(existsSync(target())).toBe(true);
  });

  it('fails with what each address did, and without the file', async () => {
    await open({ '/wrong': serve(wrong), '/cut': serve(content, { cutAt: new Array(99).fill(0) }) });
    const failed = get(['/none', '/wrong', '/cut']);
    await expect(failed).rejects.toMatchObject({ code: 'download-failed' });
    await expect(failed).rejects.toThrowError(
      /none: HTTP status 404[\s\S]*wrong: what it sends has not the checksum/,
    );
    expect(existsSync(target())).toBe(false);
  });

  it('needs no size', async () => {
    await open({ '/a': serve(content) });
    await get(['/a'], {}, undefined);
    expect(existsSync(target())).toBe(true);
  });

  it('is one for two that want it at once, and takes over the lock of a process that ended', async () => {
    const server = await open({ '/a': serve(content) });
    mkdirSync(join(folder, 'cache'));
    writeFileSync(`${target()}.lock`, `4194304 ${hostname()}\n`);
    await Promise.all([get(['/a']), get(['/a'])]);
    expect(server.asked).toHaveLength(1);
    expect(files()).toEqual(['file']);
  });

  it('says so where the folder cannot be made', async () => {
    await open({ '/a': serve(content) });
    writeFileSync(join(folder, 'cache'), 'a file');
    await expect(get(['/a'])).rejects.toMatchObject({ code: 'EEXIST' });
  });
});

/** A file system of its own with these options, or null where this process may mount none. */
function mountTiny(path: string, options: string): (() => void) | null {
  mkdirSync(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', path], { stdio: 'ignore' });
    return () => execFileSync('umount', [path], { stdio: 'ignore' });
  } catch {
    return null;
  }
}

describe.each([
  ['a full disk', 'size=64k', 'ENOSPC'],
  ['a read-only cache', 'ro', 'EROFS'],
])('%s', (_, options, code) => {
  it('ends a download with its own name, and the file does not appear', async context => {
    const unmount = mountTiny(join(folder, 'cache'), options);
    if (unmount === null) return context.skip();
    try {
      await open({ '/a': serve(content) });
      await expect(get(['/a'])).rejects.toMatchObject({ code });
      expect(existsSync(target())).toBe(false);
      expect(existsSync(`${target()}.lock`)).toBe(false);
    } finally {
      unmount();
    }
  });
});

describe('a checksum', () => {
  it('may be that of Git', async () => {
    // What `git hash-object` says of "hello\n".
    const blob: Checksum = { kind: 'git-blob', hex: 'ce013625030ba8dba906f756967f9e9ca394464a' };
    expect(matchesChecksum(new TextEncoder().encode('hello\n'), blob)).toBe(true);
    expect(matchesChecksum(new TextEncoder().encode('hello'), blob)).toBe(false);
    writeFileSync(join(folder, 'hello'), 'hello\n');
    expect(await fileMatches(join(folder, 'hello'), blob)).toBe(true);
  });
});

describe('the cache folder', () => {
  it('is where the platform has such folders, unless told otherwise', () => {
    expect(cacheFolder({}, 'linux', '/u')).toBe('/u/.cache/iwaec');
    expect(cacheFolder({ XDG_CACHE_HOME: '/c' }, 'linux', '/u')).toBe('/c/iwaec');
    expect(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux', '/u')).toBe('/u/.cache/iwaec');
    expect(cacheFolder({}, 'darwin', '/u')).toBe('/u/Library/Caches/iwaec');
    expect(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32', '/u')).toBe('/l/iwaec/Cache');
    expect(cacheFolder({ IWAEC_CACHE: 'here', XDG_CACHE_HOME: '/c' }, 'linux', '/u')).toBe('here');
  });
});
