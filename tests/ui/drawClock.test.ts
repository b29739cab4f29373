import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { createRunStore } from '../../src/state/runStore.ts';
import { drawClock } from '../../src/ui/kit/drawClock.ts';
import { createFakeTrainer } from './fakeTrainer.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'setTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The clock of a run with some panels, which note what they drew. */
async function panels(count: number) {
  const run = createRunStore();
  const drawn = Array.from({ length: count }, (): number[] => []);
  const stops = drawn.map((list) => drawClock(run).watch(null, (version) => list.push(version)));
  const grow = () => run.setState({ version: run.getState().version + 1 });
  await vi.advanceTimersByTimeAsync(500);
  for (const list of drawn) list.splice(0);
  return { run, drawn, stops, grow };
}

it('draws at most ten times a second, and always what came last', async () => {
  const { drawn, grow, run } = await panels(1);
  for (let i = 0; i < 100; i++) {
    grow();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(drawn[0]?.length).toBeGreaterThan(5);
  expect(drawn[0]?.length).toBeLessThanOrEqual(11);
  await vi.advanceTimersByTimeAsync(300);
  expect(drawn[0]?.at(-1)).toBe(run.getState().version);
});

it('draws nothing while nothing is new', async () => {
  const { drawn } = await panels(2);
  await vi.advanceTimersByTimeAsync(2000);
  expect(drawn).toEqual([[], []]);
});

it('draws all panels in the same task for another run or expert space', async () => {
  const { drawn, run } = await panels(3);
  run.getState().opened(await createFakeTrainer().open(DEFAULTS_V1, null));
  const { version } = run.getState();
  expect(drawn).toEqual([[version], [version], [version]]);
});

it('draws no panel that is gone', async () => {
  const { drawn, stops, grow } = await panels(2);
  stops[0]?.();
  grow();
  await vi.advanceTimersByTimeAsync(500);
  expect(drawn.map((list) => list.length)).toEqual([0, 1]);
});

/** A panel that is scrolled away, beside one that is not; both note what they drew. */
async function panelAway() {
  const told: ((entries: { target: Element; isIntersecting: boolean }[]) => void)[] = [];
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(tell: (typeof told)[number]) {
        told.push(tell);
      }
      observe(target: Element) {
        told.at(-1)?.([{ target, isIntersecting: false }]);
      }
      unobserve() {}
    },
  );
  const run = createRunStore();
  const away: number[] = [];
  const near: number[] = [];
  drawClock(run).watch(document.createElement('section'), (version) => away.push(version));
  drawClock(run).watch(null, (version) => near.push(version));
  await vi.advanceTimersByTimeAsync(3000);
  const grow = () => run.setState({ version: run.getState().version + 1 });
  grow();
  await vi.advanceTimersByTimeAsync(200);
  away.splice(0);
  grow();
  await vi.advanceTimersByTimeAsync(200);
  expect(near.at(-1)).toBe(run.getState().version);
  expect(away).toEqual([]);
  return { run, away };
}

it('draws what is scrolled away soon after the last report too', async () => {
  const { run, away } = await panelAway();
  await vi.advanceTimersByTimeAsync(2500);
  expect(away).toEqual([run.getState().version]);
});

it.each(['paused', 'finished', 'failed'] as const)(
  'draws what is scrolled away at once when the run is %s',
  async (phase) => {
    const { run, away } = await panelAway();
    run.setState({ phase });
    await vi.advanceTimersByTimeAsync(200);
    expect(away).toEqual([run.getState().version]);
  },
);

it('draws what is scrolled away before it is printed', async () => {
  const { run, away } = await panelAway();
  window.dispatchEvent(new Event('beforeprint'));
  expect(away).toEqual([run.getState().version]);
});

it('asks for no frame where nobody watches any more, and goes on with who comes', async () => {
  const { run, stops, grow } = await panels(1);
  grow();
  await vi.advanceTimersByTimeAsync(20);
  grow();
  for (const stop of stops) stop();
  const frame = vi.spyOn(globalThis, 'requestAnimationFrame');
  await vi.advanceTimersByTimeAsync(3000);
  expect(frame).not.toHaveBeenCalled();
  const drawn: number[] = [];
  drawClock(run).watch(null, (version) => drawn.push(version));
  await vi.advanceTimersByTimeAsync(300);
  expect(drawn.at(-1)).toBe(run.getState().version);
});
