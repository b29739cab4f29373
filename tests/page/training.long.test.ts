import { expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { casesOf } from '../support/long.ts';
import {
  copiedLink,
  exportedLosses,
  goToRoom,
  setField,
  takeSteps,
  trainTo,
} from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
const EXPERIMENT = casesOf(DEFAULTS_V1, applyChange(DEFAULTS_V1, TINY_SIZE));
const { model, router, batch } = EXPERIMENT;
/** Steps before the live change. */
const BEFORE = casesOf(19, 4);

test('the default experiment, or a tiny one, learns, takes a live change, and replays from its link', async () => {
  const page = await site().open(`#${encodeLink(EXPERIMENT)}`);
  await takeSteps(page, BEFORE);
  await setField(page, 'Optimiser', 'optimizer.lr', '0.002');
  await trainTo(page, 200);

  const rows = await exportedLosses(page);
  const late = rows.filter(({ step }) => Number(step) > 180 && Number(step) <= 200);
  expect(late).toHaveLength(20);
  const mean = late.reduce((sum, { train }) => sum + Number(train), 0) / late.length;
  const line = await page.getByText(/^unigram [\d.]+$/).textContent();
  const entropy = Number(line?.split(' ')[1]);
  expect(entropy).toBeGreaterThan(3);
  expect(mean).toBeLessThan(entropy);

  await goToRoom(page, 'Routing');
  for (let layer = 0; layer < model.L; layer++) {
    await page.getByRole('button', { name: `Show layer ${layer}` }).click();
    const tokens = await page.locator('[aria-label="Load per expert"] [data-metric="tokens"]');
    const counts = (await tokens.allInnerTexts()).map((text) => Number(text.replaceAll(',', '')));
    expect(counts).toHaveLength(8);
    const sum = counts.reduce((total, count) => total + count, 0);
    expect(sum % (router.K * batch.B * batch.S)).toBe(0);
    expect(sum).toBeGreaterThan(0);
  }

  const link = await copiedLink(page);
  expect(link).toContain(`e=${BEFORE + 1}:lr=0.002`);
  const other = await site().open(link.slice(link.indexOf('#')));
  await trainTo(other, 50);
  // The link leads to the room that it was copied in.
  await goToRoom(other, 'Train');
  const replayed = await exportedLosses(other);
  const first = (list: Record<string, string>[]) => list.slice(0, 50).map(({ train }) => train);
  expect(first(replayed)).toEqual(first(rows));
}, 900_000);
