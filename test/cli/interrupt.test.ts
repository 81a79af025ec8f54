import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { openMirror, stall } from '../unit/runtime/mirror.js';
import { correlatedRows } from './data.js';
import { jsonOf, type Outcome, specs, start, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const spec = write(folder, 'ppca.iwae', readFileSync(join(specs, 'ppca.iwae')));
const data = ['--data', write(folder, 'rows.npy', correlatedRows(200))] as const;
const cpu = ['--device', 'cpu', '--threads', '1'] as const;

/** As a signal that comes while a file or folder is put in its place, of which there is a moment's time at most. */
const atRename = write(
  folder,
  'at-rename.mjs',
  `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { renameSync, promises: { rename } } = fs;
const signal = () => process.kill(process.pid, process.env.SIGNAL);
fs.renameSync = (from, to) => { renameSync(from, to); signal(); };
fs.promises.rename = (from, to) => { signal(); return rename(from, to); };
syncBuiltinESMExports();
`,
);
const signalled = (signal: NodeJS.Signals) => ({
  NODE_OPTIONS: `--import=${pathToFileURL(atRename)}`,
  SIGNAL: signal,
});

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));
const unfinished = (path: string) => readdirSync(path).filter(name => /^\..+\.(tmp|old)$/.test(name));

/** A signal a moment after something was said; each further one when the one before it has been heard. */
async function interrupted(
  args: readonly string[],
  words: string,
  signals: readonly NodeJS.Signals[] = ['SIGINT'],
): Promise<Outcome> {
  const running = start(folder, args);
  await running.said(words);
  for (const [i, signal] of signals.entries()) {
    // A process that computes hears it late, and takes what it hears at the same moment for one.
    if (i > 0) await running.said('once more to end at once');
    await pause(700);
    running.child.kill(signal);
  }
  return running.outcome;
}

describe('a signal to build and profile', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends them with %s, behind the file under way', async signal => {
    await succeeds(folder, 'build', spec, '-o', 'built');
    const built = await start(folder, ['build', spec, '-o', 'built', '--k', '7'], signalled(signal)).outcome;
    expect(built).toMatchObject({ code: null, signal });
    const { model } = JSON.parse(readFileSync(join(folder, 'built/program.json'), 'utf8')) as {
      readonly model: { readonly bound: string };
    };
    expect(model.bound).toBe('iwae(k=7)');
    const profile = ['profile', spec, ...data, ...cpu, '--steps', '2', '--trace', `trace-${signal}.json`];
    expect(await start(folder, profile, signalled(signal)).outcome).toMatchObject({ code: null, signal });
    expect(JSON.parse(readFileSync(join(folder, `trace-${signal}.json`), 'utf8'))).toHaveProperty(
      'traceEvents',
    );
    expect(unfinished(folder)).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('that kills a build leaves nothing for ever', async () => {
    await succeeds(folder, 'build', spec, '-o', 'swept/built');
    const again = ['build', spec, '-o', 'swept/built'] as const;
    const swept = join(folder, 'swept');
    expect(await start(folder, again, signalled('SIGKILL')).outcome).toMatchObject({ signal: 'SIGKILL' });
    const left = unfinished(swept);
    expect(left.map(name => name.replace(/.*\.tmp/, '.tmp')).sort()).toEqual(['.tmp', '.tmp.old']);
    // Of a process that is alive, of another machine, and of another folder.
    const maker = /\.([0-9a-f]{8})-(\d+)-\d*-/;
    const others = [
      left[0]!.replace(maker, `.$1-${process.pid}--`),
      left[0]!.replace(maker, '.00000000-$2--'),
      left[0]!.replace('.built.', '.built.other.'),
    ].sort();
    for (const name of others) write(swept, join(name, 'program.json'), '{}');
    await succeeds(folder, ...again);
    expect(unfinished(swept).sort()).toEqual(others);
    expect(existsSync(join(swept, 'built/program.json'))).toBe(true);
  });

  it('ends a profile at once', async () => {
    const profile = ['profile', spec, ...data, ...cpu, '--steps', '2000000000', '--trace', 'none.json'];
    expect(await interrupted(profile, 'device:')).toMatchObject({ code: null, signal: 'SIGINT' });
    expect(existsSync(join(folder, 'none.json'))).toBe(false);
  });
});

