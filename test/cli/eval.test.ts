import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { correlatedRows } from './data.js';
import { expectError, iwaec, jsonOf, specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const rows = write(folder, 'rows.npy', correlatedRows(200));
const test = write(folder, 'test.npy', correlatedRows(60));
const ppca = join(specs, 'ppca.iwae');
const twoLayers = write(
  folder,
  'two.iwae',
  readFileSync(ppca, 'utf8')
    .replace('model ppca', 'model two')
    .replace(
      'scale = exp(log_scale))',
      'scale = exp(log_scale))\n    top ~ gaussian_mlp(h, hidden=[4], size=3)',
    )
    .replace('h ~ normal(0, 1)[2]', 'top ~ normal(0, 1)[3]\n    h ~ gaussian_mlp(top, hidden=[4], size=2)'),
);

const estimate = { mean: expect.any(Number), stderr: expect.any(Number) };
const logOf = (run: string) =>
  readFileSync(join(folder, run, 'log.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  const training = ['--data', rows, '--test-data', test, '--epochs', '3', '--eval-images', '0'];
  await succeeds(folder, 'train', ppca, ...training, '--out', 'one');
  await succeeds(folder, 'train', twoLayers, ...training, '--out', 'two');
  await succeeds(
    folder,
    'train',
    ppca,
    '--data',
    rows,
    '--epochs',
    '1',
    '--eval-images',
    '0',
    '--out',
    'untested',
  );
});

describe('eval', () => {
  it('shows every figure with unit, k and n, and keeps them in the log', async () => {
    const outcome = await succeeds(folder, 'eval', 'one', '--k', '500,1,50', '--full', '--json');
    const found = jsonOf(outcome);
    expect(found).toMatchObject({
      run: 'one',
      split: 'test',
      k: 500,
      images: 60,
      bounds: [
        { k: 1, groups: 500, ...estimate },
        { k: 50, groups: 10, ...estimate },
        { k: 500, groups: 1, ...estimate },
      ],
      reconstruction: estimate,
      divergence: estimate,
      layers: [{ name: 'h', divergence: estimate, closed_form: estimate }],
      posterior_divergence: estimate,
      effective_samples: estimate,
      units: { split: 'test', images: 60, k: 500, layers: [{ name: 'h', units: 2 }] },
      pruned: { k: 500, images: 60 },
      train: { k: 500, images: 60 },
      gap: estimate,
      surgery: { mutual_information: estimate, marginal_divergence: estimate, images: 60, draws: 60 },
    });
    const { run, ...logged } = found;
    expect(run).toBe('one');
    expect(logOf('one').at(-1)).toEqual(logged);
    const table = outcome.stderr.split('\n');
    expect(table.find(line => line.includes('NLL = -L_k'))).toMatch(/\d\.\d\d +± \d\.\d\d +nats +500 +60$/);
    expect(table.find(line => line.includes('active units of h'))).toMatch(/\d +of 2 +units +500 +60$/);
  });

  it('counts units on the training rows on request', async () => {
    const found = jsonOf(await succeeds(folder, 'eval', 'two', '--k', '20', '--units', 'train', '--json'));
    expect(found).toMatchObject({
      units: { split: 'train', images: 200, k: 200, layers: [{ name: 'h' }, { name: 'top', units: 3 }] },
      layers: [
        { name: 'h', closed_form: null },
        { name: 'top', closed_form: estimate },
      ],
    });
    expect(found).not.toHaveProperty('pruned');
    const full = jsonOf(await succeeds(folder, 'eval', 'two', '--k', '20', '--full', '--json'));
    expect(full).toHaveProperty('pruned');
    expect(full).not.toHaveProperty('surgery');
  });

  it('compiles the spec again where the program is of another version', async () => {
    const first = jsonOf(await succeeds(folder, 'eval', 'one', '--k', '10', '--json'));
    const path = join(folder, 'one', 'program.json');
    const program = readFileSync(path, 'utf8');
    write(folder, 'one/program.json', program.replace(/"version": ?\d+/, '"version": 1'));
    const outcome = await succeeds(folder, 'eval', 'one', '--k', '10', '--json');
    write(folder, 'one/program.json', program);
    expect(outcome.stderr).toMatch(/its spec is compiled again/);
    expect({ ...jsonOf(outcome), seconds: 0 }).toEqual({ ...first, seconds: 0 });
  });

  it('refuses what a run does not allow', async () => {
    expectError(await iwaec(folder, 'eval', 'two', '--surgery'), 2, /one latent layer, and this model has 2/);
    expectError(await iwaec(folder, 'eval', 'untested', '--gap'), 2, /training and test rows/);
    expectError(await iwaec(folder, 'eval', 'untested', '--units', 'train'), 2, /training and test rows/);
    expectError(await iwaec(folder, 'eval', 'one', '--images', '61'), 2, /61 is not between 1 and 60/);
    rmSync(join(folder, 'untested', 'checkpoint.safetensors'));
    expectError(await iwaec(folder, 'eval', 'untested'), 3, /checkpoint cannot be read/);
  });
});
