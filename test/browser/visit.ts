import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect, inject } from 'vitest';
import { startChromium } from './chromium.js';
import { type Mounts, type StaticServer, serve } from './server.js';

/** `describe` for tests that need the browser; they are skipped where the setup found none. */
export const describeInBrowser = describe.skipIf(inject('chromium') === null);

export interface Visitor {
  /** Opens an address below the server; whatever the page complains of fails the test. */
  open(path: string, options?: VisitOptions): Promise<Page>;
}

export interface VisitOptions {
  /** Runs in the page before anything of it. */
  readonly before?: string;
  readonly context?: BrowserContextOptions;
  /** What the page may say on its console all the same. */
  readonly allowed?: RegExp;
}

/** A browser and a server for the tests of one file. */
export function visitor(mounts: () => Mounts, { isolated }: { readonly isolated: boolean }): Visitor {
  let browser: Promise<Browser> | null = null;
  let server: Promise<StaticServer> | null = null;
  let complaints: string[] = [];
  const pages: Page[] = [];
  afterEach(async () => {
    const said = complaints;
    complaints = [];
    await Promise.all(pages.splice(0).map(page => page.context().close()));
    expect(said, 'the console of the page').toEqual([]);
  });
  afterAll(async () => {
    await (await browser)?.close();
    await (await server)?.close();
  });
  return {
    async open(path, { before, context, allowed } = {}) {
      browser ??= startChromium(inject('chromium')!);
      server ??= serve(mounts(), { isolated });
      const page = await (await (await browser).newContext(context)).newPage();
      pages.push(page);
      const complain = (text: string) => {
        if (allowed?.test(text) !== true) complaints.push(text);
      };
      page.on('console', message => {
        if (message.type() === 'error' || message.type() === 'warning') complain(message.text());
      });
      page.on('pageerror', error => complain(String(error)));
      if (before !== undefined) await page.addInitScript(before);
      await page.goto(new URL(path, (await server).address).href);
      return page;
    },
  };
}

/** Calls a function of `test/browser/pages/session.js` in the page. */
export const call = (page: Page, name: string, argument: unknown = {}): Promise<unknown> =>
  page.evaluate(`import('/pages/session.js').then(page => page.${name}(${JSON.stringify(argument)}))`);
