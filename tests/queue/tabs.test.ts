import { expect, it } from 'vitest';
import type { QueueEvent, QueueRequest } from '../../src/queue/items.ts';
import type { Queue } from '../../src/queue/queue.ts';
import { lab, openQueue } from './queueLab.ts';

const asked = (...seeds: number[]): QueueRequest => {
  return { kind: 'recipe', name: 'tiny-1', budget: 'quick', seeds };
};

const LONG = { timeout: 20_000, interval: 20 };
const isElsewhere = async (queue: Queue) => (await queue.state()).isElsewhere;
const unitsIn = (events: readonly QueueEvent[]) =>
  events.flatMap((event) => (event.type === 'recipe' ? [event.result.units.length] : []));

it('tells other tabs of its list and its results', async () => {
  const of = lab();
  const first = await openQueue(of);
  const [events, late]: QueueEvent[][] = [[], []];
  const second = await openQueue(of, events, true);
  expect(await isElsewhere(second)).toBe(false);
  await first.add(asked(1));
  await expect
    .poll(() => second.state(), LONG)
    .toMatchObject({
      ...{ isElsewhere: true, isPaused: false, items: [{ state: 'running' }] },
    });
  // One that is opened later asks.
  const third = await openQueue(of, late, true);
  await expect.poll(() => isElsewhere(third), LONG).toBe(true);
  await first.pause();
  await expect.poll(async () => (await second.state()).isPaused, LONG).toBe(true);
  expect(await isElsewhere(first)).toBe(false);
  await expect(second.pause()).rejects.toThrow('works in another tab');
  await first.resume();
  const rests = { isElsewhere: false, isPaused: false, items: [{ state: 'done', done: 3 }] };
  await expect.poll(() => second.state(), LONG).toMatchObject(rests);
  await expect.poll(() => third.state(), LONG).toMatchObject(rests);
  await expect.poll(() => unitsIn(events)).toEqual([1, 2, 3]);
  const told = () => events.findLast(({ type }) => type === 'state');
  await expect.poll(told).toMatchObject({ state: rests });
  expect(unitsIn(late).at(-1)).toBe(3);
  // Whoever begins next has it.
  await second.add(asked(2));
  await expect.poll(() => isElsewhere(first), LONG).toBe(true);
  await expect.poll(async () => (await first.state()).items[1]?.done, LONG).toBe(3);
});

it('knows that it works in another tab where tabs do not hear of each other', async () => {
  const of = lab();
  of.tabs = null;
  const [first, second] = [await openQueue(of), await openQueue(of, [], true)];
  await first.pause();
  const id = await first.add(asked(1));
  await expect(second.resume()).rejects.toThrow('works in another tab');
  expect(await isElsewhere(second)).toBe(true);
  await first.remove(id);
  await second.resume();
  expect(await second.state()).toMatchObject({ isElsewhere: false, items: [] });
});

it('keeps the queue for what is asked for behind the last that was left to do', async () => {
  const of = lab();
  const queue = await openQueue(of);
  await queue.pause();
  const id = await queue.add(asked(1));
  await Promise.all([queue.cancel(id), queue.add(asked(2))]);
  expect(of.owner).not.toBeNull();
  await queue.resume();
  await expect.poll(async () => (await queue.state()).items[1]?.state, LONG).toBe('done');
  await expect.poll(() => of.owner).toBeNull();
});

it('gives the queue back where nothing can be stored, and where it has no such item', async () => {
  const of = lab();
  const queue = await openQueue(of);
  await expect(queue.cancel('nothing')).rejects.toThrow('has no item "nothing"');
  await expect.poll(() => of.owner).toBeNull();
  const { transact } = of.tables;
  of.tables.transact = async (...work) => {
    if (work[1] === 'readwrite') throw new Error('full');
    return transact.apply(of.tables, work) as never;
  };
  await expect(queue.add(asked(1))).rejects.toThrow('full');
  await expect.poll(() => of.owner).toBeNull();
  of.tables.transact = async () => {
    throw new Error('gone');
  };
  await expect(queue.add(asked(1))).rejects.toThrow('gone');
  await expect.poll(() => of.owner).toBeNull();
});
