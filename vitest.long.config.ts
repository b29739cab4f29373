import { defineConfig } from 'vitest/config';

/**
 * What takes minutes: large models, long runs, and tests of which `npm test` runs a sample, here
 * whole. `npm run test:long` runs them one by one.
 */
export default defineConfig({
  test: {
    include: ['tests/long/**/*.long.ts', 'tests/**/*.long.test.ts'],
    environment: 'node',
    globalSetup: 'tests/support/builtSite.ts',
    env: { SWITCHYARD_LONG: '1' },
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
  },
});
