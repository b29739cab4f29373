/** Training goes on whatever the browser's storage does, and the page says what is not stored. */
import type { BrowserContext, Page } from 'playwright';
import { expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { shownStep, waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();

const SMALL = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'model.D': 16,
  'evaluation.every': 0,
  'evaluation.sampleEvery': 0,
});
const LINK = `#${encodeLink(SMALL)}`;
const PATIENCE = { timeout: 60_000 };

/** What a page writes to the console as an error; what it throws fails the test by itself. */
function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}

async function storageOf(page: Page) {
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(site().address);
  return { session, origin };
}

const start = (page: Page) => page.getByRole('button', { name: /^(Start|Resume)$/ }).click();

/** Trains on for some steps more. */
async function trainsOn(page: Page): Promise<void> {
  await waitForStep(page, (await shownStep(page)) + 10);
}

/** A profile in which neither page nor worker gets a database. */
async function denyDatabase(context: BrowserContext): Promise<void> {
  const deny = `Object.defineProperty(self, 'indexedDB', { value: { open() {
    throw new DOMException('denied by the test', 'SecurityError');
  } } });\n`;
  await context.addInitScript(deny);
  await context.route(/trainer\.worker[^/]*\.js/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: deny + (await response.text()) });
  });
}

test('where storage is denied, the visit works and says so', async () => {
  const page = await site().open(LINK, denyDatabase);
  const errors = errorsOf(page);
  await start(page);
  await waitForStep(page, 5);
  const banner = page.getByRole('alert').filter({ hasText: 'kept for this visit alone' });
  await banner.waitFor(PATIENCE);
  expect(await banner.innerText()).toContain('denied by the test');
  await trainsOn(page);
  await banner.getByRole('button', { name: 'Dismiss' }).click();
  await trainsOn(page);
  expect(await banner.count()).toBe(0);
  expect(errors).toEqual([]);
}, 180_000);

test('where storage is full, training goes on, and is stored once there is room', async () => {
  const page = await site().open(LINK);
  const errors = errorsOf(page);
  const { session, origin } = await storageOf(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
  await start(page);
  const banner = page.getByRole('alert').filter({ hasText: 'is not stored' });
  await banner.waitFor(PATIENCE);
  expect(await banner.innerText()).toMatch(/full.*\d+(\.\d+)? (B|KiB)/s);
  await trainsOn(page);
  await banner.getByRole('button', { name: 'Delete the oldest checkpoints' }).click();
  await page.getByText('There is no checkpoint that could be deleted').waitFor();
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await banner.waitFor({ state: 'detached', ...PATIENCE });
  await trainsOn(page);
  expect(errors).toEqual([]);
}, 180_000);

test('where storage is wiped while the page is open, it says so and stores from there on', async () => {
  const page = await site().open(LINK);
  const errors = errorsOf(page);
  await start(page);
  await waitForStep(page, 5);
  await page.waitForTimeout(2000);
  const { session, origin } = await storageOf(page);
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
  const banner = page.getByRole('alert').filter({ hasText: 'is gone' });
  await banner.waitFor(PATIENCE);
  await trainsOn(page);
  const count = () =>
    page.evaluate(async () => {
      const request = indexedDB.open('switchyard.runs');
      await new Promise((resolve) => request.addEventListener('success', resolve));
      const rows = request.result.transaction('rows').objectStore('rows').count();
      await new Promise((resolve) => rows.addEventListener('success', resolve));
      request.result.close();
      return rows.result;
    });
  await expect.poll(count, PATIENCE).toBe(1);
  expect(errors).toEqual([]);
}, 180_000);
