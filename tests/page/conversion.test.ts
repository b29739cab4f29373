import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator } from 'playwright';
import { expect, test } from 'vitest';
import { useSite } from '../support/site.ts';

const site = useSite();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
const SETTINGS = 'teacher.settings=N:4,steps:20,sample:256,profile:256&twotexts.tokens=24';
const LINK = `#v=1&D=32&L=2&F=64&arr=dense&B=2&S=32&te=0&wu=5&n=30&${SETTINGS}`;
const SLOW = { timeout: 120_000 };

test('from the front door to a student that is assembled and writes: eight clicks, no typing', async () => {
  const page = await site().open(LINK);
  let clicks = 0;
  const press = async (button: Locator) => {
    await button.click(SLOW);
    clicks += 1;
  };
  await press(page.getByRole('button', { name: 'Start' }));
  await press(page.locator('nav.rooms').getByRole('button', { name: 'Convert' }));
  await page.getByText('Finished', { exact: true }).waitFor(SLOW);
  const teacher = page.getByRole('region', { name: 'Teacher and settings' });
  await press(teacher.getByRole('button', { name: 'Convert', exact: true }));
  const board = page.getByRole('region', { name: 'Board of layers' });
  await board.getByText(/^2 layers of 2 converted \(0 to 1\)\. Loss /).waitFor(SLOW);
  const both = page.getByRole('region', { name: 'Teacher and student write' });
  await press(both.getByRole('button', { name: 'Write both' }));
  const student = both.getByRole('region', { name: /^Student/ });
  await student.getByText(/^24 tokens, mean p .* per token$/).waitFor(SLOW);
  await press(board.getByRole('button', { name: 'Assemble as a run' }));
  await page
    .getByText(/^The student is the open run/)
    .first()
    .waitFor(SLOW);
  expect(clicks).toBeLessThanOrEqual(8);

  // The student is a mixture of experts as any other run is.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const found = await axe.run('[data-room="convert"]', { resultTypes: ['violations'] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`);
  });
  expect(violations).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.locator('nav.rooms').getByRole('button', { name: 'Train' }).click();
  await page.getByRole('region', { name: 'Expert rack' }).getByText(/\S/).first().waitFor();
  expect(await page.locator('[data-view="rack"]').innerText()).not.toContain('no MoE layer');
}, 240_000);
