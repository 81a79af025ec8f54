import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expectError, iwaec, jsonOf, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const root = fileURLToPath(new URL('../../', import.meta.url));
const untidy = 'bound  b( k : int )=mean[k]( log_w )   // the mean\n';
const tidy = 'bound b(k: int) = mean[k](log_w)                // the mean\n';

describe('fmt', () => {
  it('finds what is shipped in the one layout', async () => {
    const { stdout } = await succeeds(root, 'fmt', '--check', 'specs', 'stdlib');
    expect(stdout).toBe('');
  });

  it('writes files, and folders of them, once', async () => {
    const path = write(folder, 'written/deep/a.iwae', untidy);
    write(folder, 'written/b.iwae', tidy);
    write(folder, 'written/not.txt', untidy);
    const { stdout } = await succeeds(folder, 'fmt', 'written');
    expect(stdout).toBe(`${join('written', 'deep', 'a.iwae')}\n`);
    expect(readFileSync(path, 'utf8')).toBe(tidy);
    expect(readFileSync(join(folder, 'written/not.txt'), 'utf8')).toBe(untidy);
    expect(jsonOf(await succeeds(folder, 'fmt', 'written', '--json'))).toEqual({ files: 2, changed: [] });
  });

  it('with --check lists what would change and writes nothing', async () => {
    const path = write(folder, 'check.iwae', untidy);
    const outcome = await iwaec(folder, 'fmt', '--check', 'check.iwae');
    expect(outcome).toMatchObject({ code: 1, stdout: 'check.iwae\n' });
    expect(outcome.stderr).toContain('1 file would change');
    expect(readFileSync(path, 'utf8')).toBe(untidy);
  });

  it('leaves a file that cannot be read as it is, and goes on with the others', async () => {
    const broken = write(folder, 'some/broken.iwae', 'bound b(k: int = mean[k](log_w)\n');
    const other = write(folder, 'some/other.iwae', untidy);
    const outcome = await iwaec(folder, 'fmt', 'some');
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/error\[[\w-]+\][\s\S]*broken\.iwae:1/);
    expect(readFileSync(broken, 'utf8')).toBe('bound b(k: int = mean[k](log_w)\n');
    expect(readFileSync(other, 'utf8')).toBe(tidy);
  });

  it.skipIf(process.platform === 'win32')('keeps links and permissions', async () => {
    const path = write(folder, 'linked/real.iwae', untidy);
    chmodSync(path, 0o600);
    const link = join(folder, 'linked/link.iwae');
    symlinkSync('real.iwae', link);
    await succeeds(folder, 'fmt', link);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(tidy);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('reads standard input and prints the layout', async () => {
    const main = join(root, 'dist/cli/main.js');
    const outcome = spawnSync(process.execPath, [main, 'fmt', '--stdin'], {
      input: untidy,
      encoding: 'utf8',
    });
    expect(outcome).toMatchObject({ status: 0, stdout: tidy });
    expect((await succeeds(folder, 'fmt', '--stdin')).stdout).toBe('');
  });

  it('wants files or --stdin, and not both', async () => {
    expectError(await iwaec(folder, 'fmt'), 2, /no files were given/);
    expectError(await iwaec(folder, 'fmt', '--stdin', 'a.iwae'), 2, /takes no files/);
    expectError(await iwaec(folder, 'fmt', 'nowhere.iwae'), 2, /nowhere\.iwae: there is no such file/);
  });
});
