import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { decodeCheckpoint } from '../../runtime/index.js';
import { keepGpus } from './gpu.js';
import { playground, setText, settled, textOf, withText } from './playground.js';
import { spec } from './site.js';
import { describeInBrowser, visitor } from './visit.js';

const panel = (page: Page, name: string) => page.getByRole('tabpanel', { name });
const choose = (page: Page, name: string) => page.getByRole('tab', { name }).click();
const textIn = async (page: Page, name: string, selector: string) =>
  (await panel(page, name).locator(selector).first().textContent())!;

describeInBrowser('the panes of a compiled program', () => {
  const visit = visitor(() => ({ '/': playground }), { isolated: true });

  it('show the model, its graphs, kernels and memory', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await settled(page, 'ready');
    await choose(page, 'Model');
    const description = await panel(page, 'Model').locator('svg.plates').getAttribute('aria-label');
    expect(description).toBe('Plate diagram. q(h | x), p(h), p(x | h).');
    expect(await panel(page, 'Model').locator('svg.plates .edge').count()).toBe(2);
    expect(await panel(page, 'Model').locator('.plate-label').allTextContents()).toEqual([
      'rows, 10 a batch',
      'samples, k = 3',
    ]);
    expect(await panel(page, 'Model').locator('tbody tr').allTextContents()).toEqual([
      'q(h | x)normal425,384',
      'p(h)normal40',
      'p(x | h)bernoulli78426,032',
    ]);

    await choose(page, 'Tensor graph');
    await expect.poll(() => textIn(page, 'Tensor graph', 'pre')).toMatch(/^graph train_step\n/);
    await panel(page, 'Tensor graph').locator('select').selectOption('sample');
    expect(await textIn(page, 'Tensor graph', 'pre')).toMatch(/^graph sample\n/);

    await choose(page, 'Kernels');
    expect(await textIn(page, 'Kernels', 'pre')).toMatch(/@compute/);
    expect(await panel(page, 'Kernels').locator('tbody tr').count()).toBeGreaterThan(1);

    await choose(page, 'Memory');
    await expect.poll(() => panel(page, 'Memory').locator('svg .block').count()).toBeGreaterThan(3);
    expect(await panel(page, 'Memory').locator('.lead').textContent()).toMatch(/^Peak [\d.,]+ KiB for \d+/);
  });

  it('fit a phone, with charts that can be read', async () => {
    const context = { viewport: { width: 360, height: 740 } };
    const page = await visit.open('/', { before: withText(spec), context });
    await settled(page, 'ready');
    for (const name of ['Model', 'Tensor graph', 'Kernels', 'Memory', 'Train', 'Compare']) {
      await choose(page, name);
      await expect.poll(() => panel(page, name).locator('svg, table').count()).toBeGreaterThan(0);
      expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(360);
    }
    await choose(page, 'Memory');
    const label = (await panel(page, 'Memory').locator('svg text').first().boundingBox())!;
    const chart = (await panel(page, 'Memory').locator('svg').boundingBox())!;
    expect(label.height).toBeGreaterThan(10);
    expect(label.x).toBeGreaterThanOrEqual(chart.x);
  });

  it('keep the last program that compiled, and say that it is old', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await settled(page, 'ready');
    await choose(page, 'Model');
    const old = (await textOf(page)).replace('size=4', 'sise=4');
    await setText(page, old);
    await settled(page, 'errors');
    expect(await textIn(page, 'Model', '.stale')).toMatch(/^Of the last text that compiled/);
    expect(await panel(page, 'Model').locator('svg.plates').count()).toBe(1);
  });

  it('say so where nothing has compiled', async () => {
    const page = await visit.open('/', { before: withText('model nothing {') });
    await settled(page, 'errors');
    await choose(page, 'Memory');
    expect(await textIn(page, 'Memory', '.stale')).toMatch(/^Nothing to show yet: the model has errors/);
  });
});

