import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
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
