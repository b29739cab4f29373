/** How the built page behaves: what it loads, when it shows a loss, and how smooth it stays. */
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright';
import { type LibraryMetrics, measureLibrary } from './libraryMetrics.ts';

export interface PageMetrics {
  /** JavaScript that is fetched before the first interaction, worker included, gzip, in kB. */
  initialJsKB: number;
  /** From navigation, with Start pressed at once, to the first point of the loss curve. */
  firstLossMs: number;
  /** Longest task of the main thread while training, with the recorded runs drawn. */
  longestTaskMs: number;
  /** Longest of a dozen times from a key to the frame after it, under the same load. */
  inputMs: number;
  /** The room of runs with a library of 200 runs of 5,000 steps. */
  library: LibraryMetrics;
}

/** Recorded runs that are drawn beside the live one, and their steps. */
const RECORDED = { runs: 4, steps: 5000 } as const;
/** How long the training page is watched. */
const WATCH_MS = 10_000;
/** Time until added runs are drawn. */
const SETTLED_MS = 1500;
const KEYS = 12;
const SLOW_MS = 300_000;

declare global {
  interface Window {
    /** Durations of long tasks since the watch began. */
    pageMetricsTasks?: number[];
  }
}

/** Notes all scripts that pages of a profile load from now on; tells their gzip size, in kB. */
export function countScripts(context: BrowserContext): () => Promise<number> {
  const scripts = new Map<string, Promise<Buffer>>();
  context.on('response', (response) => {
    if (/\.js$/.test(new URL(response.url()).pathname))
      scripts.set(response.url(), response.body());
  });
  return async () => {
    const bodies = await Promise.all(scripts.values());
    return bodies.reduce((sum, body) => sum + gzipSync(body).length, 0) / 1000;
  };
}

/** Gzip size of all scripts that a page loads until nothing more is asked for. */
async function initialJs(context: BrowserContext, address: string): Promise<number> {
  const loaded = countScripts(context);
  const page = await context.newPage();
  await page.goto(address, { waitUntil: 'networkidle' });
  await startButton(page).waitFor();
  return loaded();
}

function startButton(page: Page) {
  return page.getByRole('button', { name: 'Start', exact: true }).and(page.locator(':enabled'));
}

/** The live curve, once it has a point. */
const FIRST_POINT = '[data-line="train"]:not([d=""])';

/** Milliseconds from navigation to the first point of the loss curve. */
async function firstLoss(page: Page, address: string): Promise<number> {
  await page.addInitScript(() => {
    const press = () => {
      const start = [...document.querySelectorAll<HTMLButtonElement>('.transport button')].find(
        (button) => button.textContent === 'Start' && !button.disabled,
      );
      if (start === undefined) requestAnimationFrame(press);
      else start.click();
    };
    requestAnimationFrame(press);
  });
  await page.goto(address);
  const seen = await page.waitForFunction(
    (selector) => (document.querySelector(selector) === null ? 0 : performance.now()),
    FIRST_POINT,
    { timeout: SLOW_MS },
  );
  return seen.jsonValue();
}

/** A loss curve with noise, as another program would write it. */
function recordedCsv(run: number): string {
  let state = run + 1;
  const lines = Array.from({ length: RECORDED.steps }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const noise = state / 2 ** 32 - 0.5;
    return `${i + 1},${(1.5 + 3 * Math.exp(-i / (400 + 200 * run)) + 0.3 * noise).toFixed(4)}`;
  });
  return `step,loss\n${lines.join('\n')}\n`;
}

/** Adds the recorded runs as a person does: from files. */
async function addRecorded(page: Page): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add CSV…' }).click();
  await (await chooser).setFiles(
    Array.from({ length: RECORDED.runs }, (_, run) => ({
      name: `recorded-${run + 1}.csv`,
      mimeType: 'text/csv',
      buffer: Buffer.from(recordedCsv(run)),
    })),
  );
  await page.getByRole('button', { name: `Delete recorded-${RECORDED.runs}` }).waitFor();
  // Reading them is not what is measured.
  await page.waitForTimeout(SETTLED_MS);
}

/** Longest time from a key on the loss chart to the frame after it, by the page's own clock. */
async function keyToFrame(page: Page): Promise<number> {
  const cursor = page.getByRole('slider', { name: 'Step cursor of Loss' });
  await cursor.focus();
  const took = await cursor.evaluateHandle((element) => {
    const times: number[] = [];
    element.addEventListener('keydown', ({ timeStamp }) =>
      // Behind the frame's own painting.
      requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - timeStamp))),
    );
    return times;
  });
  for (let i = 1; i <= KEYS; i++) {
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(([times, count]) => times.length >= count, [took, i] as const);
    await page.waitForTimeout(150);
  }
  return Math.max(...(await took.jsonValue()));
}

/** Longest task over some time, 0 where none took 50 ms or more: only those are reported. */
async function longestTask(page: Page): Promise<number> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    window.pageMetricsTasks = tasks;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
  });
  await page.waitForTimeout(WATCH_MS);
  return page.evaluate(() => Math.max(0, ...(window.pageMetricsTasks ?? [])));
}

/**
 * Measures the built page in a browser.
 * @param address where the page is served; a fragment chooses the experiment that is trained
 */
export async function measurePage(browser: Browser, address: string): Promise<PageMetrics> {
  const contexts: BrowserContext[] = [];
  const fresh = async () => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    contexts.push(context);
    return context;
  };
  try {
    const initialJsKB = await initialJs(await fresh(), address);
    await contexts.pop()?.close();
    const page = await (await fresh()).newPage();
    const firstLossMs = await firstLoss(page, address);
    await addRecorded(page);
    const longestTaskMs = await longestTask(page);
    const inputMs = await keyToFrame(page);
    // Nothing trains while the library is measured.
    await contexts.pop()?.close();
    const library = await measureLibrary(browser, address);
    return { initialJsKB, firstLossMs, longestTaskMs, inputMs, library };
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
  }
}
