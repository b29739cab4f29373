import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
const folder = mkdtempSync(join(tmpdir(), 'switchyard-input-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TINY = `#${encodeLink(applyChange(DEFAULTS_V1, { ...TINY_SIZE, 'tokenizer.kind': 'bytes' }))}`;

/** The page still does what it is for: an experiment opens and takes a step. */
async function takesAStep(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Take one step' }).click();
  await waitForStep(page, 1);
}

/** Puts another experiment into the address, as a person does. */
async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate((fragment) => {
    window.location.hash = fragment;
  }, hash);
}

async function openGroup(page: Page, title: string): Promise<void> {
  const group = page.locator('details', { has: page.locator('summary', { hasText: title }) });
  if ((await group.getAttribute('open')) === null) await group.locator('summary').click();
}

test('a corrupt link is refused with its reason; the defaults are there to be started', async () => {
  const page = await site().open('#v=99&%%%');
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/99/).first().waitFor();
  await dialog.getByRole('button', { name: 'Look at the settings' }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  await dialog.getByRole('button', { name: 'Start anyway' }).waitFor();
  await page.keyboard.press('Escape');
  await goTo(page, TINY);
  await takesAStep(page);
});

test('values out of range are named with their limits, in a link and in the form', async () => {
  const page = await site().open(`${TINY}&lr=-3&K=1000`);
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/-3 is not allowed/).waitFor();
  await dialog.getByText(/1000 is not allowed.*64/).waitFor();
  await dialog.getByRole('button', { name: 'Look at the settings' }).click();
  await openGroup(page, 'Router');
  const field = page.locator('[data-path="router.K"]');
  await field.locator('input:not([type="range"])').fill('0');
  await field.locator('input:not([type="range"])').press('Enter');
  expect(await field.getByRole('alert').innerText()).toMatch(/0 .*1.*64/);
  await goTo(page, TINY);
  await takesAStep(page);
});

test('an empty text and a file above the limit are refused with their size', async () => {
  const page = await site().open(TINY);
  await openGroup(page, 'Text');
  const field = page.locator('.own-text');
  await field.getByRole('button', { name: 'Paste' }).click();
  await field.getByLabel('Text to train on').fill('  \n ');
  await field.getByRole('button', { name: 'Use this text' }).click();
  await field.getByText('Pasted text is empty: there is nothing to train on').waitFor();

  const path = join(folder, 'large.txt');
  await writeFile(path, Buffer.alloc(50_000_001, 'a'));
  const chooser = page.waitForEvent('filechooser');
  await field.getByRole('button', { name: 'Choose a file…' }).click();
  await (await chooser).setFiles(path);
  await field.getByText(/has 50,000,001 bytes; at most 50,000,000 bytes \(50 MB\)/).waitFor();
  await takesAStep(page);
});

test('no WebGPU: the page says how to get it, and everything but training works', async () => {
  const page = await site().open('', async (context) => {
    await context.addInitScript('delete Navigator.prototype.gpu');
    await context.route(/trainer\.worker.*\.js$/, async (route) => {
      const response = await route.fetch();
      const body = `delete WorkerNavigator.prototype.gpu;\n${await response.text()}`;
      await route.fulfill({ response, body });
    });
  });
  const alert = page.getByRole('alert');
  await alert
    .getByText(/This browser offers no WebGPU/)
    .first()
    .waitFor();
  await alert.getByText(/Chrome or Edge 113/).waitFor();
  expect(await page.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true);
  const router = page.locator('[data-path="router.K"] input:not([type="range"])');
  await router.fill('3');
  await router.press('Enter');
  await page.waitForURL(/K=3/);
});

test('a model that is too large is refused with both sizes, before and after the start', async () => {
  const large = applyChange(DEFAULTS_V1, {
    'model.D': 1024,
    'model.L': 12,
    'experts.slots': Array.from({ length: 16 }, () => ({ kind: 'ffn', hidden: 4096 })),
  });
  const page = await site().open(`#${encodeLink(large)}`);
  const panel = page.getByRole('region', { name: 'Size and cost' });
  const sizes = /MiB in one buffer, but this adapter binds at most [\d.]+ MiB/;
  await panel.getByText(sizes).first().waitFor();
  await page.getByRole('button', { name: 'Start' }).click();
  const alert = page.locator('.banner[role="alert"]');
  await alert.getByText(/The model is too large for this adapter/).waitFor();
  expect(await alert.innerText()).toMatch(/needs a buffer of [\d.]+ MiB.*at most [\d.]+ MiB/);
  await alert.getByRole('button', { name: 'Use the tiny size' }).click();
  await takesAStep(page);
});

test('K = 1 with renormalised gates is told, with a fix, and runs all the same', async () => {
  const one = applyChange(DEFAULTS_V1, { ...TINY_SIZE, 'router.K': 1 });
  const page = await site().open(`#${encodeLink(one)}`);
  const rules = page.getByRole('list', { name: 'Problems of these settings' });
  await rules.getByText(/with K = 1 and renormalised routing weights g is always 1/).waitFor();
  await takesAStep(page);
  await rules.getByRole('button', { name: 'Use softmax weights' }).click();
  await rules.waitFor({ state: 'detached' });
});
