import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange, experimentAtStep } from '../../src/config/edit.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { surgeryOf } from '../../src/config/surgery.ts';
import { copiedLink, exportedLosses, takeSteps, trainTo, waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();

const EXPERIMENT = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'evaluation.every': 0,
  'evaluation.sampleEvery': 0,
  'optimizer.totalSteps': 400,
  'optimizer.warmup': 5,
});

/** Bars of the rack. */
async function slotCount(page: Page, count: number): Promise<void> {
  await page.locator(`[aria-label="Expert rack"] [data-slot="${count - 1}"]`).waitFor();
  await page.locator('[aria-label="Slots"][aria-busy="false"]').waitFor();
}

/** Drags the right edge of a slot's bar by some pixels. */
async function drag(page: Page, slot: number, by: number): Promise<void> {
  const edge = page.getByRole('slider', { name: `Width of rack slot ${slot}` });
  await edge.scrollIntoViewIfNeeded();
  const box = await edge.boundingBox();
  if (box === null) throw new Error('the edge is not on the page');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + by, y, { steps: 4 });
  await page.mouse.up();
}

test('edits of a training model replay bit for bit from their link', async () => {
  const page = await site().open(`#${encodeLink(EXPERIMENT)}`);
  await takeSteps(page, 3);
  await page.getByRole('button', { name: 'Clone rack slot 1' }).click();
  await slotCount(page, 9);

  await page.getByRole('button', { name: 'Resume' }).click();
  await waitForStep(page, 6);
  await drag(page, 0, 60);
  await waitForStep(page, 10);
  await page.getByRole('button', { name: 'Remove rack slot 4' }).click();
  await slotCount(page, 8);
  await page.getByRole('button', { name: 'Undo expert edit' }).click();
  await slotCount(page, 9);
  await waitForStep(page, 16);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  await page.getByRole('button', { name: 'Collect edits' }).click();
  await page.getByRole('slider', { name: 'Width of rack slot 2' }).press('ArrowLeft');
  await page.getByRole('button', { name: 'Move rack slot 5', exact: true }).press('Alt+ArrowUp');
  await page.getByRole('button', { name: 'Apply together' }).click();
  await slotCount(page, 9);
  await takeSteps(page, 3);

  const rows = await exportedLosses(page);
  expect(rows.length).toBeGreaterThanOrEqual(19);
  const link = await copiedLink(page);
  const { experiment, problems } = decodeLink(link.slice(link.indexOf('#') + 1));
  expect(problems).toEqual([]);
  expect(experiment.events).toHaveLength(5);
  expect(experiment.events.every(([, change]) => surgeryOf(change) !== null)).toBe(true);
  const widths = experimentAtStep(experiment, rows.length).experts.slots.map((slot) =>
    slot.kind === 'ffn' ? slot.hidden : slot.kind,
  );
  expect(widths[0]).toBeGreaterThan(64);
  expect(widths.slice(1)).toEqual([64, 56, 64, 64, 64, 64, 64, 64]);

  const other = await site().open(link.slice(link.indexOf('#')));
  await trainTo(other, rows.length);
  await slotCount(other, 9);
  const replayed = await exportedLosses(other);
  const losses = (list: Record<string, string>[]) =>
    list.slice(0, rows.length).map(({ train }) => train);
  expect(losses(replayed)).toEqual(losses(rows));
}, 600_000);
