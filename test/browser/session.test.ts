import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import type {
  Checkpoint,
  Dataset,
  Device,
  DeviceInfo,
  Session,
  SessionOptions,
} from '../../runtime/index.js';
import { decodeCheckpoint } from '../../runtime/index.js';
import { openCpuDevice, readDataset } from '../../runtime/node.js';
import { keepGpus } from './gpu.js';
import { iwaec, root, type Site, smallSite } from './site.js';
import { call, describeInBrowser, visitor } from './visit.js';

interface Outcome {
  readonly nll: number;
  readonly step: number;
  readonly info: DeviceInfo;
  /** In base 64. */
  readonly checkpoint: string;
}

interface Trained extends Outcome {
  readonly bound: number;
  readonly turns: number;
  readonly shape: readonly number[];
}

const steps = 50;
const seed = 1;

let site: Site;
let expected: { readonly nll: number; readonly bound: number; readonly checkpoint: Checkpoint };

const parametersOf = ({ tensors }: Checkpoint): readonly number[] =>
  [...tensors].flatMap(([name, { values }]) => (name.startsWith('parameters/') ? [...values] : []));

const checkpointOf = ({ checkpoint }: Outcome): Checkpoint =>
  decodeCheckpoint(new Uint8Array(Buffer.from(checkpoint, 'base64')));

/** What the same training gives in Node, through the same artefact. */
async function trainInNode(): Promise<typeof expected> {
  const { open } = (await import(pathToFileURL(join(site.folder, 'small/index.js')).href)) as {
    open: (device: Device, options: SessionOptions) => Promise<Session>;
  };
  const device = openCpuDevice({ threads: 1 });
  const x: Dataset = await readDataset(join(site.folder, 'digits.idx'));
  const session = await open(device, { seed, data: { train: { x }, test: { x } } });
  const report = await session.train({ steps });
  const evaluation = await session.evaluate({ k: 20, rows: [0, 1, 2, 3, 4, 5, 6, 7] });
  const checkpoint = await session.snapshot();
  session.dispose();
  device.dispose();
  return { nll: evaluation!.nll, bound: report.epochBounds[0]!.bound, checkpoint };
}

const mounts = () => ({ '/': site.folder, '/pages/': join(root, 'test/browser/pages') });

function expectAgreement(trained: Trained): void {
  expect(trained.step).toBe(steps);
  expect(trained.shape).toEqual([3, 784]);
  expect(Math.abs(trained.bound / expected.bound - 1)).toBeLessThan(1e-3);
  expect(Math.abs(trained.nll / expected.nll - 1)).toBeLessThan(1e-3);
  const found = parametersOf(checkpointOf(trained));
  const wanted = parametersOf(expected.checkpoint);
  expect(found.length).toBe(wanted.length);
  const worst = Math.max(...found.map((value, i) => Math.abs(value - wanted[i]!)));
  expect(worst).toBeLessThan(1e-3);
}

beforeAll(async () => {
  site = smallSite();
  expected = await trainInNode();
});

describeInBrowser('a page that shares memory with its workers', () => {
  const visit = visitor(mounts, { isolated: true });

  it.each([{ device: 'cpu', threads: 2 }, { device: 'cpu', threads: 1 }, { device: 'webgpu' }])(
    'trains on $device ($threads threads) as Node does',
    async choices => {
      const page = await visit.open('/');
      const trained = (await call(page, 'train', { steps, seed, ...choices })) as Trained;
      expect(trained.info.kind).toBe(choices.device === 'cpu' ? 'wasm' : 'webgpu');
      expectAgreement(trained);
    },
  );

  it('pauses and resumes without a trace', async () => {
    const page = await visit.open('/');
    const choices = { steps, seed, device: 'cpu' };
    const straight = (await call(page, 'train', choices)) as Trained;
    const paused = (await call(page, 'pauseAndResume', choices)) as Outcome & {
      readonly paused: { readonly stopped: string; readonly step: number };
    };
    expect(paused.paused.stopped).toBe('aborted');
    expect(paused.paused.step).toBeLessThan(steps);
    expect(paused.checkpoint).toBe(straight.checkpoint);
  });

  it.each([
    { device: 'webgpu', lose: 'gpu' },
    { device: 'cpu', lose: 'workers' },
  ])('loses the device ($lose) and recovers', async ({ device, lose }) => {
    const page = await visit.open('/', { before: keepGpus });
    const straight = (await call(page, 'train', { steps: 20, seed, device })) as Trained;
    const recovered = (await call(page, 'loseAndRecover', { steps: 20, seed, device, lose })) as Outcome & {
      readonly failure: unknown;
      readonly told: unknown;
      readonly resumedAt: number;
    };
    expect(recovered.failure).toMatchObject({ fault: true, code: 'device-lost' });
    if (lose === 'gpu') expect(recovered.told).toEqual({ lost: expect.any(String) });
    expect(recovered.resumedAt).toBe(5);
    expect(recovered.checkpoint).toBe(straight.checkpoint);
  });

  it('takes parameters from the command line and gives them back byte by byte', async () => {
    iwaec(
      site.folder,
      ...['train', 'small.iwae', '--out', 'run', '--epochs', '1', '--device', 'cpu'],
      ...['--data', 'digits.idx', '--test-data', 'digits.idx'],
    );
    const page = await visit.open('/');
    const found = (await call(page, 'reexport', { path: '/run/checkpoint.safetensors' })) as Outcome;
    const file = readFileSync(join(site.folder, 'run/checkpoint.safetensors'));
    expect(found.checkpoint).toBe(file.toString('base64'));
    expect(found.step).toBe(60);
  });

  it('takes data from an address, a file and bytes', async () => {
    const page = await visit.open('/');
    const { names, rows, sums, table } = (await call(page, 'fromEverywhere')) as Record<
      string,
      readonly unknown[]
    >;
    expect(names).toEqual(['the data', 'the data', 'the data', 'mine.gz', 'digits.idx']);
    expect(new Set(rows)).toEqual(new Set([600]));
    expect(new Set(sums).size).toBe(1);
    expect(table).toEqual([1, 2, 250, 4, 0, 1]);
  });
});

describeInBrowser('a page that may not share memory', () => {
  const visit = visitor(mounts, { isolated: false });

  it('trains in one worker as Node does, and says why it is one', async () => {
    const page = await visit.open('/');
    const trained = (await call(page, 'train', { steps, seed, device: 'cpu' })) as Trained;
    expectAgreement(trained);
    expect(trained.info).toMatchObject({
      name: 'CPU, 1 thread',
      note: expect.stringMatching(/Cross-Origin-/),
    });
  });

  it('leaves the page its turns meanwhile', async () => {
    const page = await visit.open('/');
    const trained = (await call(page, 'train', { steps: 600, seed, device: 'cpu' })) as Trained;
    expect(trained.turns).toBeGreaterThan(3);
  });

  it('loses its worker and recovers', async () => {
    const page = await visit.open('/');
    const choices = { steps: 20, seed, device: 'cpu' };
    const straight = (await call(page, 'train', choices)) as Trained;
    const recovered = (await call(page, 'loseAndRecover', { ...choices, lose: 'worker' })) as Outcome & {
      readonly failure: unknown;
    };
    expect(recovered.failure).toMatchObject({ fault: true, code: 'device-lost' });
    expect(recovered.checkpoint).toBe(straight.checkpoint);
  });
});
