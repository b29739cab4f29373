import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { readSafetensors, writeSafetensors } from '../../src/data/safetensors.ts';
import { encodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { initialState } from '../../src/train/session/modelState.ts';
import { trainTo } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
/** Runs from outside of the page: its policy lets no script in. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

const SMALL = applyChange(DEFAULTS_V1, {
  'model.D': 16,
  'model.L': 1,
  'model.H': 2,
  'model.Hkv': 2,
  'experts.slots': Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 8 })),
  'batch.B': 1,
  'batch.S': 16,
  'data.mix': { arithmetic: 1 },
});

/** Parameters alone, of a model with a slot that no tensor tells. */
function theirs(): Buffer {
  const slots = [...SMALL.experts.slots, { kind: 'zero' }];
  const experiment = applyChange(SMALL, { 'experts.slots': slots as never });
  const state = initialState(engineConfig(experiment, 256), 0.02, 1);
  const { tensors } = readSafetensors(encodeCheckpoint({ experiment, state }));
  const bare = new Map([...tensors].filter(([name]) => !name.startsWith('moment')));
  return Buffer.from(writeSafetensors(bare, { format: 'pt' }));
}

async function give(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Files' }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: 'Load safetensors…' }).click();
  const file = { name: 'theirs.safetensors', mimeType: '', buffer: theirs() };
  await (await chooser).setFiles(file);
}

/** What axe finds in the dialog; minor remarks are left out. */
async function found(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run('[role="dialog"]', { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact !== 'minor')
      .map(({ id, help }) => `${id}: ${help}`);
  });
}

test.each([
  ['light', 1280],
  ['dark', 390],
] as const)(
  'asks what a foreign checkpoint does not tell: %s, %i px wide',
  async (theme, width) => {
    const page = await site().open(`#${encodeLink(SMALL)}`, undefined, { colorScheme: theme });
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: theme });
    await give(page);
    const dialog = page.getByRole('dialog', { name: /theirs.safetensors names no experiment/ });
    await dialog.waitFor();
    expect(await dialog.textContent()).toMatch(/V = 256, D = 16, L = 1/);
    expect(await dialog.getByRole('list').getByRole('listitem').count()).toBe(5);
    expect(await found(page)).toEqual([]);
    const { scrollWidth, clientWidth } = await dialog.evaluate((element) => ({
      scrollWidth: element.scrollWidth,
      clientWidth: element.clientWidth,
    }));
    expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
    // By keyboard alone, to its end.
    const heads = dialog.getByLabel(/^Query heads/);
    await heads.focus();
    await page.keyboard.press('End');
    await dialog.getByRole('alert').getByText(/odd/).waitFor();
    await heads.selectOption('2');
    const open = dialog.getByRole('button', { name: 'Open it' });
    await open.focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await trainTo(page, 2);
  },
);
