import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, expect, test } from 'vitest';
import { threadLoad } from '../support/mainThread.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
const folder = mkdtempSync(join(tmpdir(), 'switchyard-curves-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PATIENCE = { timeout: 60_000 };
/** Longest task of the page's thread that a person does not feel, in ms. */
const LONGEST_MS = 50;

/** The page once all of it is there and at rest. */
async function openPage(): Promise<Page> {
  const page = await site().open();
  await page.getByRole('button', { name: 'Add CSV…' }).waitFor();
  await page.getByLabel('Sampled text').waitFor();
  await untilIdle(page);
  return page;
}

/**
 * Waits until the page's thread has had nothing to do for half a second. Chromium can forget an idle
 * callback of a page that draws nothing: each is asked for within a frame, and has a timeout.
 */
async function untilIdle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let idle = 0; idle < 10; ) {
      await new Promise(requestAnimationFrame);
      const left = await new Promise<number>((resolve) => {
        requestIdleCallback((deadline) => resolve(deadline.timeRemaining()), { timeout: 1000 });
      });
      idle = left > 5 ? idle + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
}

async function addFile(page: Page, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, text);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add CSV…' }).click();
  await (await chooser).setFiles(path);
}

/** Names of the kept runs as their fields show them. */
async function keptNames(page: Page): Promise<string[]> {
  const fields = page.getByRole('region', { name: 'Kept runs' }).getByRole('textbox');
  return Promise.all((await fields.all()).map((field) => field.inputValue()));
}

async function exported(page: Page, format: RegExp): Promise<Buffer> {
  await page.getByRole('button', { name: 'Export Loss' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: format }).click();
  return readFile(await (await download).path());
}

/**
 * Processor time of the longest task on the page's thread while `work` goes on, in ms; time by the clock
 * is printed beside it. It is no measure of the page: on a machine that is busy with other things it
 * counts those, too.
 */
async function longestTask(page: Page, work: () => Promise<void>): Promise<number> {
  const { longest, byClock } = await threadLoad(page, work);
  console.info(
    `longest task: ${longest.toFixed(1)} ms of processor time; above 50 ms by the clock: ` +
      `${byClock.length}, the longest ${Math.max(0, ...byClock).toFixed(0)} ms`,
  );
  return longest;
}

/** Moves the pointer over the loss chart, and drags it to a zoom. */
async function lookAround(page: Page): Promise<void> {
  const box = await page.getByRole('slider', { name: 'Step cursor of Loss' }).boundingBox();
  if (box === null) throw new Error('the chart is not there');
  const y = box.y + box.height / 2;
  for (let part = 0.1; part < 0.9; part += 0.1) await page.mouse.move(box.x + part * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.5 * box.width, y);
  await page.mouse.up();
  await untilIdle(page);
  await page.mouse.dblclick(box.x + 0.5 * box.width, y);
  await untilIdle(page);
}

test('names stand as they were typed: in the page, in SVG, PNG and CSV', async () => {
  const page = await site().open();
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.evaluate(() => {
    window.alert = () => document.body.setAttribute('data-ran', 'yes');
  });
  const names = [
    '<img src=x onerror=alert(1)>',
    'a<b & c',
    'x&ltimes',
    "]]> ' \u0001 Run 1, 30 steps",
  ];
  await addFile(page, `${names[0]}.csv`, 'step,loss,val_loss\n1,4,5\n2,3,4\n');
  await addFile(page, `${names[1]}.csv`, 'step,loss\n1,4\n');
  await addFile(page, 'w.csv', `step,${names[2]} - loss,"${names[3]} - loss"\n1,4,5\n2,3,4\n`);
  await expect.poll(() => keptNames(page), PATIENCE).toEqual(names);

  const svg = (await exported(page, /^SVG/)).toString('utf8');
  const read = await page.evaluate((text) => {
    const picture = new DOMParser().parseFromString(text, 'image/svg+xml');
    return {
      error: picture.querySelector('parsererror')?.textContent ?? null,
      foreign: [...picture.querySelectorAll('*')].filter((node) => {
        return node.namespaceURI !== 'http://www.w3.org/2000/svg' || node.localName === 'script';
      }).length,
      texts: [...picture.querySelectorAll('text')].map((node) => node.textContent),
    };
  }, svg);
  expect(read.error).toBeNull();
  expect(read.foreign).toBe(0);
  for (const name of names.slice(0, 3)) expect(read.texts).toContain(`${name}, smoothed`);
  expect(read.texts).toContain(`${names[0]}, validation`);
  expect(read.texts).toContain(`${names[3]?.replace('\u0001', '\ufffd')}, raw`);

  const png = await exported(page, /^PNG/);
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBeGreaterThan(1000);

  const table = (await exported(page, /^CSV/)).toString('utf8');
  await addFile(page, 'back.csv', table);
  await expect
    .poll(() => keptNames(page))
    .toEqual([...names, ...names.map((name) => `${name} (2)`)]);
  const cells = page.locator('.tip').getByText('<img src=x onerror=alert(1)> (2), raw');
  await page.getByRole('slider', { name: 'Step cursor of Loss' }).press('Home');
  await cells.waitFor();
  expect(await page.locator('body').getAttribute('data-ran')).toBeNull();
  expect(
    requests.filter((url) => !/^(blob|data):/.test(url) && !url.startsWith(site().address)),
  ).toEqual([]);
});

