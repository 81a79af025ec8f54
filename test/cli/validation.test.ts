import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunConfig } from '../../cli/run-folder.js';
import { correlatedRows } from './data.js';
import { expectError, iwaec, jsonOf, specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const ppca = join(specs, 'ppca.iwae');
const rows = write(folder, 'rows.npy', correlatedRows(200));
const train = (...args: readonly string[]) =>
  ['train', ppca, '--data', rows, '--eval-images', '0', '--json', ...args] as const;

interface Entry {
  readonly epoch: number;
  readonly step: number;
  readonly validation_nll?: number;
}

const validations = (run: string): readonly Entry[] =>
  readFileSync(join(folder, run, 'log.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Entry)
    .filter(entry => entry.validation_nll !== undefined);
const file = (path: string) => readFileSync(join(folder, path));

describe('validation', () => {
  // An optimizer that leaves the best parameters behind: its steps grow without end.
  const text = readFileSync(ppca)
    .toString()
    .replace('optimizer adam(lr=1e-2)', 'optimizer growing')
    .concat(
      '\noptimizer growing() {\n  next parameter = parameter + 1e-5 * step^2 * gradient / (1 + abs(gradient))\n}\n',
    );
  const growing = write(folder, 'growing.iwae', text);

  it('holds the last rows out, keeps the best parameters, and ends when nothing gets better', async () => {
    const args = ['train', growing, '--data', rows, '--validation', '60', '--patience', '3', '--json'];
    const facts = jsonOf(await succeeds(folder, ...args, '--epochs', '400', '--out', 'early'));
    const entries = validations('early');
    const nlls = entries.map(entry => entry.validation_nll!);
    const best = nlls.indexOf(Math.min(...nlls));
    expect(facts).toMatchObject({ ended_early: true, best_validation: { epoch: best, nll: nlls[best] } });
    expect(entries).toHaveLength(best + 1 + 3);
    // 140 rows are left, 7 batches of 20.
    expect(facts.step).toBe(7 * entries.length);
    const evaluation = jsonOf(await succeeds(folder, 'eval', 'early', '--best', '--k', '5', '--json'));
    expect(evaluation.step).toBe(7 * (best + 1));
    // Interrupted on the way, the same run ends at the same place.
    await succeeds(folder, ...args, '--epochs', String(best + 2), '--out', 'pieces');
    await succeeds(folder, 'train', growing, '--out', 'pieces', '--resume', '--epochs', '400');
    expect(file('pieces/checkpoint.safetensors').equals(file('early/checkpoint.safetensors'))).toBe(true);
    expect(file('pieces/best.safetensors').equals(file('early/best.safetensors'))).toBe(true);
    expect(validations('pieces')).toEqual(entries);
  });

  it('is no training data for what comes after, and has a curve of its own', async () => {
    const args = train('--epochs', '3', '--validation', '60', '--test-data', rows, '--out', 'held');
    await succeeds(folder, ...args);
    const units = ['--units', 'train', '--k', '5', '--json'];
    expect(jsonOf(await succeeds(folder, 'eval', 'held', ...units))).toMatchObject({
      units: { split: 'train', images: 140 },
    });
    await succeeds(folder, 'report', 'held', '--png', 'pictures');
    const page = file('report.html').toString();
    expect(page).toMatch(/Thin lines with rings: L_50 of the images held out/);
    expect(page).toMatch(/3 of 3/);
  });

  it('is none for a run that was made before there was any', async () => {
    await succeeds(folder, ...train('--epochs', '1', '--out', 'older'));
    const { validation, ...config } = JSON.parse(file('older/config.json').toString()) as RunConfig;
    expect(validation).toBeNull();
    write(folder, 'older/config.json', JSON.stringify(config));
    const resume = ['train', ppca, '--out', 'older', '--resume', '--epochs', '2', '--eval-images', '0'];
    const { stdout } = await succeeds(folder, ...resume);
    expect(stdout).toMatch(/200 training rows, seed 0, going on from step 10\b/);
    expect(validations('older')).toEqual([]);
    expect(JSON.parse(file('older/config.json').toString())).toEqual({ ...config, validation, epochs: 2 });
  });

  it('is part of the run, and refused where it makes no sense', async () => {
    await succeeds(folder, ...train('--epochs', '1', '--validation', '40', '--out', 'kept'));
    const resume = ['train', ppca, '--out', 'kept', '--resume', '--epochs', '2'];
    expectError(await iwaec(folder, ...resume, '--validation', '50'), 2, /the run has 40/);
    expectError(await iwaec(folder, ...train('--validation', '200')), 2, /the training data has 200 rows/);
    expectError(await iwaec(folder, ...train('--patience', '2')), 2, /without --validation/);
    await succeeds(folder, ...train('--epochs', '1', '--out', 'plain'));
    expectError(await iwaec(folder, 'eval', 'plain', '--best'), 3, /best\.safetensors/);
  });
});
