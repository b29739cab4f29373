/** What one browser saves goes on in another that knows nothing of it, bit for bit. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { exportedLosses, goToRoom, setField, shownStep, takeSteps } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
const SMALL = '#v=1&D=32&L=1&x=4x32&B=2&S=32&ve=2&te=0&wu=5&n=400';
const SLOW = { timeout: 60_000 };

const library = (page: Page) => page.getByRole('region', { name: 'Library' });

/** Loss and validation loss of every step from `first` on, as they are written. */
async function lossesFrom(page: Page, first: number): Promise<string[][]> {
  const rows = await exportedLosses(page);
  return rows
    .map(({ step = '', train = '', validation = '' }) => [step, train, validation])
    .filter(([step]) => Number(step) >= first);
}

/** The file that a press leads to. */
async function saved(page: Page, press: () => Promise<void>): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await press();
  return readFile(await (await download).path());
}

/** A file dropped on the page. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, base64]) => {
      const data = new DataTransfer();
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([bytes], name));
      return data;
    },
    [name, bytes.toString('base64')] as const,
  );
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
}

const menuItem = async (page: Page, name: string) => {
  await page.getByRole('button', { name: 'Files' }).click();
  await page.getByRole('menuitem', { name }).click();
};

test('a run goes on from its zip file, and from its checkpoint, in another profile', async () => {
  const page = await site().open(SMALL);
  await takeSteps(page, 2);
  await setField(page, 'Optimiser', 'optimizer.lr', '0.002');
  await takeSteps(page, 2);
  const checkpoint = await saved(page, () => menuItem(page, 'Save as safetensors'));
  await goToRoom(page, 'Runs');
  await library(page).getByRole('button', { name: 'Run 1', exact: true }).click(SLOW);
  await library(page).getByRole('button', { name: 'Store a checkpoint now' }).click();
  await library(page).getByRole('button', { name: 'Fork at step 4' }).waitFor(SLOW);
  await library(page).getByRole('button', { name: 'Export Run 1' }).click();
  const zip = await saved(page, () =>
    page.getByRole('button', { name: 'Save', exact: true }).click(),
  );
  await goToRoom(page, 'Train');
  await takeSteps(page, 4);
  const whole = await lossesFrom(page, 1);
  expect(whole.map(([step]) => step)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  await page.context().close();

  const other = await site().open();
  await drop(other, 'run.zip', zip);
  await other.getByText(/1 run came in from run\.zip/).waitFor(SLOW);
  await goToRoom(other, 'Runs');
  await library(other).getByRole('button', { name: 'Run 1', exact: true }).click(SLOW);
  await library(other).getByRole('button', { name: 'Go on', exact: true }).click();
  await expect.poll(() => shownStep(other), SLOW).toBe(4);
  await goToRoom(other, 'Train');
  await takeSteps(other, 4);
  expect(await lossesFrom(other, 1)).toEqual(whole);
  await other.context().close();

  const third = await site().open();
  await drop(third, 'run.safetensors', checkpoint);
  await expect.poll(() => shownStep(third), SLOW).toBe(4);
  await takeSteps(third, 4);
  expect(await lossesFrom(third, 5)).toEqual(whole.slice(4));
});
