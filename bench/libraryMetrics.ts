/** How the room of runs behaves with a large library. */
import type { Browser, Page } from 'playwright';

export interface LibraryMetrics {
  /** From navigation until list and table stand, each with its rows. */
  openMs: number;
  /**
   * From a press or a letter to the frame after it: the slowest of ordering the list, finding runs,
   * finding none, showing all again, ordering the table; each the median of several.
   */
  sortMs: number;
  /** Longest task of the main thread while the curves of all runs are read, drawn and drawn anew. */
  longestTaskMs: number;
}

/** Runs of the library, and their steps. */
export const FILLED = { runs: 200, steps: 5000 } as const;
/** Name of the built script that fills it. */
export const FILL_FILE = 'fill.js';
const TIMES = 7;
const SLOW_MS = 300_000;

declare global {
  interface Window {
    libraryTasks?: number[];
  }
}

async function fill(page: Page, address: string): Promise<void> {
  await page.goto(address);
  const script = JSON.stringify(new URL(FILL_FILE, address).href);
  // As text: what loads this module would make its own call of an import.
  await page.evaluate(
    `import(${script}).then((script) => script.fillLibrary(${FILLED.runs}, ${FILLED.steps}))`,
  );
}

/** Milliseconds from navigation until both tables have rows and say how many there are. */
async function opened(page: Page, address: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(`${address}#room=runs`);
  const stands = await page.waitForFunction(
    (runs) => {
      const isWhole = (id: string) =>
        document.querySelector(`[data-view="${id}"] .sub`)?.textContent === `${runs} runs` &&
        document.querySelectorAll(`[data-view="${id}"] tbody tr`).length > 5;
      return isWhole('library') && isWhole('compare') ? performance.now() : 0;
    },
    FILLED.runs,
    { timeout: SLOW_MS, polling: 'raf' },
  );
  return stands.jsonValue();
}

/** Watches the tasks of the main thread from now on. */
async function watchTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    window.libraryTasks = tasks;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
  });
}

/** All curves of both charts drawn, then drawn anew twice, and a run lit. */
async function drawCurves(page: Page): Promise<void> {
  const lines = page.locator('.compare-chart', { hasText: `${FILLED.runs} lines` });
  await lines.nth(1).waitFor({ timeout: SLOW_MS });
  for (let i = 0; i < 2; i++) {
    await page.locator('.compare-tools').getByRole('button', { name: 'log y' }).click();
    await page.waitForTimeout(1500);
  }
  await page.locator('.compare-table tbody tr').nth(3).hover();
  await page.waitForTimeout(500);
}

/** What a person does: a press on a head of a table, or text in the field that finds runs. */
type Action = { press: string } | { find: string };

const ACTIONS: readonly Action[] = [
  { press: '.library-sort' },
  { press: '.compare-sort' },
  { find: 'seed 3 lr>0.002' },
  { find: 'nobody' },
  { find: '' },
];

/** Does it, and tells how long it takes to the frame after it. Runs in the page. */
function act([action, i]: readonly [Action, number]): Promise<number> {
  const start = performance.now();
  if ('press' in action) {
    const heads = document.querySelectorAll<HTMLElement>(action.press);
    heads[i % Math.min(5, heads.length)]?.click();
  } else {
    const input = document.querySelector('.library-filter input');
    // A letter of its own each time, so that there is something to be found anew.
    const text = action.find === '' ? ' '.repeat(i % 2) : `${action.find}${' '.repeat(i % 2)}`;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, text);
    input?.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return new Promise((resolve) =>
    // Behind the frame's own painting.
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start))),
  );
}

/** Median of several times. */
async function timed(page: Page, action: Action): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    times.push(await page.evaluate(act, [action, i] as const));
    await page.waitForTimeout(150);
  }
  return times.sort((a, b) => a - b)[Math.floor(TIMES / 2)]!;
}

/** @param browser a browser in which nothing else goes on */
export async function measureLibrary(browser: Browser, address: string): Promise<LibraryMetrics> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    await fill(page, address);
    const openMs = await opened(page, address);
    await watchTasks(page);
    await drawCurves(page);
    const longestTaskMs = await page.evaluate(() => Math.max(0, ...(window.libraryTasks ?? [])));
    const times: number[] = [];
    for (const action of ACTIONS) times.push(await timed(page, action));
    return { openMs, sortMs: Math.max(...times), longestTaskMs };
  } finally {
    await context.close();
  }
}
