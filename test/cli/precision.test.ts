import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { correlatedRows } from './data.js';
import { expectError, iwaec, jsonOf, specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const ppca = join(specs, 'ppca.iwae');
const data = ['--data', write(folder, 'rows.npy', correlatedRows(200)), '--eval-images', '0'] as const;
const cpu = ['--device', 'cpu', '--threads', '1'] as const;
const mixed = ['--precision', 'mixed'] as const;
const train = ['train', ppca, ...data, ...cpu] as const;
const checkpoint = (run: string) => readFileSync(join(folder, run, 'checkpoint.safetensors'));

describe('--precision mixed', () => {
  it('trains with activations of 16 bits on the CPU, which a resumed run keeps', async () => {
    await succeeds(folder, ...train, ...mixed, '--epochs', '2', '--out', 'whole');
    await succeeds(folder, ...train, ...mixed, '--epochs', '1', '--out', 'parts');
    expectError(
      await iwaec(folder, ...train, '--out', 'parts', '--resume', '--epochs', '2', '--precision', 'full'),
      2,
      /--precision full: the run has mixed/,
    );
    await succeeds(folder, ...train, '--out', 'parts', '--resume', '--epochs', '2');
    expect(checkpoint('parts').equals(checkpoint('whole'))).toBe(true);
    await succeeds(folder, ...train, '--epochs', '2', '--out', 'full');
    expect(checkpoint('full').equals(checkpoint('whole'))).toBe(false);
    const config = (run: string) => JSON.parse(readFileSync(join(folder, run, 'config.json'), 'utf8'));
    expect(config('parts').precision).toBe('mixed');
    expect(config('full').precision).toBeUndefined();
  });

  it('takes less memory for activations, and leaves evaluation as it is', async () => {
    const mnist = join(specs, 'mnist1l.iwae');
    const built = async (...options: readonly string[]) =>
      jsonOf(await succeeds(folder, 'build', mnist, '-o', `built${options.length}`, ...options, '--json'));
    const [full, short] = [await built(), await built(...mixed)];
    const bytes = ({ entries }: Record<string, unknown>, entry: string) =>
      (entries as Record<string, { readonly bytes: number }>)[entry]!.bytes;
    expect(bytes(short, 'train_step')).toBeLessThan(bytes(full, 'train_step'));
    expect(bytes(short, 'evaluate')).toBe(bytes(full, 'evaluate'));
    expect(short.dispatches_per_step).toBe(full.dispatches_per_step);
  });

  it.skipIf(inject('adapter') === null)('names what a GPU lacks', async () => {
    const onGpu = ['train', ppca, ...data, '--device', 'webgpu', '--epochs', '1', ...mixed] as const;
    const outcome = await iwaec(folder, ...onGpu, '--out', 'gpu');
    if (outcome.code === 0) return expect(outcome.stdout).toContain('wrote gpu');
    expectError(outcome, 4, /mixed precision needs the feature shader-f16, which '.+' has not/);
    expect(outcome.stderr).toMatch(/help: build it without --precision mixed, or use another device/);
  });

  it('knows no other', async () => {
    expectError(await iwaec(folder, ...train, '--precision', 'half'), 2, /Allowed choices are full, mixed/);
  });
});
