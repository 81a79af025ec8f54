import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tinyArtefact, tinyDataset } from '../support/tiny-program.js';
import { describeOnDevice } from './adapter.js';

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a module in a process of its own and waits for it to end by itself; a hang fails the test by its time limit. */
function runModule(source: string, environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', source], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', chunk => {
      text[stream] += chunk;
    });
  }
  return new Promise(resolve => child.on('close', (status, signal) => resolve({ status, signal, ...text })));
}

/** Hides drivers that a user named; on a machine that has others, the packaged one is not what is found. */
const noSystemDriver = { VK_DRIVER_FILES: '', VK_ICD_FILENAMES: '' };

const clean = (stdout: string): Ended => ({ status: 0, signal: null, stdout, stderr: '' });

describeOnDevice('a process with a device', () => {
  let folder = '';
  let prelude = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'iwaec-process-'));
    const path = join(folder, 'tiny.json');
    await writeFile(path, JSON.stringify(tinyArtefact));
    prelude = `
      import { readFileSync } from 'node:fs';
      import { openDawnDevice, probeAdapters } from './dist/runtime/node.js';
      import { datasetOf, isFault, openSession } from './dist/runtime/index.js';
      const artefact = JSON.parse(readFileSync(${JSON.stringify(path)}, 'utf8'));
      const values = Uint8Array.from(${JSON.stringify([...tinyDataset(6).values])});
      const x = datasetOf('tiny', { shape: [6, 4], values });
      async function trained(device, steps) {
        const session = await openSession(device, artefact);
        session.bind({ train: { x } });
        await session.initialise();
        await session.train({ steps });
        return session;
      }
    `;
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('ends by itself, silently, with status 0', async () => {
    const ended = await runModule(`${prelude}
      const device = await openDawnDevice();
      const session = await trained(device, 500);
      console.log(session.step);
      session.dispose();
      device.dispose();
    `);
    expect(ended).toEqual(clean('500\n'));
  });

  it('ends by itself when nobody disposed of the device', async () => {
    const ended = await runModule(`${prelude}
      const session = await trained(await openDawnDevice(), 5);
      console.log(session.step);
    `);
    expect(ended).toEqual(clean('5\n'));
  });

  it('ends with the status of an error thrown while the device works', async () => {
    const ended = await runModule(`${prelude}
      const session = await trained(await openDawnDevice(), 5);
      void session.train({ steps: 1e6 }).catch(() => undefined);
      throw new Error('on purpose');
    `);
    expect(ended).toMatchObject({ status: 1, signal: null, stderr: expect.stringContaining('on purpose') });
  });

  it('ends at once with the status that was asked for while the device works', async () => {
    const ended = await runModule(`${prelude}
      const session = await trained(await openDawnDevice(), 5);
      void session.train({ steps: 1e6 }).catch(() => undefined);
      setTimeout(() => process.exit(130), 100);
    `);
    expect(ended).toMatchObject({ status: 130, signal: null });
  });

  it('survives garbage collection while devices come and go', async () => {
    const ended = await runModule(`${prelude}
      const first = await openDawnDevice();
      const second = await openDawnDevice();
      const session = await trained(second, 50);
      first.dispose();
      gc();
      await session.train({ steps: 50 });
      gc();
      await new Promise(resolve => setTimeout(resolve, 50));
      gc();
      await session.train({ steps: 50 });
      console.log(session.step);
      second.dispose();
      gc();
    `);
    expect(ended).toEqual(clean('150\n'));
  });

  it('probes without opening a device and ends', async () => {
    const ended = await runModule(`${prelude}
      const report = await probeAdapters();
      console.log(report.adapter.name.length > 0, Object.keys(report.adapter.limits).length);
    `);
    expect(ended).toEqual(clean('true 6\n'));
  });

  it.runIf(process.platform === 'linux')(
    'says that there is no hardware where the only driver is broken',
    async () => {
      const manifest = join(folder, 'broken.json');
      const icd = { library_path: join(folder, 'missing.so'), api_version: '1.3.0' };
      await writeFile(manifest, JSON.stringify({ file_format_version: '1.0.0', ICD: icd }));
      const ended = await runModule(
        `${prelude}
      const found = await openDawnDevice('hardware').catch(error => error);
      console.log(isFault(found), found.code, found.help.length > 0);
    `,
        { VK_DRIVER_FILES: manifest },
      );
      expect(ended).toMatchObject({ status: 0, stdout: 'true no-adapter true\n' });
    },
  );

  it.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'says why the packaged driver cannot be unpacked',
    async () => {
      const ended = await runModule(
        `${prelude}
        const found = await openDawnDevice('software').catch(error => error);
        const report = await probeAdapters();
        console.log(found.code, found.help.includes('XDG_CACHE_HOME'), report.adapter, report.advice.includes(found.message));
      `,
        { ...noSystemDriver, XDG_CACHE_HOME: '/dev/null', TMPDIR: '/dev/null' },
      );
      expect(ended).toEqual(clean('no-adapter true null true\n'));
    },
  );

  it.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'unpacks the software driver once when many processes start together',
    async () => {
      const source = `${prelude}
        const device = await openDawnDevice('software');
        const session = await trained(device, 5);
        console.log(session.step);
        device.dispose();
      `;
      const environment = { ...noSystemDriver, XDG_CACHE_HOME: join(folder, 'cache') };
      const ended = await Promise.all([1, 2, 3, 4].map(() => runModule(source, environment)));
      expect(ended).toEqual([1, 2, 3, 4].map(() => clean('5\n')));
      const left = await readdir(join(folder, 'cache', 'iwaec')).catch(() => []);
      expect(left.filter(name => !/^swiftshader-[0-9a-f]{16}$/.test(name))).toEqual([]);
    },
  );
});
