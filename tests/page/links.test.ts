import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright';
import { afterEach, expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeSealed } from '../../src/config/permalink.ts';
import type { Receipt } from '../../src/links/receipt.ts';
import { decodeShare, writeShare } from '../../src/links/share.ts';
import { copiedLink, exportedLosses, setField, shownStep, trainTo } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';
import { stubbed, WITHOUT_WEBGPU } from '../support/stubs.ts';

/** Links that carry runs: what one browser sends, and what another makes of it. */

const site = useSite();

const SMALL = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'model.D': 32,
  'batch.B': 2,
  'batch.S': 32,
  'tokenizer.kind': 'bytes',
  'optimizer.totalSteps': 400,
  'evaluation.every': 25,
  'evaluation.sampleEvery': 0,
});
const STEPS = 100;

const hashOf = (link: string) => link.slice(link.indexOf('#'));
const brought = (page: Page) => page.getByRole('region', { name: 'Runs of the link' });

/** A link of 100 steps with three edits, and the losses that its sender saw. */
async function send(): Promise<{ link: string; losses: Record<string, string>[] }> {
  const page = await site().open(`#${encodeSealed(SMALL)}`);
  for (const [to, rate] of [
    [20, '0.002'],
    [45, '0.0005'],
    [70, '0.004'],
  ] as const) {
    await trainTo(page, to);
    await setField(page, 'Optimiser', 'optimizer.lr', rate);
  }
  await trainTo(page, STEPS);
  return { link: await copiedLink(page), losses: await exportedLosses(page) };
}

async function reproduced(page: Page): Promise<string> {
  await brought(page)
    .getByRole('button', { name: /^Reproduce / })
    .click();
  const status = brought(page).getByRole('status');
  await status.getByText(/identical/i).waitFor({ timeout: 240_000 });
  return status.innerText();
}

async function savedReceipt(page: Page): Promise<Receipt> {
  const download = page.waitForEvent('download');
  await brought(page).getByRole('button', { name: 'Save the receipt' }).click();
  return JSON.parse(await readFile(await (await download).path(), 'utf8'));
}

test('a run travels by link: seen at once, reproduced bit for bit, or told where it parts', async () => {
  const { link, losses } = await send();
  expect(link.length).toBeLessThan(2000);
  const { experiments, results } = decodeShare(hashOf(link));
  expect(experiments[0]?.events).toHaveLength(3);
  const [result] = results;
  if (!result) throw new Error('the link has no results');
  expect(result.lastStep).toBeGreaterThanOrEqual(STEPS);

  const other = await site().open(hashOf(link));
  await brought(other).waitFor();
  expect(await shownStep(other)).toBe(0);
  const seen = await exportedLosses(other);
  const name = `${result.name} - train`;
  const [mine, theirs] = [seen, losses].map((rows) => new Map(rows.map((row) => [row.step, row])));
  const { steps, quantum } = result.training;
  for (const step of steps) {
    const [own, sent] = [mine?.get(`${step}`)?.[name], theirs?.get(`${step}`)?.train];
    expect(Math.abs(Number(own) - Number(sent)), `step ${step}`).toBeLessThanOrEqual(quantum);
  }

  expect(await reproduced(other)).toMatch(/^Bit-identical: every loss from step 1 to 1\d\d/);
  const receipt = await savedReceipt(other);
  expect(receipt).toMatchObject({ verdict: 'identical', parting: null });
  expect(receipt.here.digest).toBe(result.digest);
  expect(receipt.exact.every(({ isSame }) => isSame)).toBe(true);

  // The same link with one other bit at the seventh exact step, and another digest.
  const at = result.fixed[6]?.step ?? 0;
  const fixed = result.fixed.map((one) => (one.step === at ? { ...one, bits: one.bits ^ 1 } : one));
  const changed = { ...result, fixed, digest: `f${result.digest.slice(1)}` };
  const third = await site().open(`#${writeShare({ experiments, results: [changed] })}`);
  expect(await reproduced(third)).toMatch(new RegExp(`; at step ${at} the loss is `));
  const parted = await savedReceipt(third);
  expect(parted).toMatchObject({
    verdict: 'parts',
    parting: { firstDifferent: at, lastSame: result.fixed[5]?.step },
    quantised: { training: { beyond: 0 } },
  });
}, 900_000);

