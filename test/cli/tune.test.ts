import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import type { TuningFile } from '../../compiler/index.js';
import { correlatedRows } from './data.js';
import { expectError, iwaec, jsonOf, specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const spec = write(folder, 'ppca.iwae', readFileSync(join(specs, 'ppca.iwae')));
const data = ['--data', write(folder, 'rows.npy', correlatedRows(200))] as const;
const cpu = ['--device', 'cpu', '--threads', '2'] as const;
const beside = join(folder, 'tuning.json');
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as TuningFile;
const quiet = ['--epochs', '1', '--eval-images', '0'] as const;

/** A file with a winner for every launch, so that tests do not depend on what was faster here. */
function everyLaunchTuned(): void {
  const schedules = families.map(({ hash }) => ({
    hash,
    launch: 'train_step',
    schedule: { kind: 'points', lanes: 'domain', units: 2 },
    before: 2,
    after: 1,
  }));
  const adapters = [{ adapter: 'CPU, 2 threads', target: 'cpu', schedules }];
  writeFileSync(beside, JSON.stringify({ format: 'iwaec-tuning', version: 1, adapters }));
}

interface Family {
  readonly hash: string;
  readonly schedule: object | null;
  readonly before: number;
  readonly after: number;
}

let families: readonly Family[] = [];

describe('tune', () => {
  it('measures the launches of a step and writes what is faster beside the spec', async () => {
    const outcome = jsonOf(await succeeds(folder, 'tune', spec, ...cpu, '--budget', '6s', '--json'));
    families = outcome.families as typeof families;
    const faster = families.flatMap(({ hash, schedule }) => (schedule === null ? [] : [{ hash, schedule }]));
    const file = faster.length > 0 ? beside : null;
    expect(outcome).toMatchObject({ out: file, adapter: 'CPU, 2 threads', target: 'cpu' });
    expect(outcome.measured).toBeGreaterThan(0);
    expect(families.length).toBeGreaterThan(2);
    for (const { before, after } of families) expect(after).toBeLessThanOrEqual(before);
    expect(existsSync(beside)).toBe(file !== null);
    if (file !== null)
      expect(read(file).adapters).toMatchObject([
        { adapter: 'CPU, 2 threads', target: 'cpu', schedules: faster },
      ]);
  });

  it('measures the step of each stage', async () => {
    const text = readFileSync(spec, 'utf8').replace(
      /bound .*/,
      'bound elbo(k=2) for 1 epochs then iwae(k=9)',
    );
    const staged = write(folder, 'staged/ppca.iwae', text);
    const tune = ['tune', staged, ...cpu, '--budget', '4s', '--json'] as const;
    const outcome = jsonOf(await succeeds(folder, ...tune));
    const measured = outcome.families as readonly { readonly launch: string; readonly before: number }[];
    const names = measured.map(({ launch }) => launch);
    expect(names.filter(name => name.startsWith('train_step.0.'))).not.toEqual([]);
    expect(names.filter(name => !name.startsWith('train_step.0.'))).not.toEqual([]);
    for (const { before } of measured) expect(before).toBeGreaterThan(0);
    expect(outcome.before).toBeGreaterThan(0);
  });

  it('leaves the file alone where nothing was faster, and makes none', async () => {
    const tune = ['tune', spec, ...cpu, '--budget', '0.001s', '--json'] as const;
    everyLaunchTuned();
    const kept = readFileSync(beside);
    const again = await succeeds(folder, ...tune);
    const outcome = jsonOf(again);
    expect(outcome).toMatchObject({ measured: 0, complete: false, out: null });
    expect(outcome.after).toBe(outcome.before);
    expect(again.stderr).toMatch(/nothing was faster, and .*tuning\.json stays as it was; not every/);
    expect(readFileSync(beside).equals(kept)).toBe(true);
    const first = await succeeds(folder, ...tune, '--out', 'new/tuning.json');
    expect(first.stderr).toContain('nothing was faster, and nothing is written; not every');
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  it('shows what was gained', async () => {
    const { stdout } = await succeeds(folder, 'tune', spec, ...cpu, '--budget', '2s', '--out', 'other.json');
    expect(stdout).toMatch(/launch +before +after +gain +schedule/);
    expect(stdout).toMatch(
      /a step that nobody timed +[\d.]+ [µm]s( before, .* after, ([\d.]+ ×|no difference that \d comparisons? can tell))?\n/,
    );
    expect(stdout).toMatch(/wrote other\.json: \d+ schedules? for 'CPU, 2 threads'|nothing was faster/);
  });

  it('is used by train, which keeps it in the run, and leaves the same bits on the CPU', async () => {
    everyLaunchTuned();
    const train = ['train', spec, ...data, ...cpu, ...quiet] as const;
    const tuned = await succeeds(folder, ...train, '--out', 'tuned');
    expect(tuned.stdout).toMatch(/schedules: \d+ of \d+ launches of a step as measured in .*tuning\.json/);
    const plain = await succeeds(folder, ...train, '--out', 'plain', '--no-tuning');
    expect(plain.stdout).not.toContain('schedules:');
    const checkpoint = (run: string) => readFileSync(join(folder, run, 'checkpoint.safetensors'));
    const kernels = (run: string) => readFileSync(join(folder, run, 'kernels.wasm'));
    expect(kernels('tuned').equals(kernels('plain'))).toBe(false);
    expect(checkpoint('tuned').equals(checkpoint('plain'))).toBe(true);
    expect(read(join(folder, 'tuned', 'tuning.json'))).toEqual(read(beside));
    expect(existsSync(join(folder, 'plain', 'tuning.json'))).toBe(false);
    const resumed = [
      'train',
      spec,
      ...data,
      ...cpu,
      '--eval-images',
      '0',
      '--resume',
      '--epochs',
      '2',
    ] as const;
    expect((await succeeds(folder, ...resumed, '--out', 'tuned')).stdout).toMatch(
      /measured in tuned.tuning\.json/,
    );
    expect((await succeeds(folder, ...resumed, '--out', 'plain')).stdout).not.toContain('schedules:');
    expectError(await iwaec(folder, ...resumed, '--no-tuning', '--out', 'tuned'), 2, /keeps the schedules/);
  });

  it('goes into an artefact if asked, and into a profile', async () => {
    await succeeds(folder, 'build', spec, '-o', 'by-rule');
    await succeeds(folder, 'build', spec, '-o', 'measured', '--tuning', beside);
    const kernels = (built: string) => readFileSync(join(folder, built, 'kernels.wasm'));
    expect(kernels('measured').equals(kernels('by-rule'))).toBe(false);
    const { stdout } = await succeeds(folder, 'profile', spec, ...data, ...cpu, '--steps', '2');
    expect(stdout).toContain('launches of a step as measured in');
  });

  it('says where it comes from another device, and where a build must choose', async () => {
    const train = ['train', spec, ...data, ...quiet, '--device', 'cpu', '--threads', '1'] as const;
    const { stderr } = await succeeds(folder, ...train, '--out', 'foreign');
    expect(stderr).toMatch(/was not measured on 'CPU, 1 thread' but on 'CPU, 2 threads'/);
    const [adapter] = read(beside).adapters;
    const two = { ...read(beside), adapters: [adapter, { ...adapter, adapter: 'another CPU' }] };
    const path = write(folder, 'two.json', JSON.stringify(two));
    const build = ['build', spec, '-o', 'chosen', '--tuning', path] as const;
    expectError(
      await iwaec(folder, ...build),
      2,
      /several devices of one kind: 'CPU, 2 threads', 'another CPU'/,
    );
    await succeeds(folder, ...build, '--adapter', 'another CPU');
    expectError(await iwaec(folder, ...build, '--adapter', 'a toaster'), 3, /no schedules for 'a toaster'/);
  });

  it.each([
    ['{"format":', /this is not JSON/],
    ['{"format": "iwaec-program", "version": 4}', /format is "iwaec-program"/],
    ['{"format": "iwaec-tuning", "version": 7}', /version 7, and this iwaec reads version 1/],
    ['{"format": "iwaec-tuning", "version": 1, "adapters": [{}]}', /adapters\[0\]\.adapter is nothing/],
  ])('refuses %s before anything is done', async (text, reason) => {
    const path = write(folder, 'broken.json', text);
    expectError(await iwaec(folder, 'train', spec, ...data, '--tuning', path, '--out', 'none'), 3, reason);
    expectError(await iwaec(folder, 'tune', spec, '--out', path), 3, reason);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('refuses a file that is not there', async () => {
    const train = ['train', spec, ...data, '--out', 'none', '--tuning', 'nowhere.json'] as const;
    expectError(await iwaec(folder, ...train), 3, /nowhere\.json: there is no such file/);
  });

  it.skipIf(inject('adapter') === null)('measures dispatches of a GPU', async () => {
    const tune = [
      'tune',
      spec,
      '--device',
      'webgpu',
      '--budget',
      '10s',
      '--out',
      'gpu.json',
      '--json',
    ] as const;
    const outcome = jsonOf(await succeeds(folder, ...tune));
    expect(outcome).toMatchObject({ target: 'subgroups' });
    expect(outcome.measured).toBeGreaterThan(0);
  });
});
