import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    // Vitest leaves one core free; tests that boot hosts wait more than they work.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          globalSetup: 'test/temporary.ts',
          // Many start processes, and beside a lab those take their time.
          testTimeout: 30_000,
        },
      },
      // In Debian's Chromium.
      {
        test: {
          name: 'page',
          include: ['test/page/**/*.test.ts'],
          globalSetup: 'test/temporary.ts',
          testTimeout: 30_000,
          // The sample is slow to make, and nobody changes it.
          isolate: false,
        },
      },
      {
        test: {
          // Each file has a lab of its own.
          name: 'lab',
          include: ['test/contract/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
