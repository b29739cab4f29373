import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { casesOf } from '../support/long.ts';
import { goToRoom, waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
/** Runs from outside of the page: its policy lets no script in. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
const SMALL = '#v=1&D=32&L=1&x=4x32&B=2&S=32&te=50&wu=5';

/** What axe finds on the page as it stands, or in a part of it; minor remarks are left out. */
async function found(page: Page, where: string, part = 'html'): Promise<string[]> {
  // What happens to lie under the bar of rooms is no smaller for that.
  if (part === 'html') await page.evaluate(() => window.scrollTo(0, 0));
  return page.evaluate(
    async ([state, selector]) => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run(selector, {
        rules: {
          'label-content-name-mismatch': { enabled: true },
          'target-size': { enabled: true },
        },
        resultTypes: ['violations'],
      });
      return violations
        .filter(({ impact }) => impact !== 'minor')
        .map(({ id, nodes }) => `${state}: ${id}: ${nodes.map((node) => node.target).join(' | ')}`);
    },
    [where, part] as const,
  );
}

/** A page whose panels are all drawn, as those are that a person looks at. */
async function openDrawn(hash: string): Promise<Page> {
  const page = await site().open(hash);
  await page.setViewportSize({ width: 1440, height: 900 });
  // Colours are looked at as they come to rest.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.getByLabel('Sampled text').waitFor();
  await page.addStyleTag({ content: '.panel { content-visibility: visible !important; }' });
  await page.evaluate(axe);
  return page;
}

const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).first().click();

/** Opens a box, looks at it, and closes it by key. */
async function inBox(page: Page, name: string, box: string): Promise<string[]> {
  await press(page, name);
  await page.locator(box).waitFor();
  const problems = await found(page, name, box);
  await page.keyboard.press('Escape');
  await page.locator(box).waitFor({ state: 'detached' });
  return problems;
}

test('axe has nothing to say: running and at rest, in every box, light, dark and narrow', async () => {
  const page = await openDrawn(`${SMALL}&n=4000`);
  const problems = await found(page, 'front page');
  const look = async (where: string) => problems.push(...(await found(page, where)));
  await press(page, 'Start');
  await waitForStep(page, 60);
  await look('running');
  await press(page, 'Pause');
  await press(page, 'Keep run');
  await press(page, 'Collect edits');
  await page.getByRole('slider', { name: 'Width of rack slot 2' }).press('ArrowLeft');
  const K = page.locator('[data-path="router.K"] input:not([type="range"])');
  await K.fill('900');
  await K.press('Enter');
  await press(page, 'Sample');
  await page.locator('.samples-cost', { hasText: 'per token' }).waitFor();
  await page.getByRole('slider', { name: 'Token of the text' }).focus();
  await page.locator('.samples-token').waitFor();
  await look('everything open in Train');
  for (const name of ['About', 'Keyboard shortcuts', 'Reset to step 0'])
    problems.push(...(await inBox(page, name, '[role="dialog"]')));
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /^Find/ }).waitFor();
  await look('the palette');
  await page.keyboard.press('Escape');
  problems.push(...(await inBox(page, 'Preset Custom', '[role="dialog"]')));
  for (const name of ['Add a slot', 'Export Loss'])
    problems.push(...(await inBox(page, name, '[role="menu"]')));
  await goToRoom(page, 'Routing');
  await look('Routing');
  problems.push(...(await inBox(page, 'Entropy: explain', '[role="dialog"]')));
  await goToRoom(page, 'Runs');
  await page.locator('.library-open').first().click();
  await press(page, 'JSON');
  await look('everything open in Runs');
  problems.push(...(await inBox(page, 'Columns of the table', '[role="dialog"]')));
  problems.push(...(await inBox(page, 'Charts of the comparison', '[role="menu"]')));
  await page.getByRole('checkbox', { name: 'Choose all runs of the list' }).check();
  await press(page, 'Lineage');
  await look('lineage');
  await press(page, 'Lineage');
  await goToRoom(page, 'Cost');
  await press(page, 'All figures');
  await page.getByText('full-size models in the same').click();
  await press(page, 'Solve');
  await page.getByText(/^K = /).waitFor();
  await press(page, 'Profile 20 steps');
  await page.getByLabel('Time per kernel').waitFor();
  await look('everything open in Cost');
  await press(page, 'Files');
  await look('a menu open');
  await page.keyboard.press('Escape');
  await press(page, 'Dark theme');
  const rooms = ['Train', 'Routing', 'Runs', 'Cost'] as const;
  for (const room of casesOf<readonly (typeof rooms)[number][]>(rooms, ['Cost'])) {
    await goToRoom(page, room);
    await look(`dark ${room}`);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator('[aria-label="What each device does"][tabindex="0"]').waitFor();
  for (const room of casesOf<readonly (typeof rooms)[number][]>(rooms, ['Train'])) {
    await goToRoom(page, room);
    await look(`narrow ${room}`);
  }
  problems.push(...(await inBox(page, 'Settings', '[role="dialog"]')));
  await page.evaluate(() => {
    window.location.hash = '#v=1&D=999999';
  });
  await page
    .getByText(/The link was not opened/)
    .first()
    .waitFor();
  await look('a link that was not opened');
  expect(problems).toEqual([]);
});

