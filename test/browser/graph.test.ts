import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { playground, settled, withText } from './playground.js';
import { root, spec } from './site.js';
import { describeInBrowser, visitor } from './visit.js';

const pane = (page: Page, name = 'Tensor graph') => page.getByRole('tabpanel', { name });
const choose = (page: Page, name = 'Tensor graph') => page.getByRole('tab', { name }).click();
const frame = (page: Page) => pane(page).getByRole('region', { name: 'Picture of the graph train_step' });
const boxes = (page: Page) => pane(page).locator('svg.tensor-graph .block');
const widthOf = async (page: Page) => (await pane(page).locator('svg.tensor-graph').boundingBox())!.width;

async function opened(page: Page): Promise<void> {
  await settled(page, 'ready');
  await choose(page);
  await boxes(page).first().waitFor();
}

describeInBrowser('the picture of a tensor graph', () => {
  const visit = visitor(() => ({ '/': playground }), { isolated: true });

  it('has a box for each product, with its axes and sizes, and one for each result', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await opened(page);
    const text = (await pane(page).locator('pre.listing').textContent())!;
    const products = [...text.matchAll(/^ +%\d+ \[([^\]]*)\] contract .* over (.*)$/gm)];
    const drawn = pane(page).locator('svg.tensor-graph .block.product:not(.reference)');
    const expected = products.map(([, axes, over]) => {
      const sizes = axes!.split(' ').map(axis => axis.split(':') as [string, string]);
      const elements = sizes.reduce((product, [, size]) => product * Number(size), 1);
      return `contract over ${over}${sizes.map(axis => axis.join(' ')).join(' × ')} = ${elements.toLocaleString('en')}`;
    });
    const found = await drawn.evaluateAll(nodes =>
      nodes.map(node => [...node.querySelectorAll('text')].map(text => text.textContent).join('')),
    );
    expect(found.sort()).toEqual(expected.sort());
    const results = [...text.matchAll(/^ {2}output (\S+)/gm)].map(match => match[1]);
    expect(await pane(page).locator('.block.output .operation').allTextContents()).toEqual(results);
  });

  it('joins element-wise runs, or shows every operation', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await opened(page);
    const joined = await pane(page).locator('.block.elementwise:not(.reference)').count();
    await pane(page).getByLabel('element-wise runs as one box').uncheck();
    const all = await pane(page).locator('.block.elementwise:not(.reference)').count();
    expect(all).toBeGreaterThan(joined);
    const text = (await pane(page).locator('pre.listing').textContent())!;
    const others = /^(?:contract|rename|stop|input|dataset|host|noise|index|(?:sum|max) %\d+ over|-?[\d.])/;
    const lines = [...text.matchAll(/^ +%\d+ \[[^\]]*\] (.*)$/gm)].map(match => match[1]!);
    expect(all).toBe(lines.filter(line => !others.test(line)).length);
  });

  it('is zoomed and walked through by key, and says what is chosen', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await opened(page);
    await frame(page).focus();
    const before = await widthOf(page);
    await page.keyboard.press('+');
    expect(await widthOf(page)).toBeCloseTo(before * 1.25, 0);
    await page.keyboard.press('0');
    const whole = (await pane(page).locator('svg.tensor-graph').boundingBox())!;
    const room = (await frame(page).boundingBox())!;
    expect(whole.height).toBeLessThanOrEqual(room.height);
    expect(whole.width).toBeLessThanOrEqual(room.width);
    await page.keyboard.press('n');
    await page.keyboard.press('n');
    expect(await pane(page).locator('.block.is-chosen').count()).toBeGreaterThan(0);
    expect(await pane(page).locator('.chosen').textContent()).toMatch(/^%\d+ \[/);
    for (let i = 0; i < 8; i++) await page.keyboard.press('+');
    const box = (await pane(page).locator('.block.is-chosen').first().boundingBox())!;
    expect(box.y).toBeGreaterThanOrEqual(room.y);
    expect(box.y + box.height).toBeLessThanOrEqual(room.y + room.height);
    await page.keyboard.press('Escape');
    expect(await pane(page).locator('.block.is-chosen').count()).toBe(0);
  });

  it('goes from a reference to where its value is computed', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await opened(page);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const reference = pane(page).locator('.block.reference').first();
    const title = (await reference.locator('.operation').textContent())!.replace('from ', '');
    await reference.click();
    const source = pane(page).locator('.block.is-chosen:not(.reference)');
    expect(await source.locator('.operation').textContent()).toBe(title);
    const [box, room] = [(await source.boundingBox())!, (await frame(page).boundingBox())!];
    expect(box.y).toBeGreaterThanOrEqual(room.y);
    expect(box.y + box.height).toBeLessThanOrEqual(room.y + room.height);
  });

  it('moves by wheel and by dragging', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await opened(page);
    const room = (await frame(page).boundingBox())!;
    await page.mouse.move(room.x + 60, room.y + 300);
    const before = await widthOf(page);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -300);
    await page.keyboard.up('Control');
    await expect.poll(() => widthOf(page)).toBeGreaterThan(before * 2);
    const top = () => frame(page).evaluate(node => node.scrollTop);
    const start = await top();
    await page.mouse.down();
    await page.mouse.move(room.x + 60, room.y + 200, { steps: 4 });
    await page.mouse.up();
    expect((await top()) - start).toBeCloseTo(100, -1);
  });
});