test('no number of a chart is cut, no label covers another, one point is a dot', async () => {
  const page = await site().open();
  const rows = 'step,loss,lr,grad_norm\n';
  await addFile(page, 'one.csv', `${rows}7,4,0.000012,12345.5\n`);
  await addFile(page, 'two.csv', `${rows}7,4,0.000012,12345.5\n8,5,0.0000121,123456.5\n`);
  await page.locator('path[data-dots="one - train"]').waitFor({ state: 'attached' });
  await page.locator('.recharts-cartesian-axis').first().waitFor({ state: 'attached' });
  const labels = await page.evaluate(() =>
    [...document.querySelectorAll('.plot')].map((plot) => {
      const frame = plot.getBoundingClientRect();
      return [...plot.querySelectorAll('text')].map((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect();
        const isCut = left < frame.left - 0.5 || right > frame.right + 0.5;
        return { text: text.textContent, left, right, top, bottom, isCut };
      });
    }),
  );
  expect(labels.flat().length).toBeGreaterThan(12);
  expect(labels.flat().filter(({ isCut }) => isCut)).toEqual([]);
  const covered = labels.flatMap((chart) =>
    chart.filter((a, i) =>
      chart.slice(i + 1).some((b) => {
        const isBeside = a.right <= b.left + 0.5 || b.right <= a.left + 0.5;
        return !isBeside && a.top < b.bottom - 2 && b.top < a.bottom - 2;
      }),
    ),
  );
  expect(covered).toEqual([]);
});

test('a sparse file that reaches to ten million stays sparse, and its export small', async () => {
  const page = await openPage();
  const longest = await longestTask(page, async () => {
    await addFile(page, 'far.csv', 'step,loss\n0,4\n5000000,3.1\n10000000,3\n');
    await expect.poll(() => keptNames(page), PATIENCE).toEqual(['far']);
    await lookAround(page);
  });
  expect(longest).toBeLessThan(LONGEST_MS);
  const table = (await exported(page, /^CSV/)).toString('utf8');
  expect(
    table
      .trim()
      .split('\n')
      .map((line) => line.split(',')[0]),
  ).toEqual(['step', '0', '5000000', '10000000']);
});

test('a file of 32 MB is read, drawn and looked at without a task above 50 ms', async () => {
  const page = await openPage();
  const wide = 'x'.repeat(16);
  const row = (i: number) =>
    `${i},${(4 + Math.sin(i / 50)).toFixed(3)},${i % 3 ? '' : '4.5'},${wide}\n`;
  const lines = ['step,loss,val_loss,note\n'];
  for (let i = 1, size = 0; size < 31_900_000 && i <= 1_000_000; i++)
    size += lines[lines.push(row(i)) - 1]!.length;
  const text = lines.join('');
  expect(text.length).toBeGreaterThan(31_000_000);
  const longest = await longestTask(page, async () => {
    await addFile(page, 'large.csv', text);
    await page.getByRole('progressbar', { name: 'Reading large.csv' }).waitFor();
    await page
      .locator('path[data-line="large - smoothed"]')
      .waitFor({ state: 'attached', timeout: 60_000 });
    await untilIdle(page);
    await lookAround(page);
  });
  expect(longest).toBeLessThan(LONGEST_MS);

  await page.reload();
  await expect.poll(() => keptNames(page), PATIENCE).toEqual(['large']);
  await page.locator('path[data-line="large - smoothed"]').waitFor({ state: 'attached' });

  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add CSV…' }).click();
  await (await chooser).setFiles(join(folder, 'large.csv'));
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
  expect(await keptNames(page)).toEqual(['large']);
});
