import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { useSite } from '../support/site.ts';

const site = useSite();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
const link = (K: number, B: number) => `#v=1&D=32&L=1&x=4x32&K=${K}&B=${B}&S=32&te=0&wu=5&n=110`;

test('two experiments take turns to the end, side by side, by keyboard alone', async () => {
  const page = await site().open(`${link(2, 2)}&room=runs`);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const panel = page.getByRole('region', { name: 'A/B' });
  await panel.getByLabel('Side B').selectOption('link');
  const field = panel.getByLabel('Link of side B');
  await field.fill(link(1, 3));
  await panel.getByText('(batch.B) is 2 in A and 3 in B.').waitFor();
  await field.fill(link(1, 2));
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const start = panel.getByRole('button', { name: 'Start both' });
  await start.waitFor();
  await start.press('Enter');
  await panel.getByText('mean of 100 pairs').waitFor({ timeout: 60_000 });
  await panel.getByText('A, the open run, has finished.').waitFor({ timeout: 60_000 });
  await panel.getByText('B, the link’s experiment, has finished.').waitFor();
  await expect
    .poll(() => panel.locator('.ab-figures').innerText())
    .toMatch(/step 110[\s\S]*[+−]\d\.\d{4} to [+−]\d\.\d{4}/);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const found = await axe.run('[data-view="ab"]', { resultTypes: ['violations'] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`);
  });
  expect(violations).toEqual([]);
  const runs = page.getByRole('region', { name: 'Listed runs' });
  // Only the rows in view are drawn.
  await runs.scrollIntoViewIfNeeded();
  await expect.poll(() => runs.locator('tbody tr').count(), { timeout: 10_000 }).toBe(2);
  await panel.getByRole('button', { name: 'Close side B' }).press('Enter');
  await panel.getByLabel('Side B').waitFor();
}, 180_000);
