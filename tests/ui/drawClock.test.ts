import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { createRunStore } from '../../src/state/runStore.ts';
import { drawClock } from '../../src/ui/drawClock.ts';
import { createFakeTrainer } from './fakeTrainer.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'setTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
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
