import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, expect, test } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import {
  CHECKPOINTS,
  CURVES,
  EXPERIMENTS,
  LINKS,
  type Offer,
  OTHERS,
  OWN_TEXTS,
  PARTIAL,
  PASTES,
  SMALL,
} from '../support/offers.ts';
import {
  exportedLosses,
  openGroup,
  setField,
  shownStep,
  trainTo,
  waitForStep,
} from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';
import { SLOW_GPU, stubbed } from '../support/stubs.ts';

const site = useSite();
const folder = mkdtempSync(join(tmpdir(), 'switchyard-refusals-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Drops files anywhere on the page, as a person does. */
async function drop(page: Page, files: readonly Omit<Offer, 'says'>[]): Promise<void> {
  // As text: numbers would be handed over one by one.
  const given = files.map(({ name, bytes }) => ({
    name,
    text: Buffer.from(bytes).toString('base64'),
  }));
  await page.evaluate((dropped) => {
    const dataTransfer = new DataTransfer();
    for (const { name, text } of dropped) {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], name));
    }
    document.body.dispatchEvent(
      new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }),
    );
  }, given);
}

/** Gives files to the chooser that a button opens, as files on the disk. */
async function give(page: Page, button: () => Promise<void>, offers: readonly Offer[]) {
  const paths = offers.map(({ name }) => join(folder, name));
  await Promise.all(offers.map(({ bytes }, i) => writeFile(paths[i]!, bytes)));
  const chooser = page.waitForEvent('filechooser');
  await button();
  await (await chooser).setFiles(paths);
}

/** Chooses a file in the menu. */
async function choose(page: Page, entry: RegExp, offer: Offer): Promise<void> {
  await page.getByRole('button', { name: 'Files' }).click();
  await give(page, () => page.getByRole('menuitem', { name: entry }).click(), [offer]);
}

/** Notes all messages that the page shows from now on; returns how to read them. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  const said = await page.evaluateHandle(() => {
    const texts: string[] = [];
    const list = document.querySelector('.toasts');
    if (list === null) throw new Error('there is no list of messages');
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const node of addedNodes) texts.push(node.textContent ?? '');
    }).observe(list, { childList: true });
    return texts;
  });
  return () => said.jsonValue();
}

/** Offers bad texts to train on, as files and pasted; returns their number. */
async function offerTexts(page: Page): Promise<number> {
  await openGroup(page, 'Text');
  const field = page.locator('.own-text');
  const answer = () => field.getByRole('alert').allInnerTexts();
  for (const offer of OWN_TEXTS) {
    await give(page, () => field.getByRole('button', { name: 'Choose a file…' }).click(), [offer]);
    await expect.poll(answer, { timeout: 60_000 }).toEqual([expect.stringMatching(offer.says)]);
  }
  await field.getByRole('button', { name: 'Paste' }).click();
  for (const pasted of PASTES) {
    await field.getByLabel('Text to train on').fill(pasted);
    await field.getByRole('button', { name: 'Use this text' }).click();
    const says = 'Pasted text is empty: there is nothing to train on';
    await expect.poll(answer, { timeout: 60_000 }).toEqual([says]);
  }
  await field.getByText('Your own text', { exact: true }).first().waitFor();
  return OWN_TEXTS.length + PASTES.length;
}

async function goTo(page: Page, fragment: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, fragment);
}

test('seventy bad files, texts and links are refused by name and reason, and a run that trains never knows', async () => {
  const page = await site().open(`#${encodeLink(SMALL)}`, stubbed(SLOW_GPU));
  await page.getByRole('button', { name: 'Start' }).click();
  await waitForStep(page, 2);
  const address = await page.evaluate(() => window.location.hash);
  const said = await listen(page);
  const files = [...EXPERIMENTS, ...CHECKPOINTS, ...OTHERS];
  await choose(page, /Open a file/, files[0]!);
  await expect.poll(said, { timeout: 60_000 }).toHaveLength(1);
  await choose(page, /Load safetensors/, files[EXPERIMENTS.length]!);
  await expect.poll(said, { timeout: 60_000 }).toHaveLength(2);
  await drop(page, files);
  await expect.poll(said, { timeout: 100_000, interval: 500 }).toHaveLength(2 + files.length);
  for (const { name, says } of files) {
    const own = (await said()).filter((message) => message.startsWith(`${name} `));
    expect(own.join('\n'), name).toMatch(says);
  }
  let offered = 2 + files.length;

  offered += await offerTexts(page);
  const before = (await said()).length;
  await give(page, () => page.getByRole('button', { name: 'Add CSV…' }).click(), CURVES);
  await expect.poll(said, { timeout: 60_000 }).toHaveLength(before + CURVES.length);
  for (const { name, says } of CURVES) {
    const own = (await said()).filter((message) => message.startsWith(`${name}: `));
    expect(own.join('\n'), name).toMatch(says);
  }
  expect(await page.getByRole('region', { name: 'Kept runs' }).getByRole('textbox').count()).toBe(
    0,
  );
  expect(await page.evaluate(() => window.location.hash)).toBe(address);
  offered += CURVES.length;

  for (const [fragment, says] of LINKS) {
    await goTo(page, fragment);
    await expect.poll(async () => (await said()).at(-1), { timeout: 30_000 }).toMatch(says);
    await page.waitForURL((url) => url.hash === address);
    offered += 1;
  }
  const dialog = page.getByRole('dialog');
  for (const [fragment, says] of PARTIAL) {
    await goTo(page, fragment);
    for (const reason of says) await dialog.getByText(reason).waitFor();
    await dialog.getByRole('button', { name: 'Keep the run' }).click();
    await page.waitForURL((url) => url.hash === address);
    offered += 1;
  }
  await goTo(page, encodeLink(applyChange(DEFAULTS_V1, { 'model.L': 3 })));
  await dialog.getByText(/Throw away [\d,]+ steps of training\?/).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => url.hash === address);
  expect(offered).toBeGreaterThanOrEqual(75);

  const step = await shownStep(page);
  await waitForStep(page, Math.max(step + 2, 51));
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  const disturbed = await exportedLosses(page);
  expect(disturbed.length).toBeGreaterThan(50);
  await page.close();
  const other = await site().open(`#${encodeLink(SMALL)}`);
  await trainTo(other, disturbed.length);
  const alone = await exportedLosses(other);
  const losses = (rows: typeof alone) => rows.slice(0, disturbed.length).map((row) => row.train);
  expect(losses(disturbed)).toEqual(losses(alone));
}, 600_000);

test('a browser that allows no change of the address for a while loses no edit', async () => {
  const page = await site().open(`#${encodeLink(SMALL)}`, async (context) => {
    await context.addInitScript(() => {
      const { replaceState } = window.history;
      const end = Date.now() + 3000;
      window.history.replaceState = (...state) => {
        if (Date.now() < end) throw new DOMException('too many calls', 'SecurityError');
        replaceState.apply(window.history, state);
      };
    });
  });
  await setField(page, 'Router', 'router.K', '3');
  await page.waitForURL(/K=3/);
  await page.reload();
  await page.locator('[data-path="router.K"] input:not([type="range"])').waitFor();
  expect(page.url()).toContain('K=3');
});
