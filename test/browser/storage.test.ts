import { deflateSync, strToU8 } from 'fflate';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { playground, setText, settled, textOf, withText } from './playground.js';
import { spec } from './site.js';
import { describeInBrowser, visitor } from './visit.js';

const mounts = () => ({ '/': playground });

const own = spec.replace('model small', 'model mine');
const notice = (page: Page) => page.locator('.notice p').allTextContents();
const fragment = (bytes: Uint8Array) =>
  `#model=${Buffer.from(bytes).toString('base64url').replaceAll('=', '')}`;
const packed = (text: string) => fragment(deflateSync(strToU8(text)));

/** Waits until the editor has taken up what was typed. */
const kept = (page: Page, text: string) =>
  page.waitForFunction(`localStorage.getItem('iwaec-playground-text') === ${JSON.stringify(text)}`);

/** A browser whose storage takes nothing more. */
const full = `Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };`;
/** A browser that gives no storage at all, as with cookies off. */
const off = `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('off', 'SecurityError'); } });`;

describeInBrowser('the text of a person', () => {
  const visit = visitor(mounts, { isolated: false });

  it('is kept over a reload', async () => {
    const page = await visit.open('/');
    await setText(page, own);
    await kept(page, own);
    await page.reload();
    await settled(page, 'ready');
    expect(await textOf(page)).toBe(own);
  });

  it.each([
    ['full', full],
    ['off', off],
  ])('is told to be kept elsewhere where storage is %s', async (_, before) => {
    const page = await visit.open('/', { before });
    await setText(page, own);
    expect((await notice(page)).join()).toMatch(/does not keep your text/);
    expect(await textOf(page)).toBe(own);
  });

  it('goes round through a shared address', async () => {
    const page = await visit.open('/');
    await setText(page, own);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.waitForFunction('location.hash.startsWith("#model=")');
    const shared = new URL(page.url());
    const other = await visit.open(`/${shared.hash}`);
    await settled(other, 'ready');
    expect(await textOf(other)).toBe(own);
  });

  it('survives a reload of a shared address that it was edited under', async () => {
    const page = await visit.open(`/${packed(spec)}`);
    await setText(page, own);
    await kept(page, own);
    await page.reload();
    await page.waitForSelector('.cm-line');
    expect(await textOf(page)).toBe(own);
  });

  it('can be had back when a shared model or an example replaces it', async () => {
    const page = await visit.open('/');
    await setText(page, own);
    await kept(page, own);
    await page.goto(`${page.url().split('#')[0]}${packed(spec)}`);
    await settled(page, 'ready');
    expect(await textOf(page)).toBe(spec);
    await page.getByRole('button', { name: 'Get it back' }).click();
    expect(await textOf(page)).toBe(own);
    await page.locator('label:has-text("Example") select').selectOption('ppca');
    await page.getByRole('button', { name: 'Get it back' }).click();
    expect(await textOf(page)).toBe(own);
  });

  it('can be had back in a later visit', async () => {
    const page = await visit.open('/');
    await setText(page, own);
    await kept(page, own);
    await page.goto(`${page.url().split('#')[0]}${packed(spec)}`);
    await settled(page, 'ready');
    await page.goto(page.url().split('#')[0]!);
    await page.reload();
    await settled(page, 'ready');
    await page.getByRole('button', { name: 'Earlier text' }).click();
    expect(await textOf(page)).toBe(own);
  });

  it.each([
    ['letters that are none', '#model=%00%ff<script>', /characters/],
    ['nothing', '#model=', /characters/],
    [
      'random bytes',
      fragment(Uint8Array.from({ length: 300 }, (_, i) => (i * 7919) % 256)),
      /damaged|cut off/,
    ],
    ['a cut end', packed(own).slice(0, -40), /cut off|damaged/],
    ['no text', fragment(deflateSync(Uint8Array.of(0xff, 0xfe, 0x80))), /no text/],
    ['a bomb', packed('a'.repeat(10_000_000)), /longer than/],
  ])('is not touched by an address with %s', async (_, hash, words) => {
    const page = await visit.open(`/${hash}`);
    expect((await notice(page)).join()).toMatch(words);
    expect(await textOf(page)).toContain('model mnist1l');
  });

  it('is too long for an address at some length, and says so', async () => {
    const noise = Array.from({ length: 9000 }, (_, i) => `// ${((i + 1) * 2654435761) % 4294967296}\n`).join(
      '',
    );
    const page = await visit.open('/', { before: withText(noise) });
    await page.getByRole('button', { name: 'Share' }).click();
    await expect.poll(async () => (await notice(page)).join()).toMatch(/too long for an address/);
  });
});
