import { expect, it } from 'vitest';
import { eventsOf, harness, lossesOf, open, TINY } from './support.ts';

/** What a session tells of its model where tokens choose another number of slots. */

it('reports the model from the step on at which its tokens have other ranks', async () => {
  const one = harness();
  const session = await open({ ...TINY, events: [[4, { 'router.K': 3 }]] }, one);
  await session.runTo(6);
  await session.change({ 'optimizer.lr': 0.01 });
  await session.change({ 'router.gate': 'softmax' });
  await session.change({ 'router.K': 1 });
  const told = eventsOf(one.events, 'model');
  expect(told.map(({ step, model }) => [step, model.layers.map(({ ranks }) => ranks)])).toEqual([
    [4, [3, 3]],
    [7, [1, 1]],
  ]);
  // All steps before it are told by then.
  const before = eventsOf(one.events.slice(0, one.events.indexOf(told[0]!)), 'steps');
  expect(lossesOf(before)).toHaveLength(3);
});

it('reports it once, though the steps behind are taken again on another device', async () => {
  const one = harness();
  const session = await open({ ...TINY, events: [[4, { 'router.K': 3 }]] }, one);
  await session.runTo(6);
  one.devices.at(-1)?.lose();
  await session.runTo(9);
  expect(one.devices).toHaveLength(2);
  expect(eventsOf(one.events, 'model').map(({ step }) => step)).toEqual([4]);
});
