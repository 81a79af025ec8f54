import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMirror, serve } from '../unit/runtime/mirror.js';
import { fewDigits } from './data.js';
import { expectError, iwaec, jsonOf, specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const spec = join(specs, 'mnist1l.iwae');
let mirror: Awaited<ReturnType<typeof openMirror>>;

beforeAll(async () => {
  // Not the right file: nothing of it may stay.
  mirror = await openMirror({ '/omniglot/chardata.mat': serve(new Uint8Array(1000)) });
  process.env.IWAEC_CACHE = join(folder, 'cache');
  process.env.IWAEC_MIRROR = mirror.url('');
});
afterAll(async () => {
  delete process.env.IWAEC_CACHE;
  delete process.env.IWAEC_MIRROR;
  await mirror.close();
});

describe('data', () => {
  it('lists names and formats', async () => {
    const { sources, formats } = jsonOf(await succeeds(folder, 'data', 'list', '--json')) as {
      sources: { name: string; here: boolean }[];
      formats: string[];
    };
    expect(sources.map(({ name, here }) => [name, here])).toEqual([
      ['mnist', true],
      ['fashion_mnist', false],
      ['binarized_mnist', false],
      ['omniglot', false],
    ]);
    expect(formats.join()).toMatch(/npy.*MATLAB.*CSV.*idx.*PNG/);
  });

  it('says where things are, and whether they are whole', async () => {
    const path = await succeeds(folder, 'data', 'path', 'omniglot');
    expect(path.stdout.trim()).toBe(join(folder, 'cache', 'data', 'omniglot'));
    expect((await succeeds(folder, 'data', 'verify', 'mnist')).stdout).toMatch(
      /t10k-labels-idx1-ubyte +whole/,
    );
    write(folder, 'cache/data/omniglot/chardata.mat', 'not it');
    const verified = await iwaec(folder, 'data', 'verify');
    expect(verified.code).toBe(3);
    expect(verified.stdout).toMatch(/omniglot\/chardata\.mat +damaged/);
    expect(verified.stderr).toMatch(/iwaec data get omniglot/);
  });

  it('keeps nothing of a wrong file', async () => {
    const outcome = await iwaec(folder, 'data', 'get', 'omniglot');
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toMatch(/^error: .*could not be fetched[\s\S]*has not the checksum 016a3536/m);
    expect(readdirSync(join(folder, 'cache', 'data', 'omniglot'))).toEqual([]);
    expectError(await iwaec(folder, 'data', 'get', 'omniglott'), 2, /no data set called 'omniglott'/);
  });

  it('says that the cache cannot be written', async () => {
    write(folder, 'file', 'in the way');
    process.env.IWAEC_CACHE = join(folder, 'file');
    try {
      const outcome = await iwaec(folder, 'train', spec, '--data', 'omniglot', '--out', 'none');
      expectError(outcome, 3, /cannot be kept in the cache .*file: a part of the path is a file/);
      expect(outcome.stderr).toMatch(/IWAEC_CACHE/);
    } finally {
      process.env.IWAEC_CACHE = join(folder, 'cache');
    }
  });

  it('says that the disk of the cache is read-only', async context => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    // Needs the right to mount; a folder without the right to write, below, is the same case without it.
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', disk]).status !== 0) {
      context.skip('no right to mount a disk');
    }
    process.env.IWAEC_CACHE = disk;
    try {
      const outcome = await iwaec(folder, 'data', 'get', 'omniglot');
      expectError(outcome, 3, /cannot be kept in the cache .*disk: the file system is read-only/);
    } finally {
      process.env.IWAEC_CACHE = join(folder, 'cache');
      spawnSync('umount', [disk]);
    }
  });

  it.skipIf(process.getuid?.() === 0)('says that the cache is read-only', async () => {
    mkdirSync(join(folder, 'locked'));
    chmodSync(join(folder, 'locked'), 0o500);
    process.env.IWAEC_CACHE = join(folder, 'locked');
    try {
      expectError(await iwaec(folder, 'data', 'get', 'omniglot'), 3, /permission denied/);
    } finally {
      process.env.IWAEC_CACHE = join(folder, 'cache');
    }
  });
});

describe('train --data', () => {
  const train = (...args: readonly string[]) =>
    iwaec(folder, 'train', spec, '--epochs', '1', '--k', '1', '--eval-images', '0', '--out', ...args);
  const config = (run: string) =>
    JSON.parse(readFileSync(join(folder, run, 'config.json'), 'utf8')) as Record<string, unknown>;

  it('reads binary text, records what it was, and binarises nothing', async () => {
    const line = Array.from({ length: 784 }, (_, i) => (i % 3) & 1).join(' ');
    write(folder, 'rows.amat.gz', gzipSync(`${line}\n`.repeat(20)));
    expect((await train('binary', '--data', 'rows.amat.gz')).code).toBe(0);
    expect(config('binary')).toMatchObject({
      binarise: 'none',
      data: { train: join(folder, 'rows.amat.gz'), test: null },
      splits: { train: { name: 'rows.amat.gz', rows: 20, shape: [784] }, test: null },
    });
    write(folder, 'rows.amat.gz', gzipSync(`${line}\n`.repeat(21)));
    const resumed = ['train', spec, '--resume', '--out', 'binary', '--epochs', '2'];
    expectError(await iwaec(folder, ...resumed), 3, /training data is not what binary was trained on/);
  });

  it('records how grey data becomes binary, and refuses it where nothing does', async () => {
    write(folder, 'digits.idx', fewDigits(20));
    expect((await train('grey', '--data', 'digits.idx', '--binarize', 'per-epoch')).code).toBe(0);
    expect(config('grey').binarise).toBe('per-epoch');
    expectError(
      await train('none', '--data', 'digits.idx', '--binarize', 'none'),
      3,
      /digits\.idx is not binary: row 0 holds/,
    );
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it.each([
    ['cut.gz', gzipSync(new Uint8Array(1000)).subarray(0, 15), /cut\.gz: .*does not unpack/],
    ['ragged.csv', '1,2\n3\n', /line 2 has 1 columns/],
    ['other.mat', 'MATLAB 7.3 MAT-file, Platform: GLNXA64', /save it with/],
    ['range.csv', `${'0.3,'.repeat(783)}7\n`.repeat(20), /0\.3.* in row 0 is not one of 0, 1\/255/],
  ])('refuses %s', async (name, content, words) => {
    write(folder, name, content);
    expectError(await train('none', '--data', name), 3, words);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
