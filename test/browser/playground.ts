import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from './site.js';

/** Its files, which the setup has built. */
export const playground = join(root, 'dist/playground');

/** Waits until the text was checked, and compiled where it is right. */
export const settled = (page: Page, status: 'ready' | 'errors') =>
  page.waitForSelector(`.problem-pane .status[data-status=${status}]`, { timeout: 60_000 });

/** Replaces the whole text as a person would who pastes. */
export async function setText(page: Page, text: string): Promise<void> {
  await page.click('.cm-content');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

export const textOf = async (page: Page): Promise<string> =>
  (await page.locator('.cm-line').allTextContents()).join('\n');

/** For a page that opens with this text instead of the first example, which takes longer to compile. */
export const withText = (text: string): string =>
  `localStorage.setItem('iwaec-playground-text', ${JSON.stringify(text)});`;
