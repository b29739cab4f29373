import { defineConfig } from 'vitest/config';

/** Checks that take minutes: large models, long runs. `npm run test:long` runs them one by one. */
export default defineConfig({
  test: {
    include: ['tests/long/**/*.long.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 1_800_000,
  },
});
