import { spawnSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';
import { probeAdapters } from '../../runtime/node.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Name of the WebGPU adapter that device tests run on, or null. */
    readonly adapter: string | null;
  }
}

/** Tests that start processes run the built files. Type errors are the type check's business, not theirs. */
function build(): void {
  const options = { stdio: 'ignore', shell: process.platform === 'win32' } as const;
  spawnSync(process.execPath, ['scripts/embed-stdlib.mjs'], options);
  spawnSync('npx', ['tsc', '-p', 'tsconfig.build.json'], options);
  spawnSync(process.execPath, ['scripts/bundle-compiler.mjs'], options);
  spawnSync(process.execPath, ['scripts/bundle-runtime.mjs'], options);
}

/**
 * Looks for an adapter once for all the projects that ask, which unpacks the software driver. Without one, a CI run fails
 * and a local run is told.
 */
export default async function setup(project: TestProject): Promise<void> {
  const whole = project.vitest.getRootProject();
  if ('adapter' in whole.getProvidedContext()) return;
  build();
  const { adapter, advice } = await probeAdapters();
  if (adapter === null && process.env.CI !== undefined)
    throw new Error(`no WebGPU adapter for device tests: ${advice}`);
  if (adapter === null)
    console.warn(`\nNO WEBGPU ADAPTER: device tests are skipped. To mend it: ${advice}\n`);
  whole.provide('adapter', adapter?.name ?? null);
}
