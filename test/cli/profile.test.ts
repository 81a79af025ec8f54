import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import type { Program } from '../../compiler/program/index.js';
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

interface Stage {
  readonly bound: string;
  readonly step_seconds: number;
  readonly host: Readonly<Record<'submissions' | 'seconds' | 'between_seconds', number>>;
  readonly host_share: number;
  readonly launches: readonly Launch[];
}

const stagesOf = ({ stages }: Record<string, unknown>) => stages as readonly [Stage, ...Stage[]];

interface TraceEvent {
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly bound: string };
}

/** The launches of a trace, which are one after another: each begins where the one before it ends, or later. */
function launchEvents(path: string): readonly TraceEvent[] {
  const trace = JSON.parse(readFileSync(path, 'utf8')) as { readonly traceEvents: readonly TraceEvent[] };
  const events = trace.traceEvents.filter(({ ph }) => ph === 'X');
  for (const { dur } of events) expect(dur).toBeGreaterThanOrEqual(0);
  // A tenth of a nanosecond is what the sum of two times may be off.
  for (const [i, { ts, dur }] of events.slice(0, -1).entries())
    expect(events[i + 1]!.ts).toBeGreaterThanOrEqual(ts + dur - 1e-4);
  return events;
}

describe('profile', () => {
  it('times every launch of a step on the CPU, and writes a trace of them', async () => {
    const args = ['profile', ppca, ...data, '--device', 'cpu', '--steps', '5'];
    const facts = jsonOf(await succeeds(folder, ...args, '--trace', 'trace.json', '--json'));
    await succeeds(folder, 'build', ppca, '-o', 'built');
    const { kernels, entries } = JSON.parse(
      readFileSync(join(folder, 'built', 'program.json'), 'utf8'),
    ) as Program;
    expect(facts.batch).toBe(20);
    const [stage, ...others] = stagesOf(facts);
    expect(others).toEqual([]);
    const { launches, host, host_share } = stage;
    expect(stage).toMatchObject({ clock: 'threads', timed_steps: 8 });
    expect(launches.every(launch => launch.seconds >= 0 && launch.kernels === 1)).toBe(true);
    expect(host.submissions).toBeGreaterThan(2);
    expect(host.between_seconds).toBeGreaterThan(0);
    expect(host_share).toBe(host.between_seconds / host.seconds);
    expect(host_share).toBeLessThan(1);
    const total = (of: 'seconds' | 'flops') => launches.reduce((sum, launch) => sum + launch[of], 0);
    const flops = entries.train_step.launches.map(launch => kernels[launch]!.flops);
    expect(total('flops')).toBe(flops.reduce((sum, each) => sum + each));
    expect(total('seconds')).toBeGreaterThan(0);
    expect((facts.peaks as { readonly flops: number }).flops).toBeGreaterThan(1e8);
    expect(launchEvents(join(folder, 'trace.json'))).toHaveLength(8 * launches.length);
  });

  it('times the steps of every stage, as many of one that has but one', async () => {
    const bound = 'elbo(k=2) for 1 epochs then iwae(k=500)';
    const args = ['profile', ppca, ...data, '--device', 'cpu', '--batch', '200', '--bound', bound];
    const outcome = await succeeds(folder, ...args, '--steps', '5', '--trace', 'staged.json', '--json');
    const stages = stagesOf(jsonOf(outcome));
    expect(stages.map(stage => stage.bound)).toEqual(['elbo(k=2)', 'iwae(k=500)']);
    for (const stage of stages) {
      expect(stage).toMatchObject({ timed_steps: 8 });
      expect(stage.step_seconds).toBeGreaterThan(0);
      expect(stage.host.submissions).toBeGreaterThan(2);
      expect(stage.launches.length).toBeGreaterThan(2);
    }
    const [few, many] = stages.map(({ launches }) => launches.reduce((sum, { flops }) => sum + flops, 0));
    expect(many).toBeGreaterThan(100 * few!);
    const traced = launchEvents(join(folder, 'staged.json')).map(({ args }) => args.bound);
    expect(traced).toEqual(stages.flatMap(({ bound, launches }) => Array(8 * launches.length).fill(bound)));
    expect(outcome.stderr).toMatch(/^ppca, stage 1 of 2, elbo\(k=2\), batch 200: \d+ launches/m);
    expect(outcome.stderr).toMatch(/^ppca, stage 2 of 2, iwae\(k=500\), batch 200: \d+ launches/m);
    expect(outcome.stderr.match(/medians of 8 steps by/g)).toHaveLength(2);
  });

  it('shows those that take longest', async () => {
    const { stdout } = await succeeds(folder, 'profile', ppca, ...data, '--steps', '2', '--top', '3');
    expect(stdout).toMatch(/^ppca, iwae\(k=\d+\), batch 20: \d+ launches/m);
    expect(stdout).toMatch(/launch +time +of step +operations +of peak +traffic +of peak/);
    expect(stdout).toMatch(/\d+ more launches .*\n +all /);
    expect(stdout).toMatch(/between submissions +[\d.]+% of [\d.]+ m?s in \d+ submissions/);
    expect(stdout).toMatch(/peaks, measured now +[\d.]+ [GT]FLOP\/s, [\d.]+ [MG]B\/s/);
  });

  it.skipIf(inject('adapter') === null)('times dispatches by the clock of a GPU', async () => {
    const args = ['profile', ppca, ...data, '--device', 'webgpu', '--steps', '2', '--json'];
    const facts = jsonOf(await succeeds(folder, ...args));
    const [{ launches, host_share, ...stage }] = stagesOf(facts);
    expect(stage).toMatchObject({ clock: 'device', host: { clock: 'device' } });
    expect(host_share).toBeGreaterThanOrEqual(0);
    expect(host_share).toBeLessThan(1);
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
