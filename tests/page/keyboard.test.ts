import type { Locator, Page } from 'playwright';
import { expect, test } from 'vitest';
import { settingAt } from '../../src/config/schema.ts';
import { CHOICES } from '../../src/ui/form/presetChoices.ts';
import { viewById } from '../../src/ui/views/registry.ts';
import { OFFERED } from '../../src/ui/views/rooms.ts';
import { waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

/**
 * Everything is at most three actions from the front door, by keyboard. An action is a key of the page
 * (Ctrl+K opens the palette), a choice in the palette, or the use of a control; Tab and arrow keys within
 * the view or the group of settings that has the focus are none.
 */
const site = useSite();
const SMALL = '#v=1&D=32&L=2&x=4x32&B=2&S=32&te=0&wu=5&n=10';

const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';

/** What stands round the views and settings, and where the palette has it. */
const FRAME: Readonly<Record<string, string>> = {
  ...Object.fromEntries(OFFERED.map(({ title }) => [title, `Go to ${title}`])),
  About: 'About Switchyard',
  'Copy link': 'Copy the link',
  Files: 'Open a file…',
  'Dark theme': 'Switch between light and dark',
  'Keyboard shortcuts': 'Keyboard shortcuts',
  Start: 'Start or pause',
  'Take one step': 'Take one step',
  'Reset to step 0': 'Reset to step 0',
  'Preset Custom': CHOICES[0]!.title,
  Undo: 'Undo an edit of the settings',
  Redo: 'Redo what was undone',
};

async function openPalette(page: Page): Promise<Locator> {
  await page.keyboard.press('Control+k');
  const text = page.getByRole('combobox', { name: /^Find/ });
  await text.waitFor();
  return text;
}

/** Types a title into the palette; whether what is found first, and would be chosen, is called so. */
async function finds(page: Page, text: Locator, title: string): Promise<boolean> {
  await text.fill(title);
  const option = page.locator(
    '[role="option"][aria-selected="true"]:first-child > span:first-child',
  );
  // A busy page takes its time to narrow the list.
  const shown = () => option.allInnerTexts();
  for (let tries = 0; tries < 100; tries++) {
    if ((await shown())[0] === title) return true;
    await page.waitForTimeout(50);
  }
  return false;
}

/** Chooses in the palette what is called so, and no other. */
async function choose(page: Page, title: string): Promise<void> {
  expect(await finds(page, await openPalette(page), title), title).toBe(true);
  await page.keyboard.press('Enter');
}

/** Of these titles those that the palette does not find first. */
async function unknownTo(page: Page, titles: readonly string[]): Promise<string[]> {
  const text = await openPalette(page);
  const unknown: string[] = [];
  for (const title of titles) {
    if (!(await finds(page, text, title))) unknown.push(title);
  }
  await page.keyboard.press('Escape');
  await text.waitFor({ state: 'detached' });
  return unknown;
}

/** Numbers the controls of a part of the page that can be used now; returns their names. */
function numbered(part: Locator): Promise<string[]> {
  return part.evaluate((element, selector) => {
    const usable = [...element.querySelectorAll<HTMLElement>(selector)].filter(
      (control) =>
        control.checkVisibility({ visibilityProperty: true }) && !control.matches(':disabled'),
    );
    for (const [i, control] of usable.entries()) control.dataset.number = String(i);
    return usable.map((control) => control.ariaLabel ?? (control.innerText || control.outerHTML));
  }, CONTROLS);
}

/** Whether the focus is in a part of the page. */
function hasFocus(part: Locator): Promise<boolean> {
  return part.evaluate((element) => element.contains(document.activeElement));
}

declare global {
  interface Window {
    /** Elements in the order in which they got the focus. */
    focusTrail?: Element[];
  }
}

/** Numbers of the controls that get the focus in turn by pressing a key, until it leaves the part. */
async function along(page: Page, part: Locator, key: string, most: number): Promise<number[]> {
  await page.evaluate(() => {
    const trail: Element[] = [];
    if (window.focusTrail === undefined)
      document.addEventListener('focusin', ({ target }) => {
        if (target instanceof Element) window.focusTrail?.push(target);
      });
    window.focusTrail = trail;
  });
  for (let i = 0; i <= most; i++) await page.keyboard.press(key);
  return part.evaluate((element) => {
    const trail = window.focusTrail ?? [];
    const end = trail.findIndex((control) => !element.contains(control));
    const within = end < 0 ? trail : trail.slice(0, end);
    return within.map((control) => Number(control.getAttribute('data-number') ?? -1));
  });
}

/** Controls of a group of which one alone takes Tab: arrow keys lead to the others. */
async function alongArrows(page: Page, part: Locator, reached: Set<number>): Promise<void> {
  const groups = await part.evaluate((element) => {
    const numbers = (within: Element) =>
      [...within.querySelectorAll<HTMLElement>('[data-number]')].map((e) => e.dataset.number);
    const kept = [...element.querySelectorAll<HTMLElement>('[data-number][tabindex="-1"]')];
    return [...new Set(kept.map((control) => control.parentElement))].flatMap((parent) =>
      parent === null ? [] : [numbers(parent).map(Number)],
    );
  });
  for (const group of groups) {
    const entry = group.find((number) => reached.has(number));
    if (entry === undefined) continue;
    await part.locator(`[data-number="${entry}"]`).focus();
    for (const number of await along(page, part, 'ArrowRight', group.length)) reached.add(number);
  }
}

/** Controls of a part, and the names of those that keys do not lead to from where the focus is in it. */
async function reach(page: Page, part: Locator): Promise<{ count: number; missed: string[] }> {
  const names = await numbered(part);
  const start = await page.evaluateHandle(() => document.activeElement as HTMLElement);
  const first = await start.evaluate((element) => Number(element.dataset.number ?? -1));
  const before = await along(page, part, 'Shift+Tab', first);
  await start.evaluate((element) => element.focus());
  const after = await along(page, part, 'Tab', names.length - first);
  const reached = new Set([first, ...before, ...after]);
  await alongArrows(page, part, reached);
  return { count: names.length, missed: names.filter((_, i) => !reached.has(i)) };
}

/** Waits until a part has all of its controls: figures come one after the other. */
async function settled(part: Locator): Promise<void> {
  let before = -1;
  const isSame = async () => {
    const now = await part.locator(CONTROLS).count();
    const same = now === before;
    before = now;
    return same;
  };
  await expect.poll(isSame, { timeout: 30_000, interval: 500 }).toBe(true);
}

/** The page at rest after a run, in the room of the front door. */
async function openRested(): Promise<Page> {
  const page = await site().open(SMALL);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('button', { name: 'Start' }).click();
  await waitForStep(page, 10);
  return page;
}

test('every control of every view and of the form is three actions away', async () => {
  const page = await openRested();
  let total = 0;
  const check = async (part: Locator, title: string) => {
    await choose(page, title);
    await expect.poll(() => hasFocus(part), { timeout: 30_000 }).toBe(true);
    await settled(part);
    const { count, missed } = await reach(page, part);
    expect(missed, title).toEqual([]);
    total += count;
  };
  for (const group of await page.locator('aside details.group').all()) {
    if ((await group.getAttribute('open')) === null) await group.locator('summary').click();
    const path = await group.locator('[data-path]').first().getAttribute('data-path');
    await check(group, settingAt(path ?? '')?.label ?? '');
  }
  const placeOf = (id: string) => page.locator(`[data-view="${id}"]`).filter({ visible: true });
  for (const id of new Set(OFFERED.flatMap(({ columns }) => columns.flat()))) {
    await page.locator('nav.rooms').getByRole('button', { name: OFFERED[0]!.title }).click();
    await check(placeOf(id), viewById(id).title);
  }
  expect(total).toBeGreaterThan(150);

  // What no key leads to is noticed.
  await choose(page, viewById('samples').title);
  const samples = placeOf('samples');
  await samples.evaluate((view) => {
    const button = document.createElement('button');
    button.tabIndex = -1;
    button.textContent = 'planted';
    view.querySelector('.content')?.append(button);
  });
  expect((await reach(page, samples)).missed).toEqual(['planted']);
});

test('all that stands round them, every menu’s rows and every preset are in the palette', async () => {
  const page = await openRested();
  const around = await page.evaluate((selector) => {
    const all = [...document.querySelectorAll<HTMLElement>(selector)];
    const frame = all.filter((control) => !control.closest('[data-view], details, [inert]'));
    return frame
      .filter((control) => control.checkVisibility({ visibilityProperty: true }))
      .map((control) => (control.ariaLabel ?? control.innerText).trim());
  }, CONTROLS);
  expect(around.filter((name) => FRAME[name] === undefined)).toEqual([]);
  const presets = CHOICES.map(({ title }) => title);
  expect(await unknownTo(page, [...around.map((name) => FRAME[name]!), ...presets])).toEqual([]);

  let rows = 0;
  for (const [i, { columns }] of OFFERED.entries()) {
    // A field that has the focus would take the key for itself.
    await page.locator('nav.rooms [aria-current="page"]').focus();
    await page.keyboard.press(String(i + 1));
    for (const id of columns.flat())
      await page.getByRole('region', { name: viewById(id).title }).waitFor();
    const titles: string[] = [];
    const button = page.locator('button[aria-haspopup="menu"]:enabled').filter({ visible: true });
    for (const menu of await button.all()) {
      const name = (await menu.getAttribute('aria-label')) ?? (await menu.innerText());
      await menu.click();
      const items = page.locator('[role="menuitem"]:not([data-disabled])');
      await items.first().waitFor();
      const labels = await items.allInnerTexts();
      titles.push(...labels.map((label) => (name === 'Files' ? label : `${name}: ${label}`)));
      await page.keyboard.press('Escape');
      await items.first().waitFor({ state: 'detached' });
    }
    // The palette does not find itself.
    const others = titles.filter((title) => title !== 'Find a view, setting or command');
    expect(await unknownTo(page, others)).toEqual([]);
    rows += others.length;
  }
  expect(rows).toBeGreaterThan(30);
});
