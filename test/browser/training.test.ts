import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { keepGpus, withoutWebGpu, withSmallLimits } from './gpu.js';
import { playground, settled, textOf, withText } from './playground.js';
import { spec } from './site.js';
import { describeInBrowser, visitor } from './visit.js';

const mounts = () => ({ '/': playground });

const withSmallModel = withText(spec);
const panel = (page: Page) => page.getByRole('tabpanel', { name: 'Train' });
const button = (page: Page, name: string) => panel(page).getByRole('button', { name, exact: true });
const status = (page: Page) => panel(page).locator('.status');
/** What stands beside the name that begins so. */
const fact = async (page: Page, name: string) => {
  const rows = panel(page).locator('.facts div');
  return (await rows
    .filter({ has: page.locator(`dt:text-matches("^${name}")`) })
    .locator('dd')
    .textContent({ timeout: 2000 }))!;
};
const steps = async (page: Page) => Number((await fact(page, 'step')).replaceAll(',', '').split(' ')[0]);

/** Opens the small model's page and starts its training. */
async function begin(page: Page, device: string): Promise<void> {
  await settled(page, 'ready');
  await panel(page).getByLabel('Device').selectOption(device);
  await button(page, 'Train').click();
  await expect.poll(() => steps(page).catch(() => 0), { timeout: 60_000 }).toBeGreaterThan(5);
}

describeInBrowser('the training pane', () => {
  const visit = visitor(mounts, { isolated: true });

  it('trains, shows where it stands, pauses and goes on', async () => {
    const page = await visit.open('/', { before: withSmallModel });
    await begin(page, 'auto');
    expect(await fact(page, 'bound iwae.k=3.')).toMatch(/^-\d+\.\d\d nats$/);
    expect(await fact(page, 'speed, batch 10')).toMatch(/steps\/s$/);
    expect(await panel(page).locator('.device').textContent()).toMatch(/Runs on CPU, 2 threads.*software/);
    expect(await panel(page).locator('canvas.gallery:visible').count()).toBe(3);
    expect(await panel(page).locator('svg.plot').getAttribute('aria-label')).toMatch(/nats at step \d+/);
    await button(page, 'Pause').click();
    await expect.poll(() => status(page).textContent()).toBe('Paused');
    await page.waitForTimeout(300);
    const paused = await steps(page);
    await button(page, 'Resume').click();
    await expect.poll(() => steps(page)).toBeGreaterThan(paused);
  });

  it('starts over, however often it is asked', async () => {
    const page = await visit.open('/', { before: withSmallModel });
    await begin(page, 'cpu');
    await button(page, 'Start over').dblclick();
    const paused = async () => {
      await button(page, 'Pause')
        .click({ timeout: 500 })
        .catch(() => undefined);
      return status(page).textContent();
    };
    await expect.poll(paused, { timeout: 30_000, interval: 500 }).toBe('Paused');
  });

  it('recovers when the GPU is lost', async () => {
    const page = await visit.open('/', { before: withSmallModel + keepGpus });
    await begin(page, 'webgpu');
    expect(await panel(page).locator('.device').textContent()).toMatch(/swiftshader.*emulated in software/);
    await page.evaluate('window.openedGpus.at(-1).destroy()');
    await expect.poll(() => page.evaluate('window.openedGpus.length')).toBe(2);
    await expect.poll(() => status(page).textContent()).toMatch(/^Training/);
    const before = await steps(page);
    await expect.poll(() => steps(page)).toBeGreaterThan(before);
  });

  it('says which limit of the GPU is too small for the model', async () => {
    const large = spec.replace('batch 10', 'batch 2000').replace('iwae(k=3)', 'iwae(k=200)');
    const page = await visit.open('/', { before: withText(large) + withSmallLimits });
    await settled(page, 'ready');
    await panel(page).getByLabel('Device').selectOption('webgpu');
    await button(page, 'Train').click();
    await expect
      .poll(() => panel(page).getByRole('alert').textContent())
      .toMatch(/maxStorageBufferBindingSize|maxBufferSize/);
    expect(await status(page).textContent()).toBe('Stopped');
    expect(await textOf(page)).toContain('batch 2000');
  });

  it('goes on in a tab that was frozen in the background, or gets no frames', async () => {
    const page = await visit.open('/', {
      before: `${withSmallModel} window.requestAnimationFrame = () => 0;`,
    });
    await begin(page, 'cpu');
    const control = await page.context().newCDPSession(page);
    await control.send('Page.setWebLifecycleState', { state: 'frozen' });
    await new Promise(resolve => setTimeout(resolve, 1500));
    await control.send('Page.setWebLifecycleState', { state: 'active' });
    const before = await steps(page);
    await expect.poll(() => steps(page)).toBeGreaterThan(before);
    expect(await status(page).textContent()).toMatch(/^Training/);
  });

  it('says what a file of the wrong shape lacks', async () => {
    const page = await visit.open('/', { before: withSmallModel });
    await settled(page, 'ready');
    await panel(page).getByLabel('Data').selectOption('file');
    expect(await button(page, 'Train').isDisabled()).toBe(true);
    const file = Buffer.from([0, 0, 8, 2, 0, 0, 0, 20, 0, 0, 0, 3, ...new Array(60).fill(7)]);
    await panel(page)
      .getByLabel('A file of rows')
      .setInputFiles({ name: 'mine.idx', mimeType: 'application/octet-stream', buffer: file });
    await button(page, 'Train').click();
    await expect.poll(() => panel(page).getByRole('alert').textContent()).toMatch(/mine\.idx.*784.*3/);
    expect(await button(page, 'Train').isEnabled()).toBe(true);
  });
});

describeInBrowser('the training pane without shared memory or WebGPU', () => {
  const visit = visitor(mounts, { isolated: false });

  it('trains in one worker, and says why', async () => {
    const page = await visit.open('/', { before: withSmallModel + withoutWebGpu });
    await begin(page, 'auto');
    expect(await panel(page).locator('.device').textContent()).toMatch(
      /CPU, 1 thread.*no WebGPU.*one thread/,
    );
  });

  it('says what to do where WebGPU is asked for', async () => {
    const page = await visit.open('/', { before: withSmallModel + withoutWebGpu });
    await settled(page, 'ready');
    await panel(page).getByLabel('Device').selectOption('webgpu');
    await button(page, 'Train').click();
    await expect
      .poll(() => panel(page).getByRole('alert').textContent())
      .toMatch(/no WebGPU.*use a browser with WebGPU/);
  });
});
