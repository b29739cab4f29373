import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { casesOf } from '../support/long.ts';
import { waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
const EXPERIMENT = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'evaluation.every': 0,
  'evaluation.sampleEvery': 0,
  'optimizer.totalSteps': 4000,
});
const SLOTS = 8;
const PAIRS = casesOf(25, 10);
/** No edit may hold up the page for longer. */
const STALL_MS = 500;

/** What every frame of the page is looked at for. */
interface Watch {
  /** Durations of long tasks. */
  tasks: number[];
  /** Longest time between two frames. */
  gap: number;
  frames: number;
  /** Frames in which panels contradict each other. */
  wrong: string[];
}

declare global {
  interface Window {
    rackWatch?: Watch;
  }
}

/** Looks at every frame: rack, its own sum and heat map must show one expert space. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Watch = { tasks: [], gap: 0, frames: 0, wrong: [] };
    window.rackWatch = seen;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.tasks.push(duration);
    }).observe({ type: 'longtask' });
    const count = (selector: string) => document.querySelectorAll(selector).length;
    const rack = '[aria-label="Expert rack"]';
    let last = performance.now();
    const look = (now: number) => {
      seen.frames += 1;
      seen.gap = Math.max(seen.gap, now - last);
      last = now;
      const bars = count(`${rack} [data-slot]`);
      const sum = Number.parseInt(
        document.querySelector(`${rack} .rack-sizes`)?.textContent ?? '',
        10,
      );
      const heads = count('[aria-label="Load by layer and slot"] thead th') - 1;
      const cells = count('[aria-label="Load by layer and slot"] tbody tr:first-child td');
      // An edit under way is shown by the rack alone, and marked as such.
      const isSettled = count(`${rack} [aria-label="Slots"][aria-busy="false"]`) === 1;
      const areOne = bars === sum && heads === cells;
      if (!areOne || (isSettled && bars !== heads))
        seen.wrong.push(JSON.stringify({ isSettled, bars, sum, heads, cells }));
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

async function edit(page: Page, button: string, slots: number): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.waitForFunction((count) => {
    const rack = document.querySelector('[aria-label="Expert rack"]');
    const isSettled = rack?.querySelector('[aria-label="Slots"][aria-busy="false"]');
    return isSettled && rack?.querySelectorAll('[data-slot]').length === count;
  }, slots);
}

const gpuMemory = (page: Page) =>
  page.locator('.stats div', { hasText: 'GPU memory' }).locator('dd').innerText();

test(`${2 * PAIRS} edits while training neither stall the page nor show a wrong frame nor leak`, async () => {
  const page = await site().open(`#${encodeLink(EXPERIMENT)}`);
  await page.getByRole('button', { name: 'Start' }).click();
  await waitForStep(page, 5);
  const memory = await gpuMemory(page);
  await watch(page);
  const begun = Date.now();
  for (let i = 0; i < PAIRS; i++) {
    await edit(page, 'Clone rack slot 1', SLOTS + 1);
    await edit(page, 'Remove rack slot 2', SLOTS);
  }
  const seconds = (Date.now() - begun) / 1000;
  const seen = await page.evaluate(() => window.rackWatch);
  expect(seen?.wrong).toEqual([]);
  expect(Math.max(0, ...(seen?.tasks ?? []))).toBeLessThan(STALL_MS);
  expect(seen?.gap).toBeLessThan(STALL_MS);
  expect(seen?.frames).toBeGreaterThan(seconds);
  expect(await gpuMemory(page)).toBe(memory);
  expect(await page.getByText('Training', { exact: true }).first().isVisible()).toBe(true);
});