describeInBrowser('the comparison of two bounds', () => {
  const visit = visitor(() => ({ '/': playground }), { isolated: true });

  it('keeps both at the same step, and estimates both with the same k and n', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await settled(page, 'ready');
    await choose(page, 'Compare');
    const pane = panel(page, 'Compare');
    await pane.getByLabel('Second bound').fill('iwae(k=8)');
    await pane.getByLabel('Device').selectOption('cpu');
    await pane.getByRole('button', { name: 'Compare' }).click();
    const cells = (row: number) => pane.locator('tbody tr').nth(row).locator('td').allTextContents();
    const steps = async (row: number) => Number((await cells(row))[1]?.replaceAll(',', '') ?? 0);
    await expect.poll(() => steps(1), { timeout: 60_000 }).toBeGreaterThan(40);
    await pane.getByRole('button', { name: 'Pause and estimate' }).click();
    await expect.poll(() => pane.locator('.status').textContent()).toMatch(/^Paused, on CPU/);
    await expect.poll(() => pane.locator('caption').textContent()).toMatch(/n = 100 held-out digits$/);
    const [first, second] = [await cells(0), await cells(1)];
    expect([first[0], second[0]]).toEqual(['elbo(k=1)', 'iwae(k=8)']);
    expect(await steps(0)).toBe(await steps(1));
    for (const row of [first, second]) {
      const [one, fifty] = [row[3]!, row[4]!].map(text => Number.parseFloat(text));
      expect(fifty).toBeGreaterThan(one!);
    }
    expect(await pane.locator('svg .curve').count()).toBe(2);
  });

  it('goes on with both when the GPU is lost, in training and at rest', async () => {
    const page = await visit.open('/', { before: withText(spec) + keepGpus });
    await settled(page, 'ready');
    await choose(page, 'Compare');
    const pane = panel(page, 'Compare');
    await pane.getByLabel('Second bound').fill('iwae(k=2)');
    await pane.getByLabel('Device').selectOption('webgpu');
    await pane.getByRole('button', { name: 'Compare' }).click();
    const steps = async (row: number) =>
      Number(
        (await pane.locator('tbody tr').nth(row).locator('td').nth(1).textContent())!.replaceAll(',', ''),
      );
    await expect.poll(() => steps(1).catch(() => 0), { timeout: 60_000 }).toBeGreaterThan(0);
    await page.evaluate('window.openedGpus.at(-1).destroy()');
    await expect.poll(() => page.evaluate('window.openedGpus.length')).toBe(2);
    await expect.poll(() => pane.locator('.status').textContent()).toMatch(/^Training/);
    const before = await steps(1);
    await expect.poll(() => steps(1), { timeout: 60_000 }).toBeGreaterThan(before);
    await pane.getByRole('button', { name: 'Pause' }).first().click();
    await expect.poll(() => pane.locator('.status').textContent()).toMatch(/^Paused/);
    await page.evaluate('window.openedGpus.at(-1).destroy()');
    await pane.getByRole('button', { name: 'Pause and estimate' }).click();
    await expect.poll(() => pane.locator('caption').textContent(), { timeout: 60_000 }).toMatch(/n = 100/);
    await expect.poll(() => pane.locator('.status').textContent()).toMatch(/^Paused/);
    expect(await page.evaluate('window.openedGpus.length')).toBe(3);
    expect(await pane.getByRole('alert').count()).toBe(0);
    expect(await steps(0)).toBe(await steps(1));
  });

  it('says what is wrong with a bound', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await settled(page, 'ready');
    await choose(page, 'Compare');
    await panel(page, 'Compare').getByLabel('First bound').fill('iwea(k=1)');
    await panel(page, 'Compare').getByRole('button', { name: 'Compare' }).click();
    await expect.poll(() => panel(page, 'Compare').getByRole('alert').textContent()).toMatch(/iwea/);
  });
});

describeInBrowser('latents and files of a training', () => {
  const visit = visitor(() => ({ '/': playground }), { isolated: true });

  it('maps two latents, and saves and opens parameters', async () => {
    const plane = spec.replace('size=4', 'size=2').replace('[4]', '[2]');
    const page = await visit.open('/', { before: withText(plane) });
    await settled(page, 'ready');
    const pane = panel(page, 'Train');
    await pane.getByLabel('Device').selectOption('cpu');
    await pane.getByRole('button', { name: 'Train', exact: true }).click();
    await expect.poll(() => pane.locator('svg.map .point').count()).toBe(500);
    expect(await pane.locator('.activity').textContent()).toMatch(
      /^Active units of h: [012] of 2\..*n = 500 held-out rows\.$/,
    );
    await pane.getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => pane.locator('.status').first().textContent()).toBe('Paused');
    const download = page.waitForEvent('download');
    await pane.getByRole('button', { name: 'Save parameters' }).click();
    const path = await (await download).path();
    const step = decodeCheckpoint(readFileSync(path)).facts.step;
    expect(step).toBeGreaterThan(0);
    await pane.getByRole('button', { name: 'Start over' }).click();
    await expect.poll(() => pane.getByRole('button', { name: 'Pause' }).count()).toBe(1);
    await pane.getByRole('button', { name: 'Pause' }).click();
    await pane.getByLabel('A checkpoint').setInputFiles(path);
    await expect
      .poll(() => pane.locator('.files [role=status]').textContent())
      .toContain(`opened, at step ${step.toLocaleString('en')}.`);
    await pane
      .getByLabel('A checkpoint')
      .setInputFiles({ name: 'mine.safetensors', mimeType: '', buffer: Buffer.from('nothing') });
    await expect.poll(() => pane.locator('.files [role=status]').textContent()).toMatch(/mine\.safetensors/);
  });
});
