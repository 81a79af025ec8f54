import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { correlatedRows } from './data.js';
import { expectError, iwaec, jsonOf, specs, start, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const ppca = join(specs, 'ppca.iwae');
const grid = (more: string) => `title: Small
defaults: { spec: ${ppca}, data: rows.npy, test-data: rows.npy, eval-k: 10, eval-images: 20, ${more} }
axes:
  objective: { VAE: { bound: elbo, k: 1 }, IWAE: { bound: iwae, k: 3 } }
published:
  - { objective: IWAE, nll: 5.5 }
`;

beforeAll(() => {
  write(folder, 'rows.npy', correlatedRows(200));
  write(folder, 'small.yaml', grid('epochs: 2'));
  write(folder, 'long.yaml', grid('epochs: 30000'));
});

describe('run', () => {
  it('trains and evaluates every cell, once', async () => {
    const outcome = await succeeds(folder, 'run', 'small.yaml', '--json');
    const first = jsonOf(outcome);
    // The queue evaluates by itself.
    expect(outcome.stderr).toMatch(/^wrote .*vae$/m);
    expect(outcome.stderr).not.toMatch(/^next: /m);
    expect(first).toMatchObject({ out: join('runs', 'small'), cells: 2, failed: 0 });
    const table = readFileSync(join(folder, 'runs/small/table.md'), 'utf8');
    expect(table).toMatch(/\| VAE \| \d+\.\d\d ± \d+\.\d\d \| {2}\| \d /);
    expect(table).toMatch(/\| IWAE \| \d+\.\d\d ± \d+\.\d\d \| 5\.5 \| \d /);
    expect(readdirSync(join(folder, 'runs/small')).sort()).toEqual([
      'iwae',
      'iwae.json',
      'table.md',
      'vae',
      'vae.json',
    ]);
    // One cell lost its result and goes on from its run; the other is left alone.
    rmSync(join(folder, 'runs/small/iwae.json'));
    const log = readFileSync(join(folder, 'runs/small/vae/log.jsonl'), 'utf8');
    const again = await succeeds(folder, 'run', 'small.yaml');
    expect(again.stderr).toMatch(/1 of 2 cells are finished already\n\ncell 1 of 1: iwae\n/);
    expect(readFileSync(join(folder, 'runs/small/vae/log.jsonl'), 'utf8')).toBe(log);
    expect(again.stdout).toContain(table.split('\n')[5]);
  });

  it('goes on with the cell that was interrupted', async () => {
    const running = start(folder, ['run', 'long.yaml']);
    await running.said('epoch ');
    running.child.kill('SIGINT');
    expect((await running.outcome).code).toBe(130);
    expect(existsSync(join(folder, 'runs/long/vae/checkpoint.safetensors'))).toBe(true);
    write(folder, 'long.yaml', grid('epochs: 1'));
    const outcome = await succeeds(folder, 'run', 'long.yaml', '--only', 'objective=VAE');
    expect(outcome.stdout).toMatch(/\| VAE \| \d/);
  });

  it('is killed together with its training, which is kept, and the next one goes on', async () => {
    write(folder, 'killed.yaml', grid('epochs: 30000'));
    const killed = start(folder, ['run', 'killed.yaml']);
    await killed.said('epoch ');
    const lock = JSON.parse(readFileSync(join(folder, 'runs/killed/.vae.lock'), 'utf8')) as {
      readonly pid: number;
    };
    expect(lock.pid).not.toBe(killed.child.pid);
    const second = await iwaec(folder, 'run', 'killed.yaml');
    expectError(second, 2, /runs.killed is in use: process \d+/);
    killed.child.kill('SIGKILL');
    const next = start(folder, ['run', 'killed.yaml']);
    await next.said('going on from step ');
    expect(() => process.kill(lock.pid, 0)).toThrow(/ESRCH/);
    next.child.kill('SIGINT');
    expect((await next.outcome).code).toBe(130);
    expect((await killed.outcome).stderr).toMatch(/the process that started this one is gone; stopping/);
    expect(existsSync(join(folder, 'runs/killed/vae.json'))).toBe(false);
    expect(existsSync(join(folder, 'runs/.killed.lock'))).toBe(false);
  });

  it('refuses what one of its cells could not be trained with, before any is', async () => {
    write(folder, 'impatient.yaml', grid('patience: 3'));
    const outcome = await iwaec(folder, 'run', 'impatient.yaml', '--budget', '10m');
    expectError(outcome, 1, /the cell vae has `patience` without `validation`/);
    expect(outcome.stderr).not.toContain('measuring');
  });

  it('keeps all values of an axis that --only names, those with commas too', async () => {
    const values = "['power(p=2, k=3)', 'iwae(k=3)', 'elbo(k=1)']";
    write(folder, 'bounds.yaml', `defaults: { spec: ${ppca} }\naxes: { bound: ${values} }`);
    const only = ['--only', 'bound=power(p=2, k=3)', '--only', 'bound=elbo(k=1)'] as const;
    const { cells } = jsonOf(await succeeds(folder, 'run', 'bounds.yaml', '--dry-run', '--json', ...only));
    expect(cells).toMatchObject([{ index: 0 }, { index: 2 }]);
  });

  it('prints what it would run, and jobs of clusters', async () => {
    const dry = await succeeds(folder, 'run', 'small.yaml', '--dry-run');
    expect(dry.stdout.trim().split('\n')).toHaveLength(2);
    expect(dry.stdout).toMatch(/iwaec train .*ppca\.iwae --bound elbo --k 1 .* && (npx )?iwaec eval/);
    const slurm = await succeeds(folder, 'run', 'small.yaml', '--emit', 'slurm');
    expect(slurm.stdout).toMatch(/--array=0-1\n[\s\S]*--cell "\$SLURM_ARRAY_TASK_ID"/);
  });

  it('keeps to a budget, or says that it cannot', async () => {
    const outcome = await succeeds(folder, 'run', 'small.yaml', '--budget', '30s', '--only', 'objective=VAE');
    expect(outcome.stderr).toMatch(/shortened to 30 s: 2 epochs for each of 1 cell, -L_\d+ on 200 test rows/);
    expectError(await iwaec(folder, 'run', 'small.yaml', '--budget', 'soon'), 2, /It must be a time/);
  });

  it('gives a schedule that is only named the epochs of a budget', async () => {
    const short = `${grid('epochs: 2')}short: { settings: { schedule: cosine } }\n`;
    write(folder, 'named.yaml', short);
    const dry = await succeeds(folder, 'run', 'named.yaml', '--budget', '30s', '--dry-run');
    expect(dry.stdout).toMatch(/--bound elbo .*--schedule 'cosine\(epochs=2\)' .*--epochs 2 /);
  });

  it('tells every mistake of the file with its place, and of the specs', async () => {
    write(folder, 'wrong.yaml', grid('epoch: 3').replace('published', 'publish'));
    const wrong = await iwaec(folder, 'run', 'wrong.yaml');
    expectError(
      wrong,
      1,
      /there is no setting called `epoch`[\s\S]*wrong\.yaml:2:\d+[\s\S]*did you mean `epochs`/,
    );
    expect(wrong.stderr).toMatch(/did you mean `published`/);
    write(folder, 'bound.yaml', grid('epochs: 2').replace('bound: elbo', 'bound: elbow'));
    expectError(
      await iwaec(folder, 'run', 'bound.yaml'),
      1,
      /nothing here is called `elbow`[\s\S]*--bound:1:1/,
    );
    expect(existsSync(join(folder, 'runs/bound'))).toBe(false);
    expectError(await iwaec(folder, 'run', 'small.yaml', '--cell', '2'), 2, /has no cell 2/);
    expectError(await iwaec(folder, 'run', 'small.yaml', '--only', 'objective=X'), 2, /no such value/);
    expectError(await iwaec(folder, 'run', 'nowhere.yaml'), 2, /no such file/);
    expectError(await iwaec(folder, 'run', 'small.iwae'), 2, /is a model, and a grid is a \.yaml file/);
  });

  it('goes on after a cell that fails, and says so', async () => {
    write(folder, 'failing.yaml', grid('epochs: 2').replace('k: 1 }', 'k: 1, batch: 500 }'));
    const outcome = await iwaec(folder, 'run', 'failing.yaml');
    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toMatch(/\| VAE \| failed: data-shape/);
    expect(outcome.stdout).toMatch(/\| IWAE \| \d/);
    expect(outcome.stderr).toMatch(/1 cell failed/);
  });
});
