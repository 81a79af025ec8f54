import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectError, iwaec, jsonOf, main, specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const mnist = join(specs, 'mnist1l.iwae');
const ppca = join(specs, 'ppca.iwae');

describe('check', () => {
  it('sums a good file up', async () => {
    const { stdout } = await succeeds(folder, 'check', mnist);
    expect(stdout).toMatch(/^ok mnist1l /);
    expect(stdout).toContain('x: binary[784]');
    expect(stdout).toContain('h[50]');
    expect(stdout).toContain('iwae(k=5)');
  });

  it('gives machines the same', async () => {
    const outcome = await succeeds(folder, 'check', mnist, '--json');
    // 784·200 + 200 + 200·200 + 200 + 2 (200·50 + 50) for q, 50·200 + 200 + 200·200 + 200 + 200·784 + 784 for p.
    expect(jsonOf(outcome)).toMatchObject({
      model: 'mnist1l',
      bound: 'iwae(k=5)',
      parameters: 217_300 + 207_984,
      diagnostics: [],
    });
  });

  it.each(['mnist2l', 'mnist1l_vae', 'ppca'])('accepts %s', async name => {
    await succeeds(folder, 'check', join(specs, `${name}.iwae`));
  });
});

const model = (body: string) => `model bad {\n${body}\n}\n`;
const data = 'data x: binary[784]';
const recognition = 'recognition { h ~ gaussian_mlp(x, hidden=[10], size=5) }';
const generative = 'generative { h ~ normal(0, 1)[5]\n x ~ bernoulli(logits = h |> dense(784)) }';
const rest = 'bound iwae(k=5)\ntrain { optimizer adam(lr=1e-3)\n batch 20\n schedule constant(epochs=1) }';

/** What is wrong, and a word that the message must have. */
const badSpecs: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  [
    'an unknown name',
    model(`${data}\n${recognition}\n${generative.replace('dense', 'dnse')}\n${rest}`),
    /dnse[\s\S]*dense/,
  ],
  [
    'a wrong arity',
    model(`${data}\n${recognition.replace('x,', 'x, x, x, x, x,')}\n${generative}\n${rest}`),
    /argument/,
  ],
  [
    'a shape mismatch',
    model(`${data}\n${recognition}\n${generative.replace('784', '783')}\n${rest}`),
    /78[34]/,
  ],
  [
    'a cycle',
    model(
      `${data}\n${recognition}\ngenerative { let y = z\n let z = y\n h ~ normal(0, 1)[5]\n x ~ bernoulli(logits = h |> dense(784)) }\n${rest}`,
    ),
    /z/,
  ],
  ['an import of itself', 'import "bad.iwae"\n', /import|empty|cycle|circular|model/],
  [
    'an unclosed brace',
    `model bad {\n${data}\n${recognition.replace('}', '')}\n${generative}\n${rest}`,
    /closed/,
  ],
  ['an empty file', '', /empty/],
  ['a 10 MB file', 'let a = 1\n'.repeat(1_000_000), /too large|at most/],
  ['binary junk', Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256), /not text/],
];

