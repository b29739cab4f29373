import type { Page } from 'playwright';

/** What the page's thread did for some time. */
export interface ThreadLoad {
  /** Processor time of the longest task, in ms. */
  longest: number;
  /** Part of the time in which the thread computed. */
  busy: number;
  /** Durations by the clock of tasks above 50 ms. It counts what else goes on on the machine, too. */
  byClock: readonly number[];
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Begin and length, in µs; `tdur` in processor time. */
  ts: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

declare global {
  interface Window {
    /** Durations by the clock of the page's long tasks (above 50 ms), in ms. */
    longTasks?: number[];
  }
}

/** Has the page note its long tasks from now on. */
async function noteLongTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    window.longTasks = tasks;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
  });
}

/** Tasks alone: every further category costs the page time of its own. */
const CATEGORIES = ['toplevel', '__metadata'];

/** Processor times of the tasks of renderers' main threads, in ms: of one within another only the outer. */
function taskTimes(events: readonly TraceEvent[]): number[] {
  const main = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = events
    .filter(
      ({ name, ph, pid, tid }) => /RunTask$/.test(name) && ph === 'X' && main.has(`${pid} ${tid}`),
    )
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const ends = new Map<string, number>();
  return tasks.flatMap(({ pid, tid, ts, dur = 0, tdur = dur }) => {
    const thread = `${pid} ${tid}`;
    const end = ts + dur;
    if (end <= (ends.get(thread) ?? 0)) return [];
    ends.set(thread, end);
    return [tdur / 1000];
  });
}

/** Watches the page's thread while `work` goes on. @throws Error where nothing was traced */
export async function threadLoad(page: Page, work: () => Promise<void>): Promise<ThreadLoad> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page has no browser');
  await noteLongTasks(page);
  await browser.startTracing(page, { categories: CATEGORIES });
  let took: number;
  let byClock: readonly number[];
  let traced: Buffer;
  try {
    const begun = performance.now();
    await work();
    took = performance.now() - begun;
    byClock = (await page.evaluate(() => window.longTasks)) ?? [];
  } finally {
    traced = await browser.stopTracing();
  }
  const times = taskTimes(JSON.parse(traced.toString()).traceEvents);
  if (times.length < 10) throw new Error(`only ${times.length} tasks were traced`);
  const busy = times.reduce((sum, time) => sum + time, 0) / took;
  return { longest: Math.max(...times), busy, byClock };
}
