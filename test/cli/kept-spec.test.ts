import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { correlatedRows } from './data.js';
import { expectError, iwaec, jsonOf, specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const inner = 'bound inner(k: int = 4) = logmeanexp[k](log_w)\n';
const outer = 'import "../deep/inner.iwae"\nbound outer(k: int = 4) = inner(k)\n';
const main = readFileSync(join(specs, 'ppca.iwae'), 'utf8').replace('bound iwae(k=5)', 'bound outer(k=4)');

const resume = (path: string, epochs: number) =>
  ['train', path, '--out', 'run', '--resume', '--epochs', String(epochs), '--eval-images', '0'] as const;
const file = (path: string) => readFileSync(join(folder, path));

/** As if another version of iwaec had made the run: whatever opens it compiles its spec again. */
const outdate = () => {
  const program = file('run/program.json').toString();
  write(folder, 'run/program.json', program.replace(/"version": ?\d+/, '"version": 1'));
};

beforeEach(async () => {
  for (const name of ['run', 'moved', 'specs']) rmSync(join(folder, name), { recursive: true, force: true });
  write(folder, 'rows.npy', correlatedRows(100));
  write(folder, 'specs/main.iwae', `import "lib/outer.iwae"\n${main}`);
  write(folder, 'specs/lib/outer.iwae', outer);
  write(folder, 'specs/deep/inner.iwae', inner);
  const rows = ['--data', 'rows.npy', '--eval-images', '0'];
  await succeeds(folder, 'train', 'specs/main.iwae', ...rows, '--epochs', '2', '--out', 'run');
});

describe('a run whose spec imports others', () => {
  it('keeps them, and compiles again when they are gone', async () => {
    const evaluate = ['eval', 'run', '--k', '7', '--json'];
    const first = jsonOf(await succeeds(folder, ...evaluate));
    renameSync(join(folder, 'specs'), join(folder, 'moved'));
    outdate();
    expect({ ...jsonOf(await succeeds(folder, ...evaluate)), seconds: 0 }).toEqual({ ...first, seconds: 0 });
    await succeeds(folder, 'report', 'run', '--no-data');
    expectError(
      await iwaec(folder, ...resume('specs/main.iwae', 3)),
      2,
      /specs.main\.iwae: there is no such file[\s\S]*train run.spec\.iwae --out run --resume/,
    );
    const resumed = await succeeds(folder, ...resume('run/spec.iwae', 3));
    expect(resumed.stderr).not.toMatch(/changed/);
    const elsewhere = await succeeds(folder, ...resume('moved/main.iwae', 4));
    expect(elsewhere.stderr).not.toMatch(/changed/);
    outdate();
    await succeeds(folder, ...evaluate);
  });

  it('says which of them has changed when it is resumed, and keeps the new text', async () => {
    write(folder, 'specs/deep/inner.iwae', inner.replace('log_w', '2 * log_w / 2'));
    const resumed = await succeeds(folder, ...resume('specs/main.iwae', 3));
    expect(resumed.stderr).toMatch(/changed since this run began: specs.deep.inner\.iwae; it goes on/);
    const again = await succeeds(folder, ...resume('specs/main.iwae', 4));
    expect(again.stderr).not.toMatch(/changed/);
    // The run's own copy may be edited too.
    const kept = readdirSync(join(folder, 'run/imports')).find(name => name.endsWith('inner.iwae'))!;
    write(folder, `run/imports/${kept}`, inner);
    const edited = await succeeds(folder, ...resume('run/spec.iwae', 5));
    expect(edited.stderr).toMatch(/changed since this run began: the spec; it goes on/);
    outdate();
    await succeeds(folder, 'eval', 'run', '--k', '7');
    expect((await succeeds(folder, ...resume('run/spec.iwae', 6))).stderr).not.toMatch(/changed/);
  });

  it('refuses one that makes another model, and is left as it was', async () => {
    const before = ['config.json', 'checkpoint.safetensors', 'spec.iwae'].map(name => file(`run/${name}`));
    write(
      folder,
      'specs/main.iwae',
      `import "lib/outer.iwae"\n${main.replace('dense(x, 2)', 'dense(tanh(dense(x, 5)), 2)')}`,
    );
    expectError(
      await iwaec(folder, ...resume('specs/main.iwae', 3)),
      3,
      /the checkpoint is of another model/,
    );
    const after = ['config.json', 'checkpoint.safetensors', 'spec.iwae'].map(name => file(`run/${name}`));
    expect(after).toEqual(before);
  });
});