describe('bad specs', () => {
  it.each(badSpecs)('%s', async (_, content, words) => {
    const path = write(folder, 'bad.iwae', content);
    const [checked, trained] = await Promise.all([
      iwaec(folder, 'check', path, '--json'),
      iwaec(folder, 'train', path, '--out', 'run'),
    ]);
    expectError(trained, 1, words);
    expectError(checked, 1, words);
    expect(jsonOf(checked)).toMatchObject({
      diagnostics: expect.arrayContaining([expect.objectContaining({ severity: 'error' })]),
    });
    expect(existsSync(join(folder, 'run'))).toBe(false);
  });

  it.skipIf(process.platform === 'win32')('that never end are not read', async () => {
    const path = write(folder, 'endless.iwae', 'import "/dev/zero"\n');
    expectError(await iwaec(folder, 'check', path), 1, /no file/);
    expectError(await iwaec(folder, 'check', '/dev/zero'), 2, /device/);
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expectError(await iwaec(folder, 'check', pipe), 2, /pipe: this is a named pipe, not a \.iwae file/);
    expectError(await iwaec(folder, 'run', pipe, '--out', 'grid'), 2, /named pipe/);
    const train = ['train', ppca, '--out', 'piped'] as const;
    expectError(await iwaec(folder, ...train, '--data', pipe), 3, /pipe is a pipe, not a file/);
    expectError(await iwaec(folder, ...train, '--tuning', pipe), 3, /no tuning of iwaec/);
    expect(existsSync(join(folder, 'piped'))).toBe(false);
  });

  it.skipIf(process.platform === 'win32')('are read from a pipe that the command was given', async () => {
    const given = `"$0" "$1" check <(cat "$2") && cat "$2" | "$0" "$1" check /dev/stdin`;
    const words = execFileSync('bash', ['-c', given, process.execPath, main, ppca], { encoding: 'utf8' });
    expect(words.match(/^ok ppca /gm)).toHaveLength(2);
  });

  it('are not built', async () => {
    const path = write(folder, 'bad.iwae', 'model bad {');
    expectError(await iwaec(folder, 'build', path, '-o', 'out'), 1, /closed/);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  it('are reported with all their errors', async () => {
    const path = write(
      folder,
      'two.iwae',
      model(
        `${data}\n${recognition.replace('gaussian_mlp', 'gausian_mlp')}\n${generative.replace('dense', 'dnse')}\n${rest}`,
      ),
    );
    const { stderr } = await iwaec(folder, 'check', path);
    expect(stderr).toContain('gausian_mlp');
    expect(stderr).toContain('dnse');
    expect(stderr).toMatch(/2 errors/);
  });
});

describe('build', () => {
  it('writes the artefact and shows what a step costs', async () => {
    const outcome = await succeeds(folder, 'build', ppca, '-o', 'ppca', '--stats', '--json');
    const facts = jsonOf(outcome);
    expect(facts).toMatchObject({ out: 'ppca', model: 'ppca' });
    for (const key of [
      'parameters',
      'dispatches_per_step',
      'flops_per_step',
      'flops_per_byte',
      'flops_executed_over_needed',
      'bytes_per_step',
      'peak_workspace_bytes',
    ]) {
      expect(facts[key], key).toBeGreaterThan(0);
    }
    const program = JSON.parse(readFileSync(join(folder, 'ppca/program.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(program).toMatchObject({ format: 'iwaec-program' });
    expect(readdirSync(join(folder, 'ppca/kernels')).every(name => name.endsWith('.wgsl'))).toBe(true);
    expect(readFileSync(join(folder, 'ppca/index.js'), 'utf8')).toContain('from "./runtime.js"');
    expect(existsSync(join(folder, 'ppca/index.d.ts'))).toBe(true);
    expect(readdirSync(folder).filter(name => name.endsWith('.tmp'))).toEqual([]);
  });

  it('takes other values than those of the spec', async () => {
    const facts = (...args: readonly string[]) =>
      succeeds(folder, 'build', ppca, '-o', 'overridden', '--stats', '--json', ...args).then(jsonOf);
    const step = async (...args: readonly string[]) =>
      ((await facts(...args)).entries as Record<string, unknown>).train_step;
    expect(await step('--k', '7', '--batch', '12')).toMatchObject({ rows: 12, samples: 7 });
    expect(await step('--bound', 'miwae(k1=3, k2=5)')).toMatchObject({ samples: 15 });
    const { stdout } = await succeeds(folder, 'build', ppca, '--emit', 'model', '--k', '7');
    expect(stdout).toContain('iwae(k=7)');
    expectError(await iwaec(folder, 'build', ppca, '--bound', 'iwa(k=3)'), 1, /--bound:1:1/);
    expectError(await iwaec(folder, 'build', ppca, '--schedule', 'cosin'), 1, /--schedule:1:1/);
  });

  it('says what goes into each dispatch and why, and writes nothing', async () => {
    const { stdout } = await succeeds(folder, 'build', ppca, '-o', 'unwritten', '--why');
    expect(stdout).toMatch(/^train_step: \d+ kernels, \d+ dispatches on a GPU/m);
    expect(stdout).toMatch(
      /rows, each through \d+ kernels\n +train_step\.00\.rows: it needs no other kernel/,
    );
    expect(stdout).toMatch(/a dispatch later: /);
    expect(existsSync(join(folder, 'unwritten'))).toBe(false);
  });

  it('loads one module for the compiler, which takes longer to find in pieces than to run', () => {
    const text = readFileSync(join(specs, '../dist/compiler/index.js'), 'utf8');
    expect(text).toMatch(/^export \{/m);
    expect(text).not.toMatch(/^import .* from "/m);
  });

  it('writes a module that loads it with the runtime alone', async () => {
    await succeeds(folder, 'build', ppca, '-o', 'loaded');
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    symlinkSync(join(specs, '..'), join(folder, 'node_modules/iwaec'), 'dir');
    const script = write(
      folder,
      'use.mjs',
      `import { openCpuDevice } from 'iwaec/runtime/node';
       import { open } from './loaded/index.js';
       const device = openCpuDevice(1);
       const session = await open(device, { seed: 1 });
       console.log(session.program.model.name, session.step);
       session.dispose();
       device.dispose();`,
    );
    expect(execFileSync(process.execPath, [script], { encoding: 'utf8' })).toBe('ppca 0\n');
  });

  it('replaces its own folders and no others', async () => {
    await succeeds(folder, 'build', ppca, '-o', 'again');
    await succeeds(folder, 'build', ppca, '-o', 'again');
    mkdirSync(join(folder, 'mine'));
    write(folder, 'mine/notes.txt', 'keep me');
    expectError(await iwaec(folder, 'build', ppca, '-o', 'mine'), 2, /not an artefact of iwaec/);
    expect(readdirSync(join(folder, 'mine'))).toEqual(['notes.txt']);
  });

  it.each(['ast', 'model', 'tensor', 'kernel', 'wgsl'])(
    'prints the stage %s and writes nothing',
    async stage => {
      const empty = temporaryFolderNow();
      const { stdout } = await succeeds(empty, 'build', ppca, '--emit', stage);
      expect(stdout.length).toBeGreaterThan(100);
      expect(readdirSync(empty)).toEqual([]);
      const outcome = await succeeds(empty, 'build', ppca, '--emit', stage, '--json');
      expect(jsonOf(outcome)).toMatchObject({ stage, text: expect.any(String) });
    },
  );

  it('ends quietly when its reader leaves', async () => {
    const main = join(specs, '../dist/cli/main.js');
    const script = `"${process.execPath}" "${main}" build "${mnist}" --emit wgsl | head -n 1`;
    expect(
      execFileSync('bash', ['-o', 'pipefail', '-c', script], { encoding: 'utf8' }).length,
    ).toBeGreaterThan(0);
  });
});

function temporaryFolderNow(): string {
  const path = join(folder, `empty-${Math.floor(performance.now() * 1000)}`);
  mkdirSync(path);
  return path;
}
