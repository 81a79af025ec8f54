import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { correlatedRows } from './data.js';
import { iwaec, jsonOf, specs, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const ppca = readFileSync(join(specs, 'ppca.iwae'), 'utf8');
const path = write(folder, 'stl.iwae', ppca.replace('bound iwae(k=5)', 'bound iwae_stl(k=5)'));
const rows = write(folder, 'rows.npy', correlatedRows(100));

describe('a warning is shown, is in --json, and fails nothing', () => {
  it.each([
    ['check', []],
    ['build', ['-o', 'built']],
    ['train', ['--data', rows, '--epochs', '1', '--out', 'run', '--eval-images', '0', '--device', 'cpu']],
  ])('%s', async (command, further) => {
    const outcome = await iwaec(folder, command, path, ...further, '--json');
    expect(outcome.stderr).toMatch(/^warning\[biased-path-gradient\]/m);
    expect(outcome.code, outcome.stderr).toBe(0);
    expect(jsonOf(outcome).diagnostics).toMatchObject([
      { code: 'biased-path-gradient', severity: 'warning', range: { file: path } },
    ]);
  });
});