/** A link of a run that was trained nowhere. */
function madeUp(): string {
  const steps = Array.from({ length: 60 }, (_, i) => i + 1);
  const curve = { low: 2, quantum: 0.001, steps, levels: steps.map((s) => 3000 - 40 * s) };
  const result = {
    name: 'Run of a colleague',
    version: '0.1.0',
    adapter: null,
    firstStep: 1,
    lastStep: 60,
    digest: '0123456789abcdef',
    fixed: [],
    training: curve,
    validation: { low: 2.5, quantum: 0.01, steps: [25, 50], levels: [90, 40] },
    loads: [],
  };
  return writeShare({ experiments: [SMALL], results: [result] });
}

test('a received curve is drawn where nothing can be trained', async () => {
  const page = await site().open(`#${madeUp()}`, stubbed(WITHOUT_WEBGPU));
  await page.locator('header.header .adapter').getByText('No GPU').waitFor();
  await brought(page).getByText('Run of a colleague').waitFor();
  const rows = await exportedLosses(page);
  expect(rows.map((row) => row['Run of a colleague - train'])).toHaveLength(60);
  expect(Number(rows[0]?.['Run of a colleague - train'])).toBeCloseTo(2 + 2959 * 0.001, 5);
  await brought(page)
    .getByRole('button', { name: /^Reproduce/ })
    .click();
  await brought(page)
    .getByText(/^Not reproduced\. /)
    .waitFor();
});

/** A browser that keeps nothing for a page in another one's frame. */
const WITHOUT_STORAGE = `
for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
  Object.defineProperty(globalThis, name, {
    get() { throw new DOMException('storage is denied', 'SecurityError'); },
  });`;

let blog: Server | null = null;
afterEach(() => blog?.close());

/** The address of a page of somebody else, on a host of its own. */
async function served(html: string): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(html);
  });
  blog = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('an embed works in a plain page, storage denied', async () => {
  const sender = await site().open(`#${madeUp()}`);
  await brought(sender).waitFor();
  await sender.getByRole('button', { name: 'Files' }).click();
  await sender.getByRole('menuitem', { name: 'Share or embed…' }).click();
  await sender.getByText('Embed in another page').click();
  const snippet = await sender.getByLabel('Snippet').inputValue();
  expect(snippet).toContain('room=embed');
  const page = await site().open('', async (context) => {
    await context.addInitScript(WITHOUT_STORAGE);
  });
  await page.goto(await served(`<!doctype html><title>Blog</title><h1>Blog</h1>${snippet}`));
  const frame = page.frameLocator('figure iframe');
  await frame
    .getByRole('region', { name: 'Training charts' })
    .getByText('Run of a colleague')
    .waitFor();
  await frame.getByRole('region', { name: 'Load by layer and slot' }).waitFor();
  expect(await frame.locator('header.header').count()).toBe(0);
  await page.waitForTimeout(500);
  expect(await frame.locator('.toast').count()).toBe(0);
  expect(await page.locator('figcaption').innerText()).toMatch(/mixtures of experts/i);
  expect(await page.locator('iframe').getAttribute('title')).toBe(
    'Training loss of Run of a colleague over 60 steps.',
  );
});

test('a link that was cut says so and opens as no other experiment', async () => {
  const cut = encodeSealed(SMALL).slice(0, -2);
  const page = await site().open(`#${cut}`);
  const dialog = page.getByRole('dialog');
  await dialog.getByText('This link was cut or changed on its way').waitFor();
  await dialog.getByRole('button', { name: 'Look at the settings' }).click();
  expect(page.url()).toContain(cut);
});
