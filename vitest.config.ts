import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: [
            'unit',
            'numeric',
            'diagnostics',
            'architecture',
            'differential',
            'golden',
            'fuzz',
            'specification',
          ].map(area => `test/${area}/**/*.test.ts`),
          // Seconds on a quiet machine; a busy one must not fail them.
          testTimeout: 60_000,
          maxWorkers: '100%',
          // Read the compiler once for each worker and not once for each file.
          isolate: false,
        },
      },
      {
        test: {
          name: 'cli',
          include: ['test/cli/**/*.test.ts'],
          globalSetup: ['test/device/setup.ts'],
          // Commands are processes of their own, in folders of their own, and most of them keep one core busy.
          pool: 'forks',
          maxWorkers: '100%',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'device',
          include: ['test/device/**/*.test.ts'],
          globalSetup: ['test/device/setup.ts'],
          // A device is lost with the process it crashes.
          pool: 'forks',
          maxWorkers: '100%',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/setup.ts'],
          expect: { poll: { timeout: 30_000 } },
          pool: 'forks',
          maxWorkers: '100%',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
