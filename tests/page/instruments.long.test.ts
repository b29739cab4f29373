import type { BrowserContext, Page } from 'playwright';
import { expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { viewById } from '../../src/ui/views/registry.ts';
import { OFFERED, type Room } from '../../src/ui/views/rooms.ts';
import { casesOf } from '../support/long.ts';
import { type ThreadLoad, threadLoad } from '../support/mainThread.ts';
import { shownStep, waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
/** Small, so that steps and validations come fast; with capacity, so that there are drops to draw. */
const EXPERIMENT = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'router.capacity': 1.1,
  'evaluation.every': 25,
  'evaluation.sampleEvery': 0,
  'optimizer.totalSteps': 100_000,
});
const RECORDED = { runs: 4, points: 5000 } as const;
/** How long each room is watched, and what it is given before to settle. */
const WATCH_MS = casesOf(10_000, 1500);
const SETTLE_MS = casesOf(3000, 2000);
const [TRAIN, ...REST] = OFFERED as [Room, ...Room[]];
/** The room of most views; all of them in the whole test. */
const OTHERS = casesOf(
  REST,
  REST.toSorted((a, b) => b.columns.flat().length - a.columns.flat().length).slice(0, 1),
);
const LONGEST_MS = 50;
const BUSY = 1 / 4;

/** A loss curve with noise, as another program would write it. */
function recordedCsv(run: number): string {
  const lines = Array.from({ length: RECORDED.points }, (_, i) => {
    const noise = Math.sin(i * (run + 3) * 12.9898) / 4;
    return `${i + 1},${(1.5 + 3 * Math.exp(-i / (400 + 200 * run)) + noise).toFixed(4)}`;
  });
  return `step,loss\n${lines.join('\n')}\n`;
}

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
}

declare global {
  interface Window {
    /** What the page asked of its workers, by the name of the call. */
    asked?: Record<string, number>;
  }
}

/** Counts the calls that leave the page for a worker. */
async function countCalls(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const asked: Record<string, number> = {};
    window.asked = asked;
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (
      this: Worker,
      message: { path?: string[] } | null,
      ...more: []
    ) {
      const name = message?.path?.at(-1);
      if (name !== undefined) asked[name] = (asked[name] ?? 0) + 1;
      post.call(this, message, ...more);
    };
  });
}

/** Looks at models that were made, and figures that were asked for, so far. */
const looks = (page: Page) =>
  page.evaluate(() => {
    const { inspect = 0, hold = 0, compute = 0 } = window.asked ?? {};
    return inspect + hold + compute;
  });

async function enter(page: Page, room: Room): Promise<void> {
  await page.locator('nav.rooms').getByRole('button', { name: room.title, exact: true }).click();
  const titles = room.columns.flat().map((id) => viewById(id).title);
  for (const name of titles) await page.getByRole('region', { name, exact: true }).waitFor();
  await page.waitForTimeout(SETTLE_MS);
}

/** What a room takes of the page's thread while the run trains. */
async function watch(page: Page, room: Room): Promise<ThreadLoad> {
  await enter(page, room);
  const before = await shownStep(page);
  const load = await threadLoad(page, () => page.waitForTimeout(WATCH_MS));
  expect(await shownStep(page), room.id).toBeGreaterThan(before);
  const { longest, busy, byClock } = load;
  console.info(
    `${room.id}: busy ${(100 * busy).toFixed(1)} %, longest task ${longest.toFixed(1)} ms of ` +
      `processor time; above 50 ms by the clock: ${byClock.length}`,
  );
  return load;
}

test(`while a run trains no room keeps the page’s thread busy, with ${RECORDED.runs} recorded runs drawn`, async () => {
  const page = await site().open(`#${encodeLink(EXPERIMENT)}`, countCalls);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await waitForStep(page, 1);
  await addRecorded(page);
  const rooms = [...OTHERS, TRAIN];
  const loads: (readonly [room: string, load: ThreadLoad])[] = [];
  for (const room of rooms) loads.push([room.id, await watch(page, room)]);
  expect(loads.filter(([, { longest }]) => longest >= LONGEST_MS)).toEqual([]);
  expect(loads.filter(([, { busy }]) => busy >= BUSY)).toEqual([]);
  // Several rooms were open, and all but one are closed: nobody looks at a model any more.
  const made = await looks(page);
  await waitForStep(page, (await shownStep(page)) + 30);
  expect(await looks(page)).toBe(made);
});
