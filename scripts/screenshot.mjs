// @ts-check
/**
 * Pictures of the built page, for people who work on it:
 *
 *     npm run build && npm run screenshot -- --size 1440x900 --size 390x844 --scheme dark
 *         --click Start --wait 20 --hash '#v=1' --full --out screenshots
 *
 * Every option but `--click`, `--hash` and `--full` has a default; `--size` and `--scheme` repeat.
 * `--click` presses the first button of that name, `--wait` gives it seconds to show something.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { launchOptions } from './browser.mjs';

const { values } = parseArgs({
  options: {
    size: { type: 'string', multiple: true, default: ['1440x900', '390x844'] },
    scheme: { type: 'string', multiple: true, default: ['light', 'dark'] },
    click: { type: 'string' },
    wait: { type: 'string', default: '2' },
    hash: { type: 'string', default: '' },
    full: { type: 'boolean', default: false },
    out: { type: 'string', default: 'screenshots' },
  },
});

/** @param {string} text @returns {{ width: number, height: number }} */
function parseSize(text) {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (!width || !height) throw new Error(`--size ${text}: expected WIDTHxHEIGHT, as in 1440x900`);
  return { width: Number(width), height: Number(height) };
}

/** @param {string} text @returns {'light' | 'dark'} */
function parseScheme(text) {
  if (text !== 'light' && text !== 'dark') throw new Error(`--scheme ${text}: light or dark`);
  return text;
}

/**
 * @param {import('playwright').Browser} browser
 * @param {string} address
 * @param {string} size
 * @param {string} scheme
 */
async function shoot(browser, address, size, scheme) {
  const page = await browser.newPage({
    viewport: parseSize(size),
    colorScheme: parseScheme(scheme),
    deviceScaleFactor: 2,
  });
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(`console: ${message.text()}`);
  });
  await page.goto(address + values.hash);
  if (values.click) await page.getByRole('button', { name: values.click }).first().click();
  await page.waitForTimeout(Number(values.wait) * 1000);
  const path = join(values.out, `${size}-${scheme}.png`);
  await page.screenshot({ path, fullPage: values.full });
  await page.close();
  console.log(path);
}

mkdirSync(values.out, { recursive: true });
const server = await preview({ logLevel: 'warn', preview: { port: 0 } });
const browser = await chromium.launch(launchOptions());
try {
  const [address] = server.resolvedUrls?.local ?? [];
  if (!address) throw new Error('The preview server has no local address.');
  for (const size of values.size) {
    for (const scheme of values.scheme) await shoot(browser, address, size, scheme);
  }
} finally {
  await browser.close();
  await server.close();
}
