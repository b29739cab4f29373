// @ts-check
/** Which Chromium to drive, and how: for the browser tests, the set-up and the screenshots. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const MAC_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Path of an installed Chromium or Chrome: `CHROMIUM_PATH`, the system's, or Playwright's own.
 * @returns {string | null} null where there is none
 */
export function findBrowser() {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const candidates = [process.env.CHROMIUM_PATH, ...onPath, ...MAC_APPS, chromium.executablePath()];
  return candidates.find((path) => path && existsSync(path)) ?? null;
}

/**
 * Launch options for Playwright. On Linux the WebGPU adapter is Chromium's own SwiftShader, so that
 * machines without a GPU give the same results as those with one.
 * @returns {{ executablePath: string, args: string[] }}
 * @throws Error where no browser is installed
 */
export function launchOptions() {
  const executablePath = findBrowser();
  if (executablePath === null) {
    throw new Error('No Chromium found: run `node scripts/setup.mjs`, or set CHROMIUM_PATH.');
  }
  const software =
    process.platform === 'linux'
      ? ['--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan']
      : [];
  return {
    executablePath,
    args: [
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      ...software,
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  };
}