describe('a signal to tune', () => {
  const tune = ['tune', spec, ...cpu, '--budget', '5m', '--json', '--out'] as const;

  /** The file of what was found, whole; there is none where nothing was. */
  function expectKept(outcome: Outcome, path: string): boolean {
    const { out } = jsonOf(outcome);
    const found = out !== null;
    expect(existsSync(join(folder, path))).toBe(found);
    if (found) {
      expect(out).toBe(path);
      expect(JSON.parse(readFileSync(join(folder, path), 'utf8'))).toMatchObject({
        adapters: [{ adapter: 'CPU, 1 thread' }],
      });
    }
    expect(outcome.stderr).toMatch(found ? /wrote .*\.json: / : /nothing was faster, and nothing is written/);
    return found;
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: what was found is kept, and the status is %i', async (signal, status) => {
    const outcome = await interrupted([...tune, `${signal}.json`], 'device:', [signal]);
    expect(outcome.code, outcome.stderr).toBe(status);
    expect(outcome.stderr).toMatch(/stopping; what was found is compared and kept/);
    expect(outcome.stderr).toContain('; it was stopped before every schedule was measured');
    expect(jsonOf(outcome)).toMatchObject({ interrupted: true, complete: false });
    expectKept(outcome, `${signal}.json`);
  });

  it('a second one ends it at once, and an earlier file stays as it is', async () => {
    const before = '{"format": "iwaec-tuning", "version": 1, "adapters": []}';
    const earlier = write(folder, 'earlier.json', before);
    // Of a model whose steps take so long that comparing what was found is not over before the second one.
    const slow = ['tune', join(specs, 'mnist1l.iwae'), ...tune.slice(2)];
    const outcome = await interrupted([...slow, earlier, '--k', '50'], 'device:', ['SIGINT', 'SIGINT']);
    expect(outcome).toMatchObject({ code: 130, stdout: '' });
    expect(readFileSync(earlier, 'utf8')).toBe(before);
    expect(unfinished(folder)).toEqual([]);
  });

  it('one that comes while the file is written leaves a whole file', async () => {
    const short = ['tune', spec, ...cpu, '--budget', '4s', '--out', 'late.json', '--json'];
    const outcome = await start(folder, short, signalled('SIGINT')).outcome;
    // Where nothing is written, nothing comes either.
    const found = expectKept(outcome, 'late.json');
    expect(outcome.code, outcome.stderr).toBe(found ? 130 : 0);
    expect(jsonOf(outcome)).toMatchObject({ interrupted: found });
  });
});

describe('a signal to eval', () => {
  beforeAll(async () => {
    await succeeds(
      folder,
      'train',
      spec,
      ...data,
      ...cpu,
      '--epochs',
      '1',
      '--eval-images',
      '0',
      '--out',
      'run',
    );
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: says so, keeps nothing of it, and the status is %i', async (signal, status) => {
    const log = readFileSync(join(folder, 'run/log.jsonl'), 'utf8');
    const args = ['eval', 'run', '--k', '50000000', ...cpu, '--json'];
    const outcome = await interrupted(args, 'device:', [signal]);
    expect(outcome.code, outcome.stderr).toBe(status);
    expect(outcome.stderr).toMatch(/stopping the evaluation .*\nnothing of it was kept/s);
    expect(jsonOf(outcome)).toEqual({ run: 'run', interrupted: true });
    expect(readFileSync(join(folder, 'run/log.jsonl'), 'utf8')).toBe(log);
  });
});

describe('a signal to run', () => {
  const grid = write(
    folder,
    'grid.yaml',
    `defaults: { spec: ppca.iwae, data: rows.npy, epochs: 3000000 }
axes:
  k: [1, 5]
`,
  );
  const run = ['run', grid, ...cpu, '--json', '--out'] as const;

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s while a cell trains: status %i, by whomever it was heard', async (signal, status) => {
    const out = `queue-${signal}`;
    const queue = await interrupted([...run, out], 'model:', [signal]);
    expect(queue.code, queue.stderr).toBe(status);
    expect(jsonOf(queue)).toEqual({ out, cells: 2, interrupted: true });
    const child = start(folder, [...run, out]);
    await child.said('going on from step');
    process.kill(childOf(child.child.pid!), signal);
    const outcome = await child.outcome;
    expect(outcome.code, outcome.stderr).toBe(status);
    expect(jsonOf(outcome)).toEqual({ out, cells: 2, interrupted: true });
    expect(existsSync(join(folder, out, '1.json'))).toBe(false);
    expect(existsSync(join(folder, out, '1/checkpoint.safetensors'))).toBe(true);
  });

  it('a cell whose process was killed says so, and the next one runs', async () => {
    const queue = start(folder, [...run, 'killed']);
    await queue.said('cell 1 of 2');
    await queue.said('model:');
    process.kill(childOf(queue.child.pid!), 'SIGKILL');
    await queue.said('cell 2 of 2');
    expect(JSON.parse(readFileSync(join(folder, 'killed/1.json'), 'utf8'))).toMatchObject({
      result: { kind: 'failed', code: 'killed', message: expect.stringContaining('SIGKILL') },
    });
    await pause(700);
    queue.child.kill('SIGINT');
    expect((await queue.outcome).code).toBe(130);
  });
});

const childOf = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).trim());

describe('a signal while data arrives', () => {
  it('keeps what has arrived, and the status is 130', async () => {
    const mirror = await openMirror({ '/omniglot/chardata.mat': stall(new Uint8Array(1000)) });
    const env = { IWAEC_CACHE: join(folder, 'cache'), IWAEC_MIRROR: mirror.url('') };
    const args = ['train', join(specs, 'mnist1l.iwae'), '--data', 'omniglot', '--out', 'none', '--json'];
    const running = start(folder, args, env);
    try {
      await running.said('fetching ');
      await pause(300);
      running.child.kill('SIGINT');
      const outcome = await running.outcome;
      expect(outcome.code, outcome.stderr).toBe(130);
      expect(jsonOf(outcome)).toMatchObject({ error: { code: 'interrupted' } });
      expect(outcome.stderr).toMatch(/stopping; what has arrived is kept/);
      expect(readdirSync(join(folder, 'cache/data/omniglot'))).not.toEqual([]);
    } finally {
      await mirror.close();
    }
  });
});
