import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';

/** How a person drives the page, for tests in a real browser. */

const SLOW = 400_000;

/** The step that the transport shows. */
export async function shownStep(page: Page): Promise<number> {
  const labels = await page.locator('.run-progress .labels').innerText();
  const [, step = '0'] = /step ([\d,]+) \//.exec(labels) ?? [];
  return Number(step.replaceAll(',', ''));
}

/** A view that each room has. */
const FIRST_VIEWS = {
  Train: 'Expert rack',
  Routing: 'Load per expert',
  Data: 'What is looked at',
  Runs: 'Library',
  Cost: 'Size and cost',
} as const;

/** Goes to a room and waits until one of its views is there. */
export async function goToRoom(page: Page, room: keyof typeof FIRST_VIEWS): Promise<void> {
  const first = FIRST_VIEWS[room];
  await page.locator('nav.rooms').getByRole('button', { name: room }).click();
  await page.getByRole('region', { name: first, exact: true }).waitFor();
}

/** Waits until `step` is shown. */
export async function waitForStep(page: Page, step: number): Promise<void> {
  const end = Date.now() + SLOW;
  while ((await shownStep(page)) < step) {
    if (Date.now() > end) throw new Error(`step ${step} was not reached in ${SLOW / 1000} s`);
    await page.waitForTimeout(30);
  }
}

export async function takeSteps(page: Page, count: number): Promise<void> {
  for (let step = (await shownStep(page)) + 1, last = step + count; step < last; step++) {
    await page.getByRole('button', { name: 'Take one step' }).click();
    await waitForStep(page, step);
  }
}

/** Trains to at least `step`, then pauses. */
export async function trainTo(page: Page, step: number): Promise<void> {
  await page.getByRole('button', { name: /^(Start|Resume)$/ }).click();
  await waitForStep(page, step);
  const pause = page.getByRole('button', { name: 'Pause' });
  if (await pause.isVisible()) await pause.click();
  await page.getByRole('button', { name: /^(Start|Resume)$/ }).waitFor();
}

/** Rows of the CSV that the loss chart exports: step and all series as they are written. */
export async function exportedLosses(page: Page): Promise<Record<string, string>[]> {
  await page.getByRole('button', { name: 'Export Loss' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /^CSV/ }).click();
  const [header = '', ...lines] = (await readFile(await (await download).path(), 'utf8'))
    .trim()
    .split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

/** The link that the button puts on the clipboard. */
export async function copiedLink(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText(/Link copied/).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Types a value into the field of a setting, opening its group where it is closed. */
export async function setField(page: Page, group: string, path: string, value: string) {
  const input = page.locator(`[data-path="${path}"] input:not([type="range"])`);
  if (!(await input.isVisible())) await page.locator('summary', { hasText: group }).click();
  await input.fill(value);
  await input.press('Enter');
}

/** Opens a group of the form, where it is closed. */
export async function openGroup(page: Page, title: string): Promise<void> {
  const group = page.locator('details', { has: page.locator('summary', { hasText: title }) });
  if ((await group.getAttribute('open')) === null) await group.locator('summary').click();
}
