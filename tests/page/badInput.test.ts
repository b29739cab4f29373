import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, expect, test } from 'vitest';
import { experimentCommand } from '../../src/cli/experimentRun.ts';
import type { CliIo } from '../../src/cli/io.ts';
import type { Metrics } from '../../src/cli/metrics.ts';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { fileSource } from '../../src/data/fileSource.ts';
import { prepareText } from '../../src/data/prepare.ts';
import { copiedLink, goToRoom, openGroup, waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';
import { stubbed, WITHOUT_WEBGPU } from '../support/stubs.ts';
import { harness } from '../train/support.ts';

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

test('page and command line read one own text alike, and refuse it in the same words', async () => {
  const page = await site().open(TINY);
  await openGroup(page, 'Text');
  const field = page.locator('.own-text');
  const choose = async (name: string, bytes: Buffer) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const chooser = page.waitForEvent('filechooser');
    await field.getByRole('button', { name: 'Choose a file…' }).click();
    await (await chooser).setFiles(path);
    return path;
  };
  const out = join(folder, 'metrics.json');
  const command = async (path: string, link: string) => {
    let errors = '';
    const io: CliIo = {
      stdout: () => {},
      stderr: (text) => {
        errors += text;
      },
      readFile: (file) => readFile(file, 'utf8'),
    };
    const { requestDevice } = harness().deps;
    const code = await experimentCommand([link, '--text', path, '--steps', '1', '--out', out], io, {
      requestDevice,
      prepareText: (experiment, own, { onProgress, signal }) =>
        prepareText(experiment, fileSource(), own, onProgress, signal),
    });
    return { code, errors };
  };

  const hash = TINY.slice(1);
  for (const [name, bytes] of [
    ['latin.txt', Buffer.concat([Buffer.from('a’b '.repeat(9)), Buffer.of(0x92, 0x20)])],
    ['large.txt', Buffer.alloc(51_000_000, 'a')],
    ['blank.txt', Buffer.from('\ufeff \r\n\f')],
  ] as const) {
    const path = await choose(name, bytes);
    const { code, errors } = await command(path, hash);
    expect(code).toBe(1);
    const [, sentence = ''] = /^error: (.*)$/m.exec(errors) ?? [];
    expect(sentence).toContain(name);
    await field.getByText(sentence, { exact: true }).waitFor();
  }

  const marked = await choose('marked.txt', Buffer.from(`\ufeff${'Über 漢字. '.repeat(2000)}`));
  await page.locator('.own-text', { hasText: 'marked.txt' }).waitFor();
  await takesAStep(page);
  const link = await copiedLink(page);
  const { experiment } = decodeLink(link.slice(link.indexOf('#') + 1));
  expect(experiment.data.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(await command(marked, link)).toMatchObject({ code: 0 });
  const metrics: Metrics = JSON.parse(await readFile(out, 'utf8'));
  expect(metrics.experiment.data.hash).toBe(experiment.data.hash);
});

test('no WebGPU: the page says how to get it, and everything but training works', async () => {
  const page = await site().open('', stubbed(WITHOUT_WEBGPU));
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
  await goToRoom(page, 'Cost');
  const panel = page.getByRole('region', { name: 'Size and cost' });
  const sizes = /MiB in one buffer, but this adapter binds at most [\d.]+ MiB/;
  await panel.getByText(sizes).first().waitFor();
  await page.getByRole('button', { name: 'Start' }).click();
  const alert = page.locator('.banner[role="alert"]');
  await alert.getByText(/The model is too large for this adapter/).waitFor();
  expect(await alert.innerText()).toMatch(/[\d.]+ MiB in one buffer.*at most 1024\.0 MiB/);
  await alert.getByRole('button', { name: 'Use the tiny size' }).click();
  await takesAStep(page);
});

test('K = 1 with renormalised gates is told, with a fix, and runs all the same', async () => {
  const one = applyChange(DEFAULTS_V1, { ...TINY_SIZE, 'router.K': 1 });
  const page = await site().open(`#${encodeLink(one)}`);
  const rules = page.getByRole('list', { name: 'Problems of these settings' });
  await rules
    .getByText(/with one slot per token \(K = 1\) and renormalised routing weights g is always 1/)
    .waitFor();
  await takesAStep(page);
  await rules.getByRole('button', { name: 'Use softmax weights' }).click();
  await rules.waitFor({ state: 'detached' });
});
