// @ts-check
/**
 * Makes a machine ready for `npm test`: a Chromium, a WebGPU adapter for Node, the corpora,
 * xz. Does nothing where all is there. Installs what it can (with apt as root on Debian, else a browser
 * through Playwright), and otherwise says in one sentence what to install.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { canUseApt, install, installMesa } from './apt.mjs';
import { findBrowser } from './browser.mjs';
import { withModule } from './loadModule.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Exists once a faster driver was looked for: a machine that has none is not asked at every test. */
const MESA_TRIED = `${root}node_modules/.cache/switchyard/mesa-tried`;

const NO_BROWSER =
  'No Chromium: install chromium or Google Chrome, or run `npx playwright install chromium`.';

/** @param {string} text */
function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function ensureBrowser() {
  if (findBrowser() !== null) return;
  if (canUseApt()) {
    say('installing Chromium with apt');
    install(['chromium']);
  }
  if (findBrowser() === null) {
    say("installing Playwright's Chromium");
    spawnSync('npx', ['--no-install', 'playwright', 'install', 'chromium'], { stdio: 'inherit' });
  }
  if (findBrowser() === null) throw new Error(NO_BROWSER);
}

/** @returns {Promise<string>} what Node computes on; rejects with a sentence where there is nothing */
function nodeAdapter() {
  return withModule('src/gpu/adapter.node.ts', async ({ requestNodeDevice }) => {
    const { description, close } = await requestNodeDevice();
    close();
    return description;
  });
}

/** SwiftShader works, but lavapipe is several times faster: where apt can be used, it is installed. */
async function ensureAdapter() {
  const found = await nodeAdapter().catch(() => null);
  const isSlow = found !== null && /swiftshader/i.test(found);
  if (found !== null && !isSlow) return found;
  if (canUseApt() && !(isSlow && existsSync(MESA_TRIED))) {
    say('installing the lavapipe driver with apt');
    installMesa();
    mkdirSync(new URL('.', `file://${MESA_TRIED}`), { recursive: true });
    writeFileSync(MESA_TRIED, '');
  }
  return nodeAdapter();
}

/** `npm run pack` compresses with xz; without it that test alone is left out, so this never fails. */
function ensureXz() {
  const hasXz = () => spawnSync('xz', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!hasXz() && canUseApt()) {
    say('installing xz with apt');
    install(['xz-utils']);
  }
  if (!hasXz()) say('xz is missing: npm run pack needs it, and its test is not run.');
}

function ensureCorpora() {
  const { status } = spawnSync(process.execPath, ['scripts/assembleCorpora.mjs'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('The corpora could not be assembled: see above.');
}

try {
  ensureBrowser();
  const adapter = await ensureAdapter();
  ensureCorpora();
  ensureXz();
  say(`Chromium is ${findBrowser()}; Node computes on ${adapter}`);
  process.exit(0);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
