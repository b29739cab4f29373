import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { goToRoom, shownStep, takeSteps, waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
const SMALL = '#v=1&D=32&L=1&x=4x32&B=2&S=32&te=0&wu=5&n=400';
const SLOW = 60_000;

const library = (page: Page) => page.getByRole('region', { name: 'Library' });
const rowOf = (page: Page, name: string) =>
  library(page).locator('tr[data-run]', { has: page.getByRole('button', { name, exact: true }) });
const names = (page: Page) =>
  library(page).locator('tr[data-run] [data-at="name"]').allInnerTexts();

/** Number in the column of steps. */
const stepsOf = (page: Page, name: string) =>
  rowOf(page, name).locator('td.num').first().innerText();

test('a run that took a step is there after a reload, with its name', async () => {
  const page = await site().open(SMALL);
  await takeSteps(page, 3);
  await goToRoom(page, 'Runs');
  await rowOf(page, 'Run 1').waitFor({ timeout: SLOW });
  await expect.poll(() => stepsOf(page, 'Run 1'), { timeout: SLOW }).toBe('3');
  await library(page).getByRole('button', { name: 'Run 1', exact: true }).press('F2');
  const input = page.getByLabel('Name of Run 1');
  await input.fill('the first one');
  await input.press('Enter');
  await page.reload();
  await goToRoom(page, 'Runs');
  await rowOf(page, 'the first one').waitFor({ timeout: SLOW });
  expect(await stepsOf(page, 'the first one')).toBe('3');
  expect(await names(page)).toEqual(['the first one']);
  await page.getByRole('region', { name: 'Comparison' }).getByText('the first one').waitFor();
});

/** Most time whose metrics may be missing of a run whose page is gone. */
const MOST_LOST_MS = 5000;

test('a tab that is closed while it trains loses five seconds of metrics at most', async () => {
  const page = await site().open(SMALL.replace('n=400', 'n=100000'));
  const next = await page.context().newPage();
  await page.bringToFront();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await waitForStep(page, 2);
  const shown: { at: number; step: number }[] = [];
  for (const end = Date.now() + MOST_LOST_MS + 1000; Date.now() < end; ) {
    shown.push({ at: Date.now(), step: await shownStep(page) });
    await page.waitForTimeout(100);
  }
  const closed = page.waitForEvent('close');
  const due = shown.findLast(({ at }) => at <= Date.now() - MOST_LOST_MS)!.step;
  await page.close({ runBeforeUnload: true });
  await closed;
  await next.goto(site().address);
  await next.getByRole('button', { name: 'Go on' }).waitFor({ timeout: SLOW });
  await goToRoom(next, 'Runs');
  await rowOf(next, 'Run 1').waitFor({ timeout: SLOW });
  expect(due).toBeGreaterThan(1);
  expect(Number((await stepsOf(next, 'Run 1')).replaceAll(',', ''))).toBeGreaterThanOrEqual(due);
});

/** Files that the model of the run whose details are open is handed over as. */
async function handedOver(page: Page): Promise<string[]> {
  const saved = page.waitForEvent('download', { timeout: SLOW });
  await library(page).getByRole('button', { name: 'Hand over…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  const zip = await readFile(await (await saved).path());
  return Object.keys(unzipSync(zip)).sort();
}

/** Two steps of a new run, with a checkpoint behind them. */
async function takeTwoStored(page: Page): Promise<void> {
  await takeSteps(page, 2);
  await goToRoom(page, 'Runs');
  await rowOf(page, 'Run 1').waitFor({ timeout: SLOW });
  await library(page).getByRole('button', { name: 'Run 1', exact: true }).click();
  await library(page).getByRole('button', { name: 'Store a checkpoint now' }).click();
  await library(page).getByRole('button', { name: 'Fork at step 2' }).waitFor({ timeout: SLOW });
}

test('a fork stands under its parent, which stays as it is and is handed over', async () => {
  const page = await site().open(SMALL);
  await takeTwoStored(page);
  const files = [
    'README.md',
    'config.json',
    'model.py',
    'model.safetensors',
    'moments.safetensors',
    'train.py',
  ];
  expect(await handedOver(page)).toEqual(files.map((name) => `switchyard-step2/${name}`));
  await takeSteps(page, 3);
  await expect.poll(() => stepsOf(page, 'Run 1'), { timeout: SLOW }).toBe('5');
  await library(page).getByRole('button', { name: 'Fork at step 2' }).click();
  await expect.poll(() => shownStep(page), { timeout: SLOW }).toBe(2);
  await takeSteps(page, 2);
  await rowOf(page, 'Run 2').waitFor({ timeout: SLOW });
  await rowOf(page, 'Run 2').getByText('fork @ 2').waitFor();
  expect(await stepsOf(page, 'Run 1')).toBe('5');
  await library(page).getByRole('button', { name: 'Lineage' }).click();
  const family = page.getByRole('region', { name: 'Run 1 and its forks' });
  expect(await family.getByRole('listitem').count()).toBe(2);
});

test('a stored run is shown in all rooms while another one trains', async () => {
  const page = await site().open(SMALL);
  await takeSteps(page, 4);
  await goToRoom(page, 'Runs');
  await expect.poll(() => stepsOf(page, 'Run 1'), { timeout: SLOW }).toBe('4');
  await page.reload();
  await goToRoom(page, 'Runs');
  await library(page).getByRole('button', { name: 'Run 1', exact: true }).click();
  await library(page).getByRole('button', { name: 'Open', exact: true }).click();
  const banner = page.getByRole('region', { name: 'A stored run is shown' });
  expect(await banner.innerText()).toContain('You see Run 1, 4 steps');
  const cursor = page.getByRole('slider', { name: 'Step cursor of Loss' });
  await expect.poll(() => cursor.getAttribute('aria-valuemax')).toBe('4');
  await goToRoom(page, 'Routing');
  await expect
    .poll(() => page.locator('[aria-label="Load per expert"] > header .sub').innerText())
    .toContain('4');
  await banner.getByRole('button').click();
  await banner.waitFor({ state: 'detached' });
  await expect
    .poll(() => page.locator('[aria-label="Load per expert"] > header .sub').innerText())
    .not.toContain('4');
});

test('what is deleted comes back, and what is chosen is compared', async () => {
  const page = await site().open(SMALL);
  const chooser = page.waitForEvent('filechooser');
  await goToRoom(page, 'Runs');
  await library(page).getByRole('button', { name: 'Add CSV…' }).click();
  const csv = (run: number) =>
    `step,loss\n${Array.from({ length: 50 }, (_, i) => `${i + 1},${run + 3 / (i + 1)}`).join('\n')}\n`;
  await (await chooser).setFiles(
    [1, 2, 3].map((run) => ({
      name: `other ${run}.csv`,
      mimeType: 'text/csv',
      buffer: Buffer.from(csv(run)),
    })),
  );
  await library(page).getByText('3 runs').waitFor({ timeout: SLOW });
  await library(page).getByLabel('Choose other 1').check();
  await library(page).getByLabel('Choose other 3').check();
  const table = page.getByRole('region', { name: 'Compared runs' });
  await expect.poll(() => table.getByRole('rowheader').allInnerTexts()).toHaveLength(2);
  await page.locator('.compare-chart', { hasText: '2 lines' }).first().waitFor();
  await library(page)
    .getByRole('region', { name: 'Chosen runs' })
    .getByRole('button', { name: 'Delete' })
    .click();
  await expect.poll(() => names(page)).toEqual(['other 2']);
  await library(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => names(page)).toHaveLength(3);
});

test('on a narrow screen nothing is wider than the screen', async () => {
  const page = await site().open(`${SMALL}&room=runs`);
  await page.setViewportSize({ width: 390, height: 844 });
  await takeSteps(page, 2);
  await waitForStep(page, 2);
  await rowOf(page, 'Run 1').waitFor({ timeout: SLOW });
  await library(page).getByRole('button', { name: 'Run 1', exact: true }).click();
  await page.getByRole('region', { name: 'Details of Run 1' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test('a stored run is asked probe tasks on demand, and has its answers after a reload', async () => {
  const page = await site().open(SMALL.replace('S=32', 'S=128'));
  await takeTwoStored(page);
  const probes = page.getByRole('region', { name: 'Probe tasks' });
  /** The stored run after a reload: nothing of it is open. */
  async function look(): Promise<void> {
    await page.reload();
    await goToRoom(page, 'Runs');
    await library(page).getByRole('button', { name: 'Run 1', exact: true }).click();
    await library(page).getByRole('button', { name: 'Open', exact: true }).click();
    await goToRoom(page, 'Data');
    await probes.scrollIntoViewIfNeeded();
  }
  await look();
  await probes.getByText('This run answered no probe tasks yet').waitFor({ timeout: SLOW });
  const items = probes.getByLabel('Items of each task and domain, at most');
  await items.fill('2');
  await items.press('Enter');
  await probes.getByRole('button', { name: 'Ask now' }).click();
  await probes.getByRole('button', { name: 'Cancel' }).click();
  await probes.getByRole('button', { name: 'Ask now' }).waitFor({ timeout: SLOW });
  expect(await probes.locator('tbody tr').count()).toBe(0);
  await probes.getByRole('button', { name: 'Ask now' }).click();
  await probes.getByText('step 2, seed 1').waitFor({ timeout: SLOW });
  const rows = await probes.locator('tbody tr').allInnerTexts();
  expect(rows.join('\n')).toMatch(/Arithmetic[\s\S]*?\d of 2\n/);
  await look();
  await probes.getByText('step 2, seed 1').waitFor({ timeout: SLOW });
  expect(await probes.locator('tbody tr').allInnerTexts()).toEqual(rows);
});
