import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { goToRoom, takeSteps, waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';
import {
  ADAPTER_AT_LAST,
  CHROME_113,
  DEFAULT_LIMITS,
  LOST_WHILE_COMPILING,
  stubbed,
} from '../support/stubs.ts';

/** Adapters and browsers as they are: what they lack is stubbed away in page and worker. */

const site = useSite();

const SMALL = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'tokenizer.kind': 'bytes',
  'evaluation.every': 2,
  'evaluation.sampleEvery': 2,
  'evaluation.sampleTokens': 8,
});
const TINY = `#${encodeLink(SMALL)}`;

const header = (page: Page) => page.locator('header.header .adapter');

test('trains in the oldest browser that is promised, on an adapter without a name', async () => {
  const page = await site().open(TINY, stubbed(CHROME_113));
  await header(page).getByText('unnamed adapter', { exact: false }).waitFor();
  await takeSteps(page, 2);
  await page.getByText(/^unigram [\d.]+$/).waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('helps where the request for an adapter is rejected, and finds it when it looks again', async () => {
  const page = await site().open(TINY, stubbed(ADAPTER_AT_LAST));
  const alert = page.locator('.banner[role="alert"]');
  await alert.getByText(/the driver is being updated/).waitFor();
  await alert.getByText(/Chrome or Edge 113/).waitFor();
  await header(page).getByText('No GPU').waitFor();
  const again = alert.getByRole('button', { name: 'Look again' });
  await again.click();
  await header(page).getByText('Looking for a GPU…').waitFor();
  await header(page).getByText('No GPU').waitFor();
  await again.click();
  await header(page).getByText('WebGPU').waitFor();
  await alert.waitFor({ state: 'detached' });
  await takeSteps(page, 1);
});

test('goes on by itself over a device that is lost while kernels compile', async () => {
  const page = await site().open(TINY, stubbed(LOST_WHILE_COMPILING));
  const told = page.waitForEvent('console', (message) => message.text() === 'device destroyed');
  await page.getByRole('button', { name: 'Take one step' }).click();
  await told;
  await waitForStep(page, 1);
  expect(await page.getByRole('alert').count()).toBe(0);
});

test.each([
  ['at once, where the adapter allows it', undefined],
  ['in chunks, on a device that is held to the defaults', stubbed(DEFAULT_LIMITS)],
])('trains with logits above the default limit: %s', async (_, prepare) => {
  const wide = applyChange(SMALL, {
    'batch.B': 16,
    'batch.S': 64,
    'model.V': 32_769,
    'model.D': 16,
    'model.L': 1,
  });
  const page = await site().open(`#${encodeLink(wide)}`, prepare);
  await takeSteps(page, 1);
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('names the true limit of a device that is held to the defaults, before anything starts', async () => {
  const wide = applyChange(SMALL, {
    'batch.B': 8,
    'batch.S': 512,
    'model.L': 1,
    'router.K': 2,
    'experts.slots': Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 8192 })),
  });
  const page = await site().open(`#${encodeLink(wide)}`, stubbed(DEFAULT_LIMITS));
  const sentence =
    /Expert pre-activations: 512\.0 MiB in one buffer, but this adapter binds at most 128\.0 MiB\./;
  await goToRoom(page, 'Cost');
  await page.getByRole('region', { name: 'Size and cost' }).getByText(sentence).first().waitFor();
  await page.getByRole('button', { name: 'Start' }).click();
  const alert = page.locator('.banner[role="alert"]');
  await alert.getByText(sentence).waitFor();
  const text = await alert.innerText();
  expect(text.match(/[\d.]+ [KMG]i?B/g)).toEqual(['512.0 MiB', '128.0 MiB']);
  await page.getByText('Not started').first().waitFor();
  await page.getByRole('button', { name: 'All figures' }).click();
  await page.getByText(/needs 512\.0 MiB in one buffer .* at most 128\.0 MiB/).waitFor();
  await alert.getByRole('button', { name: 'Use the tiny size' }).click();
  await alert.waitFor({ state: 'detached' });
});
