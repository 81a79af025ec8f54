import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { correlatedRows } from './data.js';
import { expectError, iwaec, jsonOf, specs, succeeds, temporaryFolder, write } from './iwaec.js';

const folder = temporaryFolder();
const ppca = join(specs, 'ppca.iwae');
const data = ['--data', write(folder, 'rows.npy', correlatedRows(200))] as const;

interface Launch {
  readonly name: string;
  readonly seconds: number;
  readonly flops: number;
  readonly kernels: number;
}

describe('profile', () => {
  it('times every launch of a step on the CPU, and writes a trace of them', async () => {
    const args = ['profile', ppca, ...data, '--device', 'cpu', '--steps', '5'];
    const facts = jsonOf(await succeeds(folder, ...args, '--trace', 'trace.json', '--json'));
    const built = jsonOf(await succeeds(folder, 'build', ppca, '-o', 'built', '--json'));
    const launches = facts.launches as readonly Launch[];
    expect(facts).toMatchObject({ clock: 'threads', batch: 20, timed_steps: 8 });
    expect(launches.every(({ seconds, kernels }) => seconds >= 0 && kernels === 1)).toBe(true);
    const host = facts.host as Readonly<Record<'submissions' | 'seconds' | 'between_seconds', number>>;
    expect(host.submissions).toBeGreaterThan(2);
    expect(host.between_seconds).toBeGreaterThan(0);
    expect(facts.host_share).toBe(host.between_seconds / host.seconds);
    expect(facts.host_share).toBeLessThan(1);
    const total = (of: 'seconds' | 'flops') => launches.reduce((sum, launch) => sum + launch[of], 0);
    expect(total('flops')).toBe(built.flops_per_step);
    expect(total('seconds')).toBeGreaterThan(0);
    expect((facts.peaks as { readonly flops: number }).flops).toBeGreaterThan(1e8);
    const trace = JSON.parse(readFileSync(join(folder, 'trace.json'), 'utf8')) as {
      readonly traceEvents: readonly { readonly ph: string; readonly ts: number; readonly dur: number }[];
    };
    const events = trace.traceEvents.filter(({ ph }) => ph === 'X');
    expect(events).toHaveLength(8 * launches.length);
    // One after another: an event begins where the one before it ends, or later.
    const begins = events.map(({ ts }) => ts);
    expect(begins).toEqual(begins.toSorted((a, b) => a - b));
    expect(events.every(({ dur }) => dur >= 0)).toBe(true);
  });

  it('times as many steps of a stage that has but one, and says of which bound', async () => {
    const bound = 'elbo(k=2) for 1 epochs then iwae(k=5)';
    const args = ['profile', ppca, ...data, '--device', 'cpu', '--batch', '200', '--bound', bound];
    const facts = jsonOf(await succeeds(folder, ...args, '--steps', '5', '--json'));
    expect(facts).toMatchObject({ bound: 'elbo(k=2)', timed_steps: 8 });
    expect(facts.step_seconds).toBeGreaterThan(0);
    const { stdout } = await succeeds(folder, ...args, '--steps', '5');
    expect(stdout).toMatch(/^ppca, elbo\(k=2\), batch 200: \d+ launches/m);
    expect(stdout).toMatch(/medians of 8 steps by/);
  });

  it('shows those that take longest', async () => {
    const { stdout } = await succeeds(folder, 'profile', ppca, ...data, '--steps', '2', '--top', '3');
    expect(stdout).toMatch(/launch +time +of step +operations +of peak +traffic +of peak/);
    expect(stdout).toMatch(/\d+ more launches .*\n +all /);
    expect(stdout).toMatch(/between submissions +[\d.]+% of [\d.]+ m?s in \d+ submissions/);
    expect(stdout).toMatch(/peaks, measured now +[\d.]+ [GT]FLOP\/s, [\d.]+ [MG]B\/s/);
  });

  it.skipIf(inject('adapter') === null)('times dispatches by the clock of a GPU', async () => {
    const args = ['profile', ppca, ...data, '--device', 'webgpu', '--steps', '2', '--json'];
    const facts = jsonOf(await succeeds(folder, ...args));
    const launches = facts.launches as readonly Launch[];
    expect(facts.clock).toBe('device');
    expect(facts.host).toMatchObject({ clock: 'device' });
    expect(facts.host_share).toBeGreaterThanOrEqual(0);
    expect(facts.host_share).toBeLessThan(1);
    expect(launches.some(({ kernels }) => kernels > 1)).toBe(true);
    expect(launches.reduce((sum, { seconds }) => sum + seconds, 0)).toBeGreaterThan(0);
  });

  it('leaves nothing half done', async () => {
    expectError(await iwaec(folder, 'profile', ppca), 3, /not what MNIST holds/);
    const nowhere = [
      'profile',
      ppca,
      ...data,
      '--steps',
      '1',
      '--trace',
      join(folder, 'rows.npy', 'trace.json'),
    ];
    const refused = await iwaec(folder, ...nowhere);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/cannot write/);
  });
});