test.each(casesOf<readonly string[]>(['has problems', 'was received'], ['was received']))(
  'axe has nothing to say of a link that %s',
  async (link) => {
    const problems = await (link === 'has problems' ? ofProblems() : ofReceived());
    expect(problems).toEqual([]);
  },
);

async function ofProblems(): Promise<string[]> {
  const page = await openDrawn('#v=1&D=999999');
  await page.getByRole('dialog').waitFor();
  return found(page, 'problems of a link');
}

async function ofReceived(): Promise<string[]> {
  const sent = readFileSync(new URL('../fixtures/shares/three-runs.txt', import.meta.url), 'utf8');
  const received = await openDrawn(`#${sent.trim()}`);
  await received.getByRole('region', { name: 'Runs of the link' }).waitFor();
  await received.getByText('Loads at the end of a').click();
  const problems = await found(received, 'runs of a link');
  await press(received, 'Files');
  await received.getByRole('menuitem', { name: 'Share or embed…' }).click();
  await received.getByText('Embed in another page').click();
  return [...problems, ...(await found(received, 'sharing', '[role="dialog"]'))];
}

/** Presses one button of each kind, also of those that appear; tells which dropped the focus. */
async function pressAll(
  page: Page,
  before: string[],
): Promise<{ kinds: string[]; lost: string[] }> {
  return page.evaluate(async (known) => {
    // These ask for a file, save one, ask for the clipboard, or lead elsewhere.
    const elsewhere = /Choose a file|Add CSV|Export|Copy link|Save a checkpoint|^(Open|Go on|Fork)/;
    const kindOf = (button: HTMLButtonElement) =>
      (button.ariaLabel ?? button.innerText)
        .replace(/\d[\d,]*/g, '#')
        .replace(/.*: explain/, 'explain');
    const kinds = [...known];
    const lost: string[] = [];
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    async function look(after: string) {
      for (let i = 0; i < 200 && document.activeElement === document.body; i++) await pause(50);
      if (document.activeElement === document.body) lost.push(after);
    }
    const isNew = (button: HTMLButtonElement) =>
      !button.disabled &&
      button.checkVisibility() &&
      button.closest('nav') === null &&
      !kinds.includes(kindOf(button)) &&
      !elsewhere.test(kindOf(button));
    for (;;) {
      const button = [...document.querySelectorAll('button')].find(isNew);
      if (button === undefined) return { kinds, lost };
      const kind = kindOf(button);
      kinds.push(kind);
      button.focus();
      button.click();
      await pause(30);
      await look(kind);
      const key = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true });
      document.activeElement?.dispatchEvent(key);
      await pause(30);
      await look(`${kind}, then Escape`);
    }
  }, before);
}

test('no button of the page drops the focus', async () => {
  const page = await openDrawn(`${SMALL}&n=60`);
  await press(page, 'Start');
  await waitForStep(page, 60);
  await press(page, 'Keep run');
  let pressed: string[] = [];
  for (const room of ['Train', 'Routing', 'Cost', 'Runs'] as const) {
    await goToRoom(page, room);
    const { kinds, lost } = await pressAll(page, pressed);
    expect(lost, room).toEqual([]);
    pressed = kinds;
  }
  expect(pressed.length).toBeGreaterThan(40);
});

const shownSteps = (page: Page) =>
  page.locator('[aria-label="Load per expert"] > header .sub').innerText();

interface Paper {
  /** Theme in which the page is printed. */
  theme?: string | undefined;
  /** Panels with a part that reaches beyond the sheet. */
  cut: string[];
}

declare global {
  interface Window {
    paper?: Paper;
  }
}

/** What a printer gets: measured in the layout of the sheet, which stands while it is printed. */
async function printed(page: Page): Promise<Paper | undefined> {
  await page.evaluate(() => {
    matchMedia('print').addEventListener('change', ({ matches }) => {
      if (!matches) return;
      const { right } = document.querySelector('.main')!.getBoundingClientRect();
      const parts = [...document.querySelectorAll('.main :is(svg.plot, table, canvas)')];
      const cut = parts.filter((part) => part.getBoundingClientRect().right > right + 1);
      window.paper = {
        theme: document.documentElement.dataset.theme,
        cut: cut.map((part) => part.closest('section')?.ariaLabel ?? part.outerHTML),
      };
    });
  });
  await page.pdf({ format: 'A4' });
  return page.evaluate(() => window.paper);
}

test('what is scrolled away shows the last step, and paper all panels uncut', async () => {
  const page = await site().open(`${SMALL}&n=120`);
  await page.setViewportSize({ width: 1920, height: 420 });
  await press(page, 'Dark theme');
  await press(page, 'Start');
  await goToRoom(page, 'Routing');
  await waitForStep(page, 120);
  await expect.poll(() => shownSteps(page), { timeout: 30_000 }).toMatch(/120$/);
  for (const room of ['Routing', 'Runs', 'Cost', 'Train'] as const) {
    await goToRoom(page, room);
    expect(await printed(page), room).toEqual({ theme: 'light', cut: [] });
  }
  const plot = await page.locator('svg.plot').first().elementHandle();
  expect(await printed(page)).toEqual({ theme: 'light', cut: [] });
  // Nothing was drawn anew for the sheet's width, and the screen is as it was.
  expect(await plot?.evaluate((element) => element.isConnected)).toBe(true);
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
});
