import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import packageJson from './package.json' with { type: 'json' };
import { findBrowser, launchOptions } from './scripts/browser.mjs';

/** Tests that need a device in Node; tests/structure.suites.test.ts holds the suffix to that. */
const GPU = ['tests/**/*.gpu.test.ts', 'tests/**/*.gpu.long.test.ts'];
/** Tests that need a document, without a browser. */
const DOM = ['tests/{state,ui}/**/*.test.{ts,tsx}'];
/** Tests inside a real Chromium. */
const BROWSER = ['tests/browser/**/*.test.{ts,tsx}'];
/** Playwright drives the built page from Node. */
const PAGE = ['tests/page/**/*.test.ts'];

const pagePackages = Object.keys(packageJson.dependencies).filter((name) => name !== 'webgpu');

export default defineConfig({
  plugins: [react()],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: [...GPU, ...DOM, ...BROWSER, ...PAGE],
          environment: 'node',
          // Files of one process share what they import: that is most of what short ones take.
          isolate: false,
          maxWorkers: 2,
          // Property tests draw much; a loaded machine is no failure.
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'dom',
          include: DOM,
          environment: 'happy-dom',
          setupFiles: 'tests/support/document.ts',
          isolate: false,
          maxWorkers: 2,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // A process per file: a driver that crashes takes one file along. Two at a time, since the software
        // adapters use all cores for large models only, and tests have small ones.
        extends: true,
        test: {
          name: 'gpu',
          include: GPU,
          environment: 'node',
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        // Known from the start: a package that is found late makes the page reload during its tests.
        optimizeDeps: { include: pagePackages },
        test: {
          name: 'browser',
          include: BROWSER,
          testTimeout: 180_000,
          sequence: { groupOrder: 2 },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            // Without a browser the other projects still run; `npm test` installs one first.
            provider: playwright({ launchOptions: findBrowser() ? launchOptions() : {} }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'page',
          include: PAGE,
          environment: 'node',
          globalSetup: 'tests/support/builtSite.ts',
          // One process and one browser for all files: some look at the clock, and two browsers at once made others hang.
          isolate: false,
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
