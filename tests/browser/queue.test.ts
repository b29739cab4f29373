import { afterEach, expect, it } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Sweep } from '../../src/recipes/sweep.ts';
import { idbLibrary } from '../../src/runs/idbLibrary.ts';
import type { QueueApi, QueueState } from '../../src/worker/api.ts';
import { createTrainerClient, type TrainerClient } from '../../src/worker/client.ts';

/** The real worker, the browser's own database and its locks. */

const clients: TrainerClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.terminate();
});

/** The queue of a page that was just opened. */
async function openQueue(): Promise<{ queue: QueueApi; states: QueueState[] }> {
  const client = createTrainerClient();
  clients.push(client);
  const queue = await client.queue();
  const states: QueueState[] = [];
  await queue.subscribe((event) => {
    if (event.type === 'state') states.push(event.state);
  });
  return { queue, states };
}

const sweep = (name: string): Sweep => ({
  format: 1,
  name,
  base: applyChange(DEFAULTS_V1, {
    ...TINY_SIZE,
    'model.D': 16,
    'experts.slots': Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 8 })),
    'batch.B': 2,
    'batch.S': 16,
    'tokenizer.kind': 'bytes',
    'data.mix': { arithmetic: 1 },
    'evaluation.every': 20,
    'evaluation.batches': 1,
    'evaluation.sampleEvery': 0,
    'optimizer.warmup': 1,
  }),
  axes: [{ path: 'router.K', values: [1, 2] }],
  seeds: [1],
  budget: { of: 'steps', amount: 60 },
});

/** For a loaded machine. */
const LONG = { timeout: 90_000 };

const stateOf = (states: readonly QueueState[], id: string) =>
  states.at(-1)?.items.find((item) => item.id === id)?.state;

it('goes on with the run in progress after its worker is killed', async () => {
  const library = await idbLibrary();
  const before = await openQueue();
  const id = await before.queue.add({ kind: 'sweep', sweep: sweep('Killed') });
  await expect.poll(() => (before.states.at(-1)?.work?.runs[0]?.step ?? 0) >= 5, LONG).toBe(true);
  await before.queue.pause();
  clients.pop()?.terminate();

  const { queue, states } = await openQueue();
  const [item] = (await queue.state()).items;
  expect(item).toMatchObject({ id, state: 'waiting', done: 0, of: 2, title: 'Killed' });
  expect((await queue.state()).isPaused).toBe(true);
  await queue.resume();
  await expect.poll(() => stateOf(states, id), LONG).toBe('done');
  const result = await queue.sweepResult(id);
  expect(result?.runs.map(({ run }) => [run.steps, run.experiment.router.K])).toEqual([
    [60, 1],
    [60, 2],
  ]);
  const rows = (await library.rows()).filter(({ tags }) => tags.includes('Killed'));
  expect(rows.map(({ status, steps }) => [status, steps])).toEqual([
    ['done', 60],
    ['done', 60],
  ]);
  const whole = await queue.add({ kind: 'sweep', sweep: { ...sweep('Whole'), seeds: [1] } });
  expect((await queue.estimate({ kind: 'sweep', sweep: sweep('Whole') })).runs).toBe(0);
  await expect.poll(() => stateOf(states, whole), LONG).toBe('done');
});

it('tells another tab what it works on and what came of it', async () => {
  const { queue, states } = await openQueue();
  const beside = await openQueue();
  // Of seed 1 all runs are there.
  const id = await queue.add({ kind: 'sweep', sweep: { ...sweep('Beside'), seeds: [2] } });
  await expect.poll(() => stateOf(beside.states, id), LONG).toBe('running');
  const { isElsewhere, work } = await beside.queue.state();
  expect([isElsewhere, work]).toEqual([true, null]);
  await expect(beside.queue.cancel(id)).rejects.toThrow('works in another tab');
  await expect.poll(() => stateOf(states, id), LONG).toBe('done');
  await expect.poll(() => stateOf(beside.states, id), LONG).toBe('done');
  await expect.poll(async () => (await beside.queue.state()).isElsewhere).toBe(false);
  const runs = (await beside.queue.sweepResult(id))?.runs ?? [];
  expect(runs.filter(({ seed }) => seed === 2)).toHaveLength(2);
});
