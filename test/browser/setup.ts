import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { unpackChromium } from './chromium.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the unpacked Chromium, or null. */
    readonly chromium: string | null;
  }
}

/** Unpacks the browser once, and builds the playground as `npm run playground:build` does. Without one, a CI run fails and a local run is told. */
export default async function setup(project: TestProject): Promise<void> {
  const folder = await unpackChromium();
  if (folder === null && process.env.CI !== undefined) throw new Error('no browser for the browser tests');
  if (folder === null) console.warn('\nNO BROWSER FOR THIS MACHINE: browser tests are skipped.\n');
  project.provide('chromium', folder);
  if (folder !== null) await build({ configFile: 'playground/vite.config.ts', logLevel: 'error' });
}
