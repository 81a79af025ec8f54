import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { correlatedRows, fewDigits } from './data.js';
import { expectError, iwaec, jsonOf, specs, start, succeeds, temporaryFolder, write } from './iwaec.js';

/** Nats between two devices that round differently, for 20 samples of 20 images. */
const acrossDevices = 1e-3;

const folder = temporaryFolder();
const ppca = join(specs, 'ppca.iwae');
const rows = write(folder, 'rows.npy', correlatedRows(200));
const onRows = ['--data', rows, '--eval-k', '10', '--eval-images', '50'] as const;
const file = (path: string): Buffer => readFileSync(resolve(folder, path));
const picture = (path: string) => decode(file(path));

describe('train', () => {
  it('makes a run folder with all that is needed', async () => {
    const outcome = await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '2', '--out', 'a', '--json');
    expect(jsonOf(outcome)).toMatchObject({
      run: 'a',
      model: 'ppca',
      step: 20,
      k: 10,
      images: 50,
      interrupted: false,
    });
    expect(outcome.stderr).toMatch(/^device: .+ \(.+\)\n/);
    expect(readdirSync(join(folder, 'a')).sort()).toEqual([
      'checkpoint.safetensors',
      'checkpoints',
      'config.json',
      'kernels',
      'kernels.relaxed.wasm',
      'kernels.wasm',
      'log.jsonl',
      'program.json',
      'samples.png',
      'spec.iwae',
    ]);
    expect(
      file('a/log.jsonl')
        .toString()
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as object),
    ).toHaveLength(3);
    expect(picture('a/samples.png').channels).toBe(1);
  });

  it('gives the same parameters for the same seed, and others for another', async () => {
    const options = ['--epochs', '1', '--eval-images', '0', '--data', rows];
    await succeeds(folder, 'train', ppca, ...options, '--seed', '3', '--out', 'same-1');
    await succeeds(folder, 'train', ppca, ...options, '--seed', '3', '--out', 'same-2');
    await succeeds(folder, 'train', ppca, ...options, '--seed', '4', '--out', 'other');
    const checkpoint = (run: string) => file(`${run}/checkpoint.safetensors`);
    expect(checkpoint('same-1').equals(checkpoint('same-2'))).toBe(true);
    expect(checkpoint('same-1').equals(checkpoint('other'))).toBe(false);
  });

  it('goes on bit for bit', async () => {
    await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '1', '--out', 'b');
    await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '2', '--out', 'b', '--resume');
    await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '2', '--out', 'c');
    expect(file('b/checkpoint.safetensors').equals(file('c/checkpoint.safetensors'))).toBe(true);
    expectError(await iwaec(folder, 'train', ppca, '--out', 'b', '--resume'), 2, /nothing is left to do/);
  });

  it('goes on bit for bit within warm-up, a cosine, and clipping', async () => {
    const settings =
      'optimizer adam(lr=0.01, beta1=0.99, v0=1)  schedule cosine(epochs=4, warmup=15)  clip_norm 2  batch 20';
    const text = file(ppca).toString();
    const spec = write(
      folder,
      'clipped.iwae',
      Buffer.from(text.replace(/train \{[^}]*\}/, `train { ${settings} }`)),
    );
    const train = (out: string, epochs: string, ...more: readonly string[]) =>
      succeeds(folder, 'train', spec, ...onRows, '--epochs', epochs, '--out', out, ...more);
    await train('clipped-1', '1');
    await train('clipped-1', '3', '--resume');
    await train('clipped-2', '3');
    const checkpoint = file('clipped-2/checkpoint.safetensors');
    expect(file('clipped-1/checkpoint.safetensors').equals(checkpoint)).toBe(true);
    await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '3', '--out', 'unclipped');
    expect(file('unclipped/checkpoint.safetensors').equals(checkpoint)).toBe(false);
  });

  it('can be interrupted and goes on bit for bit', async () => {
    const epochs = ['--epochs', '4000', '--eval-images', '0', '--data', rows];
    const running = start(folder, ['train', ppca, ...epochs, '--out', 'stopped']);
    await running.said('model: ppca');
    await new Promise(resolve => setTimeout(resolve, 300));
    running.child.kill('SIGINT');
    const outcome = await running.outcome;
    expect(outcome.code, outcome.stderr).toBe(130);
    expect(outcome.stdout).toContain('--out stopped --resume');
    await succeeds(folder, 'eval', 'stopped', '--k', '5', '--images', '20');
    await succeeds(folder, 'train', ppca, '--out', 'stopped', '--resume', '--eval-images', '0');
    await succeeds(folder, 'train', ppca, ...epochs, '--out', 'straight');
    expect(file('stopped/checkpoint.safetensors').equals(file('straight/checkpoint.safetensors'))).toBe(true);
  });

  it('leaves an earlier run alone unless told otherwise', async () => {
    await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '1', '--out', 'kept');
    const before = file('kept/checkpoint.safetensors');
    expectError(
      await iwaec(folder, 'train', ppca, ...onRows, '--epochs', '1', '--out', 'kept'),
      2,
      /holds a run already/,
    );
    expectError(
      await iwaec(folder, 'train', ppca, '--out', 'kept', '--resume', '--seed', '9'),
      2,
      /the run has 0/,
    );
    expect(file('kept/checkpoint.safetensors').equals(before)).toBe(true);
    await succeeds(
      folder,
      'train',
      ppca,
      ...onRows,
      '--epochs',
      '1',
      '--seed',
      '9',
      '--out',
      'kept',
      '--force',
    );
    expect(file('kept/checkpoint.safetensors').equals(before)).toBe(false);
    write(folder, 'documents/letter.txt', 'keep me');
    expectError(
      await iwaec(folder, 'train', ppca, ...onRows, '--out', 'documents', '--force'),
      2,
      /not the folder of a run/,
    );
  });

  it('takes k and batch from the command line, and keeps them', async () => {
    await succeeds(
      folder,
      'train',
      ppca,
      ...onRows,
      '--epochs',
      '1',
      '--k',
      '3',
      '--batch',
      '50',
      '--out',
      'other-k',
    );
    const program = JSON.parse(file('other-k/program.json').toString()) as {
      model: { k: number };
      training: { batch: number };
    };
    expect([program.model.k, program.training.batch]).toEqual([3, 50]);
    const { stdout } = await succeeds(
      folder,
      'train',
      ppca,
      '--out',
      'other-k',
      '--resume',
      '--epochs',
      '2',
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({ step: 8 });
  });

  it('stops where the numbers leave the finite ones, and keeps the state before', async () => {
    const text = file(ppca).toString().replace('adam(lr=1e-2)', 'sgd(lr=1e30)');
    write(folder, 'wild.iwae', text);
    const outcome = await iwaec(folder, 'train', 'wild.iwae', ...onRows, '--epochs', '2', '--out', 'wild');
    expect(outcome.code).toBe(6);
    expect(outcome.stderr).toMatch(/error: .*NaN[\s\S]*lower the learning rate/);
    await succeeds(folder, 'eval', 'wild', '--k', '3');
  });

  it('refuses a folder that cannot be made', async () => {
    const blocked = join(write(folder, 'a-file', 'text'), 'run');
    expectError(
      await iwaec(folder, 'train', ppca, ...onRows, '--epochs', '1', '--out', blocked),
      3,
      /cannot write/,
    );
  });

  it('refuses data that is missing, corrupt or of another shape', async () => {
    const train = (...args: readonly string[]) =>
      iwaec(folder, 'train', ppca, '--epochs', '1', '--out', 'none', ...args);
    expectError(await train(), 3, /not what MNIST holds/);
    expectError(await train('--data', 'nowhere.npy'), 3, /nowhere\.npy/);
    write(folder, 'junk.npy', 'this is no array');
    expectError(await train('--data', 'junk.npy'), 3, /junk\.npy/);
    write(folder, 'short.npy', correlatedRows(200).subarray(0, 1000));
    expectError(await train('--data', 'short.npy'), 3, /short\.npy/);
    write(folder, 'digits.idx', fewDigits(40));
    expectError(await train('--data', 'digits.idx'), 3, /needs rows of 5/);
    expectError(await train('--data', rows, '--batch', '500'), 3, /at least a batch of 500 rows/);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

describe('a run', () => {
  const spec = join(specs, 'mnist1l.iwae');
  beforeAll(async () => {
    write(folder, 'digits.idx', fewDigits(100));
    write(folder, 'tests.idx', fewDigits(40));
    const data = ['--data', 'digits.idx', '--test-data', 'tests.idx', '--eval-images', '0'];
    await succeeds(folder, 'train', spec, '--epochs', '1', '--out', 'mnist', ...data);
  });

  it('is evaluated', async () => {
    const outcome = await succeeds(folder, 'eval', 'mnist', '--k', '10', '--images', '20', '--json');
    const facts = jsonOf(outcome);
    expect(facts).toMatchObject({ k: 10, images: 20, step: 5 });
    for (const key of ['nll', 'nll_stderr', 'elbo', 'seconds'])
      expect(Number.isFinite(facts[key]), key).toBe(true);
    expect(facts.nll).toBeLessThan(-(facts.elbo as number));
    const again = await succeeds(folder, 'eval', 'mnist', '--k', '10', '--images', '20', '--json');
    expect(jsonOf(again).nll).toBe(facts.nll);
    expectError(await iwaec(folder, 'eval', 'mnist', '--images', '41'), 2, /41 is not between 1 and 40/);
  });

  it.skipIf(inject('adapter') === null)('is worth the same on every device', async () => {
    const nll = async (device: string) => {
      const args = ['eval', 'mnist', '--k', '20', '--images', '20', '--device', device, '--json'];
      return jsonOf(await succeeds(folder, ...args)).nll as number;
    };
    // The same noise on both: what differs is rounding in f32.
    expect(Math.abs((await nll('cpu')) - (await nll('webgpu')))).toBeLessThan(acrossDevices);
  });

  it.skipIf(inject('adapter') === null)('goes on on another device', async () => {
    await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '1', '--out', 'moved', '--device', 'webgpu');
    await succeeds(folder, 'train', ppca, '--epochs', '2', '--out', 'moved', '--device', 'cpu', '--resume');
    const lines = file('moved/log.jsonl').toString().trim().split('\n');
    expect(lines.map(line => (JSON.parse(line) as { step: number }).step)).toEqual([10, 10, 20, 20]);
  });

  it('is sampled from and reconstructs, as pictures', async () => {
    await succeeds(folder, 'sample', 'mnist', '-n', '12', '--out', 'twelve.png');
    expect(picture('twelve.png')).toMatchObject({ width: 4 * 58 + 2, height: 3 * 58 + 2, channels: 1 });
    await succeeds(folder, 'sample', 'mnist', '-n', '12', '--out', 'again.png');
    expect(file('twelve.png').equals(file('again.png'))).toBe(true);
    await succeeds(folder, 'sample', 'mnist', '-n', '12', '--seed', '5', '--out', 'others.png');
    expect(file('twelve.png').equals(file('others.png'))).toBe(false);
    const outcome = await succeeds(folder, 'reconstruct', 'mnist', '-n', '15', '--json');
    expect(jsonOf(outcome)).toMatchObject({ out: 'mnist/reconstructions.png', count: 15, split: 'test' });
    expect(picture('mnist/reconstructions.png')).toMatchObject({ width: 10 * 58 + 2, height: 4 * 58 + 2 });
  });

  it('refuses a checkpoint that is missing, cut off, or of another model', async () => {
    const path = 'mnist/checkpoint.safetensors';
    const good = file(path);
    const commands = [
      ['eval', 'mnist'],
      ['sample', 'mnist'],
      ['train', spec, '--out', 'mnist', '--resume', '--epochs', '2'],
    ];
    const refuse = async (content: Uint8Array, words: RegExp) => {
      write(folder, path, content);
      for (const args of commands) expectError(await iwaec(folder, ...args), 3, words);
      expect(file(path).equals(content)).toBe(true);
    };
    await succeeds(folder, 'train', ppca, ...onRows, '--epochs', '1', '--out', 'foreign');
    await refuse(good.subarray(0, good.length - 100), /not a whole checkpoint/);
    await refuse(good.subarray(0, 5), /not a whole checkpoint/);
    await refuse(file('foreign/checkpoint.safetensors'), /of another model/);
    write(folder, path, good);
    await succeeds(folder, 'sample', 'mnist', '-n', '4');
  });

  it('is damaged where its other files are', async () => {
    write(folder, 'damaged/config.json', '{"format":"iwaec-run"');
    expectError(await iwaec(folder, 'eval', 'damaged'), 3, /config\.json is damaged/);
    write(folder, 'damaged/config.json', file('mnist/config.json'));
    expectError(await iwaec(folder, 'eval', 'damaged'), 3, /program\.json/);
    write(folder, 'damaged/program.json', '{"format":"iwaec-program"}');
    expectError(await iwaec(folder, 'eval', 'damaged'), 3, /./);
  });
});
