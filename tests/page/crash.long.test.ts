/** Runs outlast a page that is killed, not closed. */
import type { BrowserContext, Page } from 'playwright';
import { expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Change } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { casesOf } from '../support/long.ts';
import { exportedLosses, setField, shownStep, waitForStep } from '../support/pageRun.ts';
import { type Site, useSite } from '../support/site.ts';

const site = useSite();

/** Steps beyond the killed run's that are compared with a third page's, which takes a while; 0: none. */
const BEYOND = casesOf(10, 0);
/** Most time whose metrics may be missing. */
const MOST_LOST_MS = 5000;
const OWN = {
  name: 'sheep.txt',
  text: 'The sheep went up the hill, and down the hill.\n'.repeat(300),
};
const CHANGE: Change = {
  ...TINY_SIZE,
  'model.D': 16,
  'evaluation.every': 20,
  'evaluation.sampleEvery': 0,
};
const PLAIN = applyChange(DEFAULTS_V1, CHANGE);
const ON_OWN = applyChange(PLAIN, { 'data.mix': { own: 1 } });

interface Stored {
  id: string;
  name: string;
  status: string;
  steps: number;
  parent: { id: string; step: number } | null;
  experiment: unknown;
  checkpoints: { step: number }[];
}

/** The rows of the library, read past the page. */
function storedRows(page: Page): Promise<Stored[]> {
  return page.evaluate(
    () =>
      new Promise<Stored[]>((resolve, reject) => {
        const request = indexedDB.open('switchyard.runs');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const all = request.result.transaction('rows').objectStore('rows').getAll();
          all.onsuccess = () => {
            request.result.close();
            resolve(all.result);
          };
        };
      }),
  );
}

/** Another page of the same profile; what it throws or writes to the console as an error fails the test. */
async function again(context: BrowserContext, address: string, errors: string[]): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(address);
  return page;
}

async function giveOwnText(page: Page): Promise<void> {
  const field = page.locator('.own-text');
  if (!(await field.isVisible())) await page.locator('summary', { hasText: 'Text' }).click();
  const chooser = page.waitForEvent('filechooser');
  await field.getByRole('button', { name: 'Choose a file…' }).click();
  const file = { name: OWN.name, mimeType: 'text/plain', buffer: Buffer.from(OWN.text) };
  await (await chooser).setFiles(file);
  await page.locator('.own-text', { hasText: OWN.name }).waitFor();
}

const start = (page: Page) => page.getByRole('button', { name: /^(Start|Resume)$/ }).click();

async function pause(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: /^(Start|Resume)$/ }).waitFor();
}

/** Kills the page's process, its worker's with it. */
async function kill(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
}

/** Trains for some time with an edit on the way; what was shown when. */
async function trainUntil(page: Page, ms: number): Promise<{ at: number; step: number }[]> {
  const seen: { at: number; step: number }[] = [];
  await start(page);
  await waitForStep(page, 1);
  const begun = Date.now();
  let isEdited = false;
  while (Date.now() - begun < ms) {
    seen.push({ at: Date.now(), step: await shownStep(page) });
    if (!isEdited && Date.now() - begun > ms / 3) {
      await setField(page, 'Optimiser', 'optimizer.lr', '0.002');
      isEdited = true;
    }
    await page.waitForTimeout(50);
  }
  return seen;
}

const lossOf = (rows: Record<string, string>[]) =>
  new Map(rows.filter(({ train }) => train !== '').map(({ step, train }) => [Number(step), train]));

/** The losses of an experiment that nobody interrupts, up to a step at least. */
async function uninterrupted(of: Site, fragment: string, isOwn: boolean, step: number) {
  const page = await of.open(`#${fragment}`);
  if (isOwn) await giveOwnText(page);
  await start(page);
  await waitForStep(page, step);
  await pause(page);
  const losses = lossOf(await exportedLosses(page));
  await page.context().close();
  return losses;
}

async function dieAndGoOn(i: number): Promise<void> {
  const isOwn = i % 2 === 1;
  const moment = 700 + (hashChain(12, i) % 9000);
  const page = await site().open(`#${encodeLink(isOwn ? ON_OWN : PLAIN)}`);
  const context = page.context();
  if (isOwn) await giveOwnText(page);
  const seen = await trainUntil(page, moment);
  const shown = lossOf(await exportedLosses(page));
  await kill(page);
  const killed = Date.now();

  const errors: string[] = [];
  const next = await again(context, site().address, errors);
  await next.getByRole('button', { name: 'Go on' }).waitFor();
  const [row, ...others] = await storedRows(next);
  expect(others).toEqual([]);
  const due = seen.findLast(({ at }) => at <= killed - MOST_LOST_MS)?.step ?? 0;
  expect(row!.steps, `stored after ${moment} ms`).toBeGreaterThanOrEqual(due);
  await next.getByRole('button', { name: 'Go on' }).click();
  const from = row!.checkpoints.at(-1)?.step ?? 0;
  await expect.poll(() => shownStep(next), { timeout: 60_000 }).toBe(from);
  if (moment > 8000) expect(from).toBeGreaterThan(0);
  await start(next);
  // What the killed page showed was uninterrupted up to its end, some of it after the checkpoint.
  const goal = Math.max(row!.steps + BEYOND, ...shown.keys());
  expect(Math.max(...shown.keys())).toBeGreaterThan(from);
  await waitForStep(next, goal);
  await pause(next);
  const losses = lossOf(await exportedLosses(next));
  const link = encodeLink((await storedRows(next))[0]!.experiment as typeof PLAIN);
  await context.close();
  for (const [step, loss] of shown) expect([step, losses.get(step)]).toEqual([step, loss]);
  if (BEYOND > 0) {
    const whole = await uninterrupted(site(), link, isOwn, goal);
    for (let step = 1; step <= goal; step++)
      expect([step, losses.get(step)]).toEqual([step, whole.get(step)]);
  }
  expect(errors).toEqual([]);
}

/** The sample's comes 6.2 s after the start, when there are a checkpoint and metrics that must be stored. */
const MOMENTS = casesOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [10]);

test.each(MOMENTS)(
  'a page killed at random moment %i leaves a run that goes on, bit for bit',
  (i) => dieAndGoOn(i),
  240_000,
);
