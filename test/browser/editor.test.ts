import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { playground, setText, settled, textOf, withText } from './playground.js';
import { root, spec } from './site.js';
import { describeInBrowser, visitor } from './visit.js';

/** Not at the root of the server: the built files work under any path. */
const path = 'some/path/';
const mounts = () => ({ '/some/path/': playground });

/** Text that the editor underlines, and the line it stands on. */
const underlined = async (page: Page) => ({
  text: (await page.locator('.cm-lintRange').allTextContents()).join(''),
  line: await page
    .locator('.cm-line', { has: page.locator('.cm-lintRange') })
    .first()
    .textContent(),
});

const wrong = spec.replace('size=4', 'sise=4');

describeInBrowser('the editor of the playground', () => {
  const visit = visitor(mounts, { isolated: true });

  it('compiles the first example when it opens', async () => {
    const page = await visit.open(path);
    await settled(page, 'ready');
    expect(await textOf(page)).toContain('model mnist1l');
  });

  it('shows a mistake where it is, and leads there', async () => {
    const page = await visit.open(path, { before: withText(spec) });
    await settled(page, 'ready');
    await setText(page, wrong);
    await settled(page, 'errors');
    expect(await underlined(page)).toEqual({
      text: 'sise',
      line: '    h ~ gaussian_mlp(x, hidden=[32], sise=4)',
    });
    const item = page.locator('.problems button').first();
    expect(await item.textContent()).toMatch(/no argument `sise`.*line 5, column 38 \(unknown-argument\)/);
    await page.keyboard.press('ControlOrMeta+Home');
    await item.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.insertText('size=4, ');
    expect(await textOf(page)).toContain('hidden=[32], size=4, sise=4');
  });

  it('compiles again when the mistake is mended', async () => {
    const page = await visit.open(path, { before: withText(spec) });
    await settled(page, 'ready');
    await setText(page, wrong);
    await settled(page, 'errors');
    await setText(page, spec);
    await settled(page, 'ready');
    expect(await page.locator('.cm-lintRange').count()).toBe(0);
  });

  it('colours words as the lexer reads them', async () => {
    const page = await visit.open(path);
    await settled(page, 'ready');
    const of = (kind: string) => page.locator(`.token-${kind}`).allTextContents();
    expect(await of('keyword')).toEqual(
      expect.arrayContaining(['model', 'data', 'recognition', 'let', 'bound']),
    );
    expect(await of('number')).toContain('784');
    expect(await of('call')).toContain('gaussian_mlp');
  });

  it('says what a word means and is worth', async () => {
    const page = await visit.open(path);
    await settled(page, 'ready');
    await page.locator('.token-call', { hasText: 'gaussian_mlp' }).hover();
    const tooltip = page.locator('.cm-tooltip-hover .details');
    await tooltip.waitFor();
    expect(await tooltip.textContent()).toMatch(/layer gaussian_mlp\(.*: normal\[50\].*217,300 parameters/);
  });

  it('says so at the cursor by key, and to those who do not see it', async () => {
    const page = await visit.open(path);
    await settled(page, 'ready');
    await page.locator('.token-call', { hasText: 'gaussian_mlp' }).click();
    await page.keyboard.press('ControlOrMeta+i');
    await page.locator('.cm-tooltip .details').first().waitFor();
    await expect
      .poll(() => page.locator('#announcer').textContent())
      .toMatch(/gaussian_mlp.*217,300 parameters/);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('.cm-tooltip:not(.cm-tooltip-hover) .details').count()).toBe(0);
  });

  it('completes names and arguments', async () => {
    const page = await visit.open(path, { before: withText(spec) });
    await settled(page, 'ready');
    await setText(page, 'model a {\n  bound iwa');
    await page.keyboard.press('Control+Space');
    await page.locator('.cm-tooltip-autocomplete').waitFor();
    expect(await page.locator('.cm-completionLabel').allTextContents()).toContain('iwae');
    await page.waitForTimeout(100);
    await page.keyboard.press('Enter');
    expect(await textOf(page)).toContain('bound iwae');
  });

  it('has every shipped spec', async () => {
    const page = await visit.open(path, { before: withText(spec) });
    await settled(page, 'ready');
    const menu = page.locator('label:has-text("Example") select');
    const names = (await menu.locator('option').allTextContents()).map(text => text.split(':')[0]);
    const shipped = readdirSync(join(root, 'specs')).filter(name => name.endsWith('.iwae'));
    expect(names).toEqual(['Your own text', ...shipped.map(name => name.replace('.iwae', ''))]);
    await menu.selectOption('ppca');
    await settled(page, 'ready');
    const text = readFileSync(join(root, 'specs/ppca.iwae'), 'utf8');
    expect(await textOf(page)).toBe(text);
    expect(await page.locator('.hint').first().textContent()).toMatch(/needs x: real\[5\]/);
  });

  it('leaves the page by Tab', async () => {
    const page = await visit.open(path, { before: withText(spec) });
    await settled(page, 'ready');
    await page.click('.cm-content');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.closest(".cm-editor") === null')).toBe(true);
  });
});
