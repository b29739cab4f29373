import type { Locator, Page } from 'playwright';
import { expect, test } from 'vitest';
import { decodeLink } from '../../src/config/permalink.ts';
import { SETTINGS } from '../../src/config/schema.ts';
import type { Setting } from '../../src/config/settings.ts';
import { CHOICES } from '../../src/ui/form/presetChoices.ts';
import { viewById } from '../../src/ui/views/registry.ts';
import { OFFERED, roomKey } from '../../src/ui/views/rooms.ts';
import { casesOf } from '../support/long.ts';
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

/** Types titles into the palette, one after the other; those of them that are not found first, and so not chosen. */
function notFirst(text: Locator, titles: readonly string[]): Promise<string[]> {
  return text.evaluate(async (input, titles) => {
    const type = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!;
    const first = '[role="option"][aria-selected="true"]:first-child > span:first-child';
    const found = () => document.querySelector<HTMLElement>(first)?.innerText;
    const missed: string[] = [];
    for (const title of titles) {
      type.call(input, title);
      input.dispatchEvent(new Event('input', { bubbles: true }));
      // A busy page takes its time to narrow the list.
      const end = Date.now() + 5000;
      while (found() !== title && Date.now() < end) await new Promise((next) => setTimeout(next));
      if (found() !== title) missed.push(title);
    }
    return missed;
  }, titles);
}

/** Chooses in the palette what is called so, and no other. */
async function choose(page: Page, title: string): Promise<void> {
  expect(await notFirst(await openPalette(page), [title])).toEqual([]);
  await page.keyboard.press('Enter');
}

/** Of these titles those that the palette does not find first. */
async function unknownTo(page: Page, titles: readonly string[]): Promise<string[]> {
  const text = await openPalette(page);
  const unknown = await notFirst(text, titles);
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

/** How the page's keys are sent. */
const KEYS = {
  Tab: { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 },
  'Shift+Tab': { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9, modifiers: 8 },
  ArrowRight: { key: 'ArrowRight', code: 'ArrowRight', windowsVirtualKeyCode: 39 },
} as const;
type Key = keyof typeof KEYS;

/** Whether a key waits for what the one before it does, as a person's do, or comes in a burst. */
type Pace = 'single' | 'burst';

/** Presses a key some times. */
async function pressOften(page: Page, key: Key, times: number, pace: Pace): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const send = (type: 'rawKeyDown' | 'keyUp') =>
    session.send('Input.dispatchKeyEvent', { type, ...KEYS[key] });
  const sent: Promise<unknown>[] = [];
  for (let i = 0; i < times; i++) {
    const press = [send('rawKeyDown'), send('keyUp')];
    if (pace === 'single') await Promise.all(press);
    sent.push(...press);
  }
  await Promise.all(sent);
  await session.detach();
}

/** More stops of Tab than controls: browsers stop at what scrolls, too. */
const SCROLLERS = 20;

/** Numbers of the controls that get the focus in turn by pressing a key, until it leaves the part. */
async function along(
  page: Page,
  part: Locator,
  { key, most, pace }: { key: Key; most: number; pace: Pace },
): Promise<number[]> {
  await page.evaluate(() => {
    const trail: Element[] = [];
    if (window.focusTrail === undefined)
      document.addEventListener('focusin', ({ target }) => {
        if (target instanceof Element) window.focusTrail?.push(target);
      });
    window.focusTrail = trail;
  });
  await pressOften(page, key, most + SCROLLERS, pace);
  return part.evaluate((element) => {
    const trail = window.focusTrail ?? [];
    const end = trail.findIndex((control) => !element.contains(control));
    const within = end < 0 ? trail : trail.slice(0, end);
    return within.map((control) => Number(control.getAttribute('data-number') ?? -1));
  });
}

/** Controls of a group of which one alone takes Tab: arrow keys lead to the others. */
async function alongArrows(
  page: Page,
  part: Locator,
  reached: Set<number>,
  pace: Pace,
): Promise<void> {
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
    const most = group.length;
    const arrows = await along(page, part, { key: 'ArrowRight', most, pace });
    for (const number of arrows) reached.add(number);
  }
}

/** Controls of a part, and the names of those that keys do not lead to from where the focus is in it. */
async function reach(
  page: Page,
  part: Locator,
  pace: Pace = 'burst',
): Promise<{ count: number; missed: string[] }> {
  const names = await numbered(part);
  const start = await page.evaluateHandle(() => document.activeElement as HTMLElement);
  const first = await start.evaluate((element) => Number(element.dataset.number ?? -1));
  const before = await along(page, part, { key: 'Shift+Tab', most: first, pace });
  await start.evaluate((element) => element.focus());
  const after = await along(page, part, { key: 'Tab', most: names.length - first, pace });
  const reached = new Set([first, ...before, ...after]);
  await alongArrows(page, part, reached, pace);
  return { count: names.length, missed: names.filter((_, i) => !reached.has(i)) };
}

