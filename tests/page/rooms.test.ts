import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { countScripts } from '../../bench/pageMetrics.ts';
import { goToRoom, takeSteps } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
const EIGHT = '#v=1&D=32&x=8x32&B=2&S=32&te=0&wu=5&n=500';

/** How far something reaches below the window, in pixels; 0 where all of it is seen. */
async function below(page: Page, selector: string): Promise<number> {
  return page.locator(selector).evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return Math.max(0, -top, bottom - window.innerHeight);
  });
}

/** What the page may load before anything is pressed, worker and shaders counted, gzip, in kB. */
const INITIAL_KB = 300;

test('the front door loads little before anything is pressed', async () => {
  let loaded = async () => 0;
  const page = await site().open('', async (context) => {
    loaded = countScripts(context);
  });
  await page.locator('.adapter .tag').first().waitFor();
  await page.locator('.rack-list').waitFor();
  await page.waitForLoadState('networkidle');
  const size = await loaded();
  expect(size).toBeGreaterThan(200);
  expect(size).toBeLessThan(INITIAL_KB);
});

test('loss curve, rack and load are seen together on a low screen', async () => {
  const page = await site().open(EIGHT);
  await page.setViewportSize({ width: 1280, height: 720 });
  await takeSteps(page, 2);
  const curve = '[data-view="loss"] .chart-frame >> nth=0';
  for (const part of [curve, '[data-view="load"]', '[data-view="rack"] .rack-list'])
    expect(await below(page, part), part).toBe(0);
  expect(await page.evaluate(() => document.scrollingElement?.scrollTop)).toBe(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
});

test('back and forward go through rooms, and a link opens the one that it names', async () => {
  const page = await site().open(EIGHT);
  await takeSteps(page, 1);
  await page.evaluate(() => window.scrollTo(0, 200));
  await goToRoom(page, 'Cost');
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
  expect(page.url()).toMatch(/&room=cost$/);
  await goToRoom(page, 'Routing');
  await page.goBack();
  await page.getByRole('region', { name: 'Size and cost' }).waitFor();
  await page.goBack();
  await page.getByRole('region', { name: 'Expert rack' }).waitFor();
  expect(page.url()).not.toContain('room=');
  await page.goForward();
  await page.getByRole('region', { name: 'Size and cost' }).waitFor();
  // The run was asked for nothing meanwhile.
  expect(await page.locator('.run-progress .labels').innerText()).toContain('step 1 ');
  const other = await site().open(new URL(page.url()).hash);
  await other.getByRole('region', { name: 'Size and cost' }).waitFor();
});

test('on a narrow screen the rooms are where a thumb reaches', async () => {
  const page = await site().open(`${EIGHT}&room=routing`);
  await page.setViewportSize({ width: 390, height: 844 });
  const bar = page.locator('nav.rooms');
  const box = await bar.boundingBox();
  expect(box).toMatchObject({ x: 0, width: 390 });
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBe(844);
  expect(box?.height).toBeGreaterThanOrEqual(44);
  await goToRoom(page, 'Cost');
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('dialog').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
