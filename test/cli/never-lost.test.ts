import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Random } from '../fuzz/random.js';
import { correlatedRows } from './data.js';
import { expectError, iwaec, main, specs, start, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const ppca = join(specs, 'ppca.iwae');
const rows = write(folder, 'rows.npy', correlatedRows(200));
const onRows = ['--data', rows, '--eval-images', '0'] as const;
const inFolder = (path: string): string => join(folder, path);
const file = (path: string): Buffer => readFileSync(inFolder(path));
const lines = (run: string) =>
  file(`${run}/log.jsonl`)
    .toString()
    .trimEnd()
    .split('\n')
    .map(
      line => JSON.parse(line) as { readonly epoch: number; readonly steps: number; readonly bound: number },
    );
const saving = ['--checkpoint-every', '0.02'] as const;

describe('a run that is killed', () => {
  const kills = 30;
  const long = ['--epochs', '6000'] as const;

  it('goes on bit for bit, whenever that was', async () => {
    const random = new Random(20160);
    const resume = ['train', ppca, '--out', 'killed', '--resume', '--eval-images', '0', ...saving];
    for (let kill = 0; kill < kills; kill++) {
      const isNew = !existsSync(inFolder('killed/config.json'));
      const args = isNew ? ['train', ppca, ...onRows, ...long, ...saving, '--out', 'killed'] : resume;
      const running = start(folder, args);
      // Two in three in the midst of training, one from before the folder is there.
      if (kill % 3 !== 0) await running.said('model: ');
      await sleep(random.below(kill % 3 === 0 ? 800 : 200));
      running.child.kill('SIGKILL');
      await running.outcome;
    }
    const checkpoints = readdirSync(inFolder('killed/checkpoints'));
    expect(checkpoints.length).toBeGreaterThan(0);
    await succeeds(folder, ...resume);
    await succeeds(folder, 'train', ppca, ...onRows, ...long, '--out', 'straight');
    expect(file('killed/checkpoint.safetensors').equals(file('straight/checkpoint.safetensors'))).toBe(true);
    const told = (run: string) => lines(run).map(({ epoch, steps, bound }) => [epoch, steps, bound]);
    expect(told('killed')).toEqual(told('straight'));
    expect(readdirSync(inFolder('killed')).filter(name => name.startsWith('.'))).toEqual([]);
  });
});

describe('checkpoints', () => {
  it('are kept as many as asked for, and the one before stands in for one that is damaged', async () => {
    const train = (...args: readonly string[]) =>
      succeeds(folder, 'train', ppca, ...onRows, '--keep', '3', '--out', 'kept', ...args);
    await train('--epochs', '1');
    for (const epochs of ['2', '3', '4']) await train('--epochs', epochs, '--resume');
    const names = [20, 30, 40].map(step => `step-${String(step).padStart(10, '0')}.safetensors`);
    expect(readdirSync(inFolder('kept/checkpoints')).sort()).toEqual(names);
    expect(file(`kept/checkpoints/${names[2]}`).equals(file('kept/checkpoint.safetensors'))).toBe(true);
    write(folder, 'kept/checkpoint.safetensors', file('kept/checkpoint.safetensors').subarray(0, 300));
    expectError(
      await iwaec(folder, 'eval', 'kept'),
      3,
      /not a whole checkpoint[\s\S]*copy kept.checkpoints.step-0000000030/,
    );
    copyFileSync(inFolder(`kept/checkpoints/${names[1]}`), inFolder('kept/checkpoint.safetensors'));
    await train('--epochs', '4', '--resume');
    await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '4', '--out', 'never-damaged');
    expect(file('kept/checkpoint.safetensors').equals(file('never-damaged/checkpoint.safetensors'))).toBe(
      true,
    );
    expect(lines('kept').map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
  });

  it('go with a log that a crash has cut off, or that is ahead of them', async () => {
    await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '2', '--out', 'logged');
    appendFileSync(
      inFolder('logged/log.jsonl'),
      '{"epoch":2,"steps":10,"bound":-1,"step":30}\n{"epoch":3,"st',
    );
    await succeeds(
      folder,
      'train',
      ppca,
      '--out',
      'logged',
      '--resume',
      '--epochs',
      '3',
      '--eval-images',
      '0',
    );
    expect(lines('logged').map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
    expect(lines('logged')[2]!.bound).not.toBe(-1);
  });
});

describe('a folder that is in use', () => {
  it('is refused to a second run, and free again when the first is gone', async () => {
    const long = ['train', ppca, ...onRows, '--epochs', '1000000', '--out', 'shared'];
    const first = start(folder, long);
    await first.said('model: ppca');
    const inUse = /shared is in use: process \d+ on .+ trains there[\s\S]*another folder with --out/;
    expectError(await iwaec(folder, 'train', ppca, '--out', 'shared', '--resume'), 2, inUse);
    expectError(await iwaec(folder, ...long, '--force'), 2, inUse);
    first.child.kill('SIGKILL');
    await first.outcome;
    expect(existsSync(inFolder('.shared.lock'))).toBe(true);
    await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '1', '--out', 'shared', '--force');
    expect(existsSync(inFolder('.shared.lock'))).toBe(false);
  });

  it('is believed to be so on another machine, but not by a lock that is none', async () => {
    const locked = (content: string) => {
      write(folder, '.elsewhere.lock', content);
      return iwaec(folder, 'train', ppca, ...onRows, '--epochs', '1', '--out', 'elsewhere');
    };
    const other = JSON.stringify({ pid: 1, host: `not-${hostname()}`, birth: null });
    expectError(await locked(other), 2, /process 1 on not-.*[\s\S]*remove .*\.elsewhere\.lock/);
    expect((await locked('{"pid":')).code).toBe(0);
  });
});