describeInBrowser('a program of several stages', () => {
  const visit = visitor(() => ({ '/': playground }), { isolated: true });
  const staged = spec
    .replace('bound iwae(k=3)', 'bound elbo(k=2) for 1 epochs then iwae(k=3)')
    .replace('epochs=1)', 'epochs=2)');
  const labels = ['train_step, stage 1 of 2: elbo(k=2)', 'train_step, stage 2 of 2: iwae(k=3)'];

  it('has the graphs, kernels and memory of each', async () => {
    const page = await visit.open('/', { before: withText(staged) });
    await opened(page);
    const offered = (name: string) =>
      pane(page, name).locator('select').first().locator('option').allTextContents();
    const graphs = labels.flatMap(label => [label, `${label}, then update`]);
    expect(await offered('Tensor graph')).toEqual(expect.arrayContaining(graphs));
    const sizes = async (name: string, stage: string) => {
      await pane(page, name).locator('select').first().selectOption({ label: stage });
      return pane(page, name).locator('.table-frame, pre.listing').first().textContent();
    };
    expect(await sizes('Tensor graph', labels[0]!)).toMatch(/^graph train_step\.0\n.*k:2/s);
    expect(await sizes('Tensor graph', labels[1]!)).toMatch(/^graph train_step\n.*k:3/s);
    for (const name of ['Kernels', 'Memory']) {
      await choose(page, name);
      await expect.poll(() => offered(name)).toEqual(expect.arrayContaining(labels));
      const [first, second] = [await sizes(name, labels[0]!), await sizes(name, labels[1]!)];
      expect(first).not.toBe(second);
    }
  });

  it('is a shipped spec too', async () => {
    const text = readFileSync(join(root, 'specs/mnist1l_staged.iwae'), 'utf8');
    const page = await visit.open('/', { before: withText(text) });
    await opened(page);
    expect(await boxes(page).count()).toBeGreaterThan(30);
  });
});

describeInBrowser('keys and motion', () => {
  const visit = visitor(() => ({ '/': playground }), { isolated: true });

  it('are listed behind a button and a key, and typing is not taken for one', async () => {
    const page = await visit.open('/', { before: withText(spec) });
    await settled(page, 'ready');
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await page.getByRole('button', { name: 'Shortcuts' }).click();
    expect(await dialog.locator('h3').allTextContents()).toEqual(
      expect.arrayContaining(['Editor', 'Tabs of the views', 'Picture of a tensor graph']),
    );
    await page.keyboard.press('Escape');
    expect(await dialog.isVisible()).toBe(false);
    await page.getByRole('tab', { name: 'Train' }).focus();
    await page.keyboard.press('?');
    expect(await dialog.isVisible()).toBe(true);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.click('.cm-content');
    await page.keyboard.press('?');
    expect(await dialog.isVisible()).toBe(false);
  });

  it('stand still for those who ask for it', async () => {
    const motion = async (page: Page) => ({
      cursor: await page.evaluate(
        "getComputedStyle(document.querySelector('.cm-cursorLayer')).animationName",
      ),
      graph: await page.evaluate("getComputedStyle(document.querySelector('.graph-frame')).scrollBehavior"),
    });
    const page = await visit.open('/', { before: withText(spec) });
    await opened(page);
    await page.focus('.cm-content');
    // The editor blinks its cursor from its next frame on.
    const eventually = { timeout: 10_000 };
    await expect
      .poll(() => motion(page), eventually)
      .toEqual({ cursor: expect.stringMatching(/blink/), graph: 'smooth' });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await expect.poll(() => motion(page), eventually).toEqual({ cursor: 'none', graph: 'auto' });
  });
});
