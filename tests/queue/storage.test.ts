/** Where the queue's storage fails, or is older than the page. */
import { expect, it } from 'vitest';
import type { QueueRequest } from '../../src/queue/items.ts';
import { recipeJob } from '../../src/queue/recipeJob.ts';
import { StorageError } from '../../src/runs/library.ts';
import { lab, openQueue, PLAIN } from './queueLab.ts';

const asked = (seeds: readonly number[], name = 'tiny-1'): QueueRequest => {
  return { kind: 'recipe', name, budget: 'quick', seeds };
};
const FULL = new StorageError({ kind: 'full', message: 'no room', bytes: null });

/** A lab whose storage can be made to fail. */
function failing() {
  const of = lab();
  const { tables } = of;
  const storage = { isFull: false };
  of.tables = {
    ...tables,
    transact: (names, mode, body) =>
      storage.isFull && mode === 'readwrite'
        ? Promise.reject(FULL)
        : tables.transact(names, mode, body),
  };
  return { of, storage };
}

it('takes a change back that cannot be stored', async () => {
  const { of, storage } = failing();
  const queue = await openQueue(of);
  await queue.pause();
  const first = await queue.add(asked([1]));
  storage.isFull = true;
  const states = async () => (await queue.state()).items.map(({ id, state }) => [id, state]);
  await expect(queue.add(asked([2]))).rejects.toThrow(FULL);
  await expect(queue.cancel(first)).rejects.toThrow(FULL);
  expect(await states()).toEqual([[first, 'waiting']]);
  storage.isFull = false;
  await queue.cancel(first);
  storage.isFull = true;
  await expect(queue.again(first)).rejects.toThrow(FULL);
  expect(await states()).toEqual([[first, 'cancelled']]);
});

it('takes back moves and removals that cannot be stored', async () => {
  const { of, storage } = failing();
  const queue = await openQueue(of);
  await queue.pause();
  const [first, second] = [await queue.add(asked([1])), await queue.add(asked([2]))];
  await queue.cancel(first);
  const states = async () => (await queue.state()).items.map(({ id, state }) => [id, state]);
  const before = [
    [first, 'cancelled'],
    [second, 'waiting'],
  ];
  storage.isFull = true;
  await expect(queue.move(second, 0)).rejects.toThrow(FULL);
  expect(await states()).toEqual(before);
  // Two at once, as the list is cleared.
  const removed = await Promise.allSettled([queue.remove(first), queue.remove(second)]);
  expect(removed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await states()).toEqual(before);
  storage.isFull = false;
  await queue.move(second, 0);
  expect(await states()).toEqual(before.toReversed());
  await queue.remove(first);
  expect(await states()).toEqual([[second, 'waiting']]);
});

it.each(['cancel', 'remove'] as const)('works on where %s cannot be stored', async (command) => {
  const of = lab();
  const queue = await openQueue(of);
  const id = await queue.add(asked([1]));
  await expect.poll(() => of.opened).toBeGreaterThan(0);
  const { transact } = of.tables;
  let refusals = 1;
  of.tables.transact = async (...asked) => {
    if (asked[1] === 'readwrite' && refusals-- > 0) throw FULL;
    return transact.apply(of.tables, asked) as never;
  };
  const refused = queue[command](id);
  await expect(refused).rejects.toThrow(FULL);
  const done = { state: 'done', done: 3 };
  await expect
    .poll(async () => (await queue.state()).items, { timeout: 20_000 })
    .toMatchObject([done]);
});

it('pauses with the reason where nothing can be stored, and fails no item for it', async () => {
  const { of, storage } = failing();
  const queue = await openQueue(of);
  of.onOpen = () => {
    storage.isFull = true;
  };
  await queue.add(asked([1, 2]));
  const now = () => queue.state();
  await expect.poll(async () => (await now()).isPaused, { timeout: 20_000 }).toBe(true);
  expect(await now()).toMatchObject({ work: null, failure: FULL.message });
  expect((await now()).items.map(({ state, failure }) => [state, failure])).toEqual([
    ['waiting', null],
  ]);
});

it('says of an item that another page left in its middle that it waits', async () => {
  const of = lab();
  const queue = await openQueue(of);
  await queue.add(asked([1, 2]));
  await expect.poll(async () => (await queue.state()).work?.runs[0]?.step ?? 0).toBeGreaterThan(0);
  const reopened = await openQueue(of);
  const { items, isPaused } = await reopened.state();
  expect([items[0]?.state, isPaused]).toEqual(['waiting', true]);
  await queue.pause();
});

it('knows results of another version from none', async () => {
  const of = lab();
  const queue = await openQueue(of);
  await queue.pause();
  await queue.add(asked([1]));
  const { key } = recipeJob(PLAIN, asked([1]) as Extract<QueueRequest, { kind: 'recipe' }>);
  expect((await queue.state()).items[0]).toMatchObject({ done: 0, hasResults: false });
  await of.tables.transact(['facts'], 'readwrite', async (tx) =>
    tx.put('facts', ['queue', 'result', ...key, '0.0.0', 'fake', '1', 'a'], {}),
  );
  const reopened = await openQueue(of);
  expect((await reopened.state()).items[0]).toMatchObject({ done: 0, hasResults: true });
});
