import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectError, iwaec, jsonOf, specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const ppca = join(specs, 'ppca.iwae');
const text = readFileSync(ppca, 'utf8');

/** ppca with another bound, declared above it where it is the test's own. */
const withBound = (name: string, bound: string, declaration = '') =>
  write(folder, `${name}.iwae`, `${declaration}\n${text.replace('bound iwae(k=5)', `bound ${bound}`)}`);

describe('check-grad', () => {
  it('prints a line for each parameter', async () => {
    const { stdout } = await succeeds(folder, 'check-grad', ppca);
    expect(stdout).toMatch(/^ppca, iwae\(k=5\): gradients against five-point differences/);
    expect(stdout).toMatch(/recognition\.h\.dense1\.weight +4 of 10 +\d\.\de-\d+ +ok/);
    expect(stdout).toMatch(/\nok: /);
  });

  it('gives machines the same', async () => {
    const facts = jsonOf(await succeeds(folder, 'check-grad', ppca, '--json', '--elements', '2', '--k', '3'));
    expect(facts).toMatchObject({ model: 'ppca', bound: 'iwae(k=3)', ok: true });
    const rows = facts.rows as readonly Record<string, unknown>[];
    expect(rows).toHaveLength(5);
    for (const row of rows) {
      expect(row).toMatchObject({ elements: 2, ok: true });
      expect(row.error).toBeLessThan(1e-6);
      expect(row.error).toBeGreaterThan(0);
    }
  });

  it('holds what is stopped where it is', async () => {
    for (const bound of [
      'iwae(k=4) using one_sample',
      'iwae_dreg(k=4)',
      'iwae_stl(k=4)',
      'rws(k=4)',
      'tvo(k=4, partitions=3)',
    ]) {
      await succeeds(folder, 'check-grad', withBound('stopped', bound));
    }
  });

  it('fails where the gradient is not the slope', async () => {
    // A step of the bound between the samples has no slope, and jumps.
    const steep = 'bound steep(k: int) = mean[k](log_w) + floor(1e7 * mean[k](log_lik))';
    const outcome = await iwaec(folder, 'check-grad', withBound('steep', 'steep(k=2)', steep));
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/recognition\.h\.dense1\.bias .* WRONG/);
    expect(outcome.stdout).toMatch(/\nwrong: \d+ parameters? above/);
  });
});

describe('check-bias', () => {
  it('has nothing to measure where both networks ascend the value', async () => {
    const facts = jsonOf(await succeeds(folder, 'check-bias', ppca, '--json'));
    expect(facts).toMatchObject({ exact: ['generative', 'recognition'], draws: 0, rows: [], ok: true });
  });

  it('finds the doubly reparameterised gradient unbiased', async () => {
    const { stdout } = await succeeds(folder, 'check-bias', withBound('dreg', 'iwae_dreg(k=5)'));
    expect(stdout).toMatch(/2,000 draws, batch 4\n {2}generative: the gradient of the reported value/);
    expect(stdout).toMatch(/recognition\.log_scale +2 of 2 +\d\.\d +ok/);
    expect(stdout).toMatch(/\nok: no bias above 4 standard errors/);
  });

  it('finds sticking the landing biased for k > 1, and not for k = 1', async () => {
    const path = withBound('stl', 'iwae_stl(k=5)');
    const outcome = await iwaec(folder, 'check-bias', path);
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/recognition\.log_scale +2 of 2 +\d+\.\d +BIASED/);
    expect(outcome.stdout).toMatch(/\nbiased: on average recognition does not ascend the reported bound/);
    await succeeds(folder, 'check-bias', path, '--k', '1', '--draws', '500');
  });

  it('sees through a stop in a bound of one line', async () => {
    const held = 'bound held(k: int) = sum[k](stop(softmax[k](log_w)) * log_w)';
    const outcome = await iwaec(folder, 'check-bias', withBound('held', 'held(k=3)', held), '--json');
    expect(outcome.code).toBe(1);
    expect(jsonOf(outcome)).toMatchObject({ biased: ['generative', 'recognition'], ok: false });
  });
});

describe('both', () => {
  it.each(['check-grad', 'check-bias'])('%s explains what it cannot examine', async command => {
    const bounds = write(folder, 'bounds.iwae', 'bound mine(k: int) = mean[k](log_w)\n');
    expectError(await iwaec(folder, command, bounds), 1, /declares no model/);
    expectError(await iwaec(folder, command, write(folder, 'bad.iwae', 'model m {')), 1, /closed/);
    expectError(await iwaec(folder, command, ppca, '--elements', '0'), 2, /whole number, 1 or more/);
  });
});