describe('a disk that refuses', () => {
  /** Files larger than this are refused, as by a full disk: the checkpoint of the model below is larger. */
  const kibibytes = 64;
  const wide = readFileSync(ppca, 'utf8').replace('dense(x, 2)', 'dense(tanh(dense(x, 1500)), 2)');

  it('ends training with one error, and leaves the last checkpoint and nothing half-written', async () => {
    write(folder, 'wide.iwae', wide);
    await succeeds(folder, 'train', 'wide.iwae', ...onRows, '--epochs', '1', '--out', 'full');
    const before = file('full/checkpoint.safetensors');
    expect(before.length).toBeGreaterThan(kibibytes * 1024);
    const resume = `train wide.iwae --out full --resume --epochs 400 --eval-images 0 --checkpoint-every 0.02`;
    const limited = spawnSync(
      'bash',
      ['-c', `ulimit -f ${kibibytes} && exec "$0" "$1" ${resume}`, process.execPath, main],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    );
    expectError({ code: limited.status, ...limited }, 3, /cannot write full.checkpoint\.safetensors/);
    expect(file('full/checkpoint.safetensors').equals(before)).toBe(true);
    expect(readdirSync(inFolder('full')).filter(name => name.endsWith('.tmp'))).toEqual([]);
    await succeeds(folder, 'eval', 'full', '--k', '3', '--images', '5');
  });

  it('is a small one', async context => {
    const disk = inFolder('disk');
    mkdirSync(disk);
    // Needs the right to mount; the limit on a file's size above is the same case without it.
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0) {
      context.skip('no right to mount a small disk');
    }
    try {
      write(folder, 'wide.iwae', wide);
      const train = ['train', 'wide.iwae', ...onRows, '--out', 'disk/run'];
      const outcome = await iwaec(folder, ...train, '--epochs', '200', ...saving, '--keep', '9');
      expectError(outcome, 3, /cannot write .*: no space left on the disk/);
      if (existsSync(join(disk, 'run'))) {
        expect(readdirSync(join(disk, 'run')).filter(name => name.endsWith('.tmp'))).toEqual([]);
        await succeeds(folder, 'sample', 'disk/run', '-n', '1', '--out', inFolder('one.png'));
      }
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});

describe('numbers that leave the finite ones', () => {
  it('are named, with the step and the parameter', async () => {
    const text = readFileSync(ppca, 'utf8').replace('adam(lr=1e-2)', 'sgd(lr=1e30)');
    write(folder, 'wild.iwae', text);
    const outcome = await iwaec(folder, 'train', 'wild.iwae', ...onRows, '--epochs', '2', '--out', 'wild');
    expect(outcome.stderr).toMatch(
      /the bound of step \d+ is .*: .*(generative|recognition)\.\S+\[[\d, ]+\] is (-?Infinity|NaN)/,
    );
    expect(outcome.code).toBe(6);
    await succeeds(folder, 'eval', 'wild', '--k', '3');
  });
});
