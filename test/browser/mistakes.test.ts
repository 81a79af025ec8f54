import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { withoutAdapter, withoutWebGpu, withSmallLimits } from './gpu.js';
import { root, type Site, smallSite } from './site.js';
import { call, describeInBrowser, visitor } from './visit.js';

let site: Site;
const mounts = () => ({ '/': site.folder, '/pages/': join(root, 'test/browser/pages') });

beforeAll(() => {
  site = smallSite();
});

describeInBrowser('a page without what it asks for', () => {
  const visit = visitor(mounts, { isolated: true });

  it.each([
    ['no WebGPU', withoutWebGpu, /no WebGPU/],
    ['no adapter', withoutAdapter, /finds no GPU/],
  ])('%s: says so, and auto takes the CPU', async (_, before, words) => {
    const page = await visit.open('/', { before });
    expect(await call(page, 'failToOpen', { device: 'webgpu' })).toMatchObject({
      fault: true,
      code: 'no-adapter',
      message: expect.stringMatching(words),
      help: expect.stringMatching(/browser with WebGPU/),
    });
    expect(await call(page, 'chosen')).toMatchObject({ kind: 'wasm', note: expect.stringMatching(words) });
  });

  it('a GPU emulated in software: auto takes the CPU', async () => {
    const page = await visit.open('/');
    expect(await call(page, 'chosen')).toMatchObject({
      kind: 'wasm',
      note: expect.stringMatching(/software/),
    });
  });

  it('a GPU with small limits: names the limit', async () => {
    const page = await visit.open('/', { before: withSmallLimits });
    expect(await call(page, 'failToFit', { elements: 60_000_000 })).toMatchObject({
      fault: true,
      code: 'limits-too-small',
      message: expect.stringMatching(/maxStorageBufferBindingSize|maxBufferSize/),
    });
  });

  it.each([{ device: 'gpu' }, { device: 'cpu', threads: 0 }, { device: 'cpu', threads: 1.5 }])(
    'the device $device with $threads threads',
    async choices => {
      const page = await visit.open('/');
      expect(await call(page, 'failToOpen', choices)).toMatchObject({ fault: true, code: 'option-invalid' });
    },
  );

  it.each([
    ['missing file', 'data-missing', /status 404/],
    ['not a data file', 'data-corrupt', /index\.html/],
    ['truncated gzip', 'data-corrupt', /unpack/],
    ['empty bytes', 'data-corrupt', /0 bytes/],
  ])('data: %s', async (name, code, words) => {
    const page = await visit.open('/', { allowed: /404/ });
    expect(await call(page, 'failToLoad', { name })).toMatchObject({
      fault: true,
      code,
      message: expect.stringMatching(words),
    });
  });

  it('data of the wrong shape', async () => {
    const page = await visit.open('/');
    expect(await call(page, 'failToBind', { shape: [20, 783] })).toMatchObject({
      fault: true,
      code: 'data-shape',
      message: expect.stringMatching(/my rows.*784.*783/),
    });
  });
});

describeInBrowser('a page that may not share memory', () => {
  const visit = visitor(mounts, { isolated: false });

  it('has no two threads', async () => {
    const page = await visit.open('/');
    expect(await call(page, 'failToOpen', { device: 'cpu', threads: 2 })).toMatchObject({
      fault: true,
      code: 'option-invalid',
      message: expect.stringMatching(/Cross-Origin-Opener-Policy/),
    });
  });
});