/** Waits until a part has had the same controls for some time, in ms: figures come one after the other. */
function settled(part: Locator, quiet: number): Promise<void> {
  return part.evaluate(
    (element, [selector, ms]) =>
      new Promise((resolve, reject) => {
        const count = () => element.querySelectorAll(selector).length;
        let before = count();
        let last = setTimeout(done, ms);
        const late = setTimeout(() => reject(new Error('controls come and go')), 30_000);
        const observer = new MutationObserver(() => {
          if (count() === before) return;
          before = count();
          clearTimeout(last);
          last = setTimeout(done, ms);
        });
        function done() {
          clearTimeout(late);
          observer.disconnect();
          resolve();
        }
        observer.observe(element, { childList: true, subtree: true });
      }),
    [CONTROLS, quiet] as const,
  );
}

/** The page at rest after a run, in the room of the front door. */
async function openRested(): Promise<Page> {
  const page = await site().open(SMALL);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('button', { name: 'Start' }).click();
  await waitForStep(page, 10);
  // The last step is told before the end is.
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor({ state: 'detached' });
  return page;
}

/** What the palette is asked for, and the part of the page that it leads to. */
interface Aim {
  title: string;
  part: Locator;
  /** Number of the room in which it is asked for; the front door where none is said. */
  room?: number;
}

/** A setting of every group of the form. */
function settingOfGroups(): Setting[] {
  const { experiment } = decodeLink(SMALL);
  const shown = SETTINGS.filter(
    ({ control, visibleWhen }) => control.type !== 'none' && visibleWhen?.(experiment) !== false,
  );
  return [...new Map(shown.map((setting) => [setting.group, setting])).values()];
}

/** Goes to parts of the page by the palette; returns how many controls keys lead to there. */
async function reachAll(page: Page, parts: Iterable<Aim>): Promise<number> {
  let total = 0;
  const seen = new Set<string>();
  // Where it is open, the next part is asked for from within it.
  const drawer = page.getByRole('dialog', { name: 'Settings' });
  const walk = async ({ title, part, room: from = 0 }: Aim, quiet: number, pace: Pace) => {
    if (!(await drawer.isVisible())) await page.locator('nav.rooms button').nth(from).click();
    await choose(page, title);
    await expect.poll(() => hasFocus(part), { timeout: 30_000 }).toBe(true);
    await settled(part, quiet);
    const room = page.locator('[data-room]').filter({ visible: true });
    const id = (await room.getAttribute('data-room')) ?? '';
    // A room's views come when it is opened first.
    if (!seen.has(id)) await settled(room, 500);
    seen.add(id);
    return reach(page, part, pace);
  };
  for (const aim of parts) {
    let walked = await walk(aim, 50, 'burst');
    // What was drawn anew on the way has lost its number, and a burst outruns what the focus brings.
    if (walked.missed.length > 0) walked = await walk(aim, 500, 'single');
    expect(walked.missed, aim.title).toEqual([]);
    total += walked.count;
  }
  return total;
}

/** All parts, or every fifth. */
const someOf = <T>(parts: readonly T[]): readonly T[] =>
  casesOf(
    parts,
    parts.filter((_, i) => i % 5 === 0),
  );

test('every control of every view and of the form is three actions away', async () => {
  const page = await openRested();
  const groups = someOf(settingOfGroups()).map(({ path, label }) => ({
    title: label,
    part: page.locator('details.group', { has: page.locator(`[data-path="${path}"]`) }),
  }));
  const placeOf = (id: string) => page.locator(`[data-view="${id}"]`).filter({ visible: true });
  const views = new Set(OFFERED.flatMap(({ columns }) => columns.flat()));
  const places = someOf([...views]).map((id) => ({ title: viewById(id).title, part: placeOf(id) }));
  const least = casesOf(150, 25);
  expect(await reachAll(page, [...groups, ...places])).toBeGreaterThan(least);

  // On a narrow screen the form is a drawer, and a room one column.
  await page.setViewportSize({ width: 390, height: 844 });
  const rooms = OFFERED.map(({ id, columns: [[first]] }, room) => ({
    title: viewById(first).title,
    part: page.locator(`[data-room="${id}"]`),
    room,
  }));
  expect(await reachAll(page, [...groups, ...someOf(rooms)])).toBeGreaterThan(least);

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
    await page.keyboard.press(roomKey(i));
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
