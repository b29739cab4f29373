import { expect, it } from 'vitest';
import type { Experiment } from '../../src/config/experiment.ts';
import { undoChange } from '../../src/config/surgeryHistory.ts';
import { addSlot, removeSlot, setWidth } from '../../src/config/surgeryPlan.ts';
import { eventsOf, harness, lossesOf, open, TINY } from './support.ts';
import { surgery } from './surgeryRun.ts';

/** The session's part of a surgery, on the engine without a GPU. */

const first = surgery(TINY, removeSlot(1));
const second = surgery({ experts: { ...TINY.experts, slots: TINY.experts.slots.slice(1) } }, [
  1,
  addSlot({ kind: 'zero' }),
]);
const EDITED: Experiment = {
  ...TINY,
  events: [
    [1, surgery(TINY, setWidth(1, 5), addSlot({ kind: 'copy' }))],
    [4, { surgery: { undo: 1 }, 'experts.slots': TINY.experts.slots as never }],
    [8, first],
    [13, second],
    [13, { 'router.K': 1 }],
  ],
};

it.each([
  ['the start', 0],
  ['a snapshot between two surgeries', 10],
  ['a snapshot right before a surgery', 4],
])('goes on over a lost device from %s', async (_, snapshotEvery) => {
  const plain = harness();
  const undisturbed = await open(EDITED, plain, { snapshotEvery: 0 });
  await undisturbed.runTo(24);
  const one = harness();
  const session = await open(EDITED, one, { snapshotEvery });
  for (const step of [7, 12, 15]) {
    await session.runTo(step);
    one.devices.at(-1)?.lose();
  }
  await session.runTo(24);
  expect(one.devices).toHaveLength(4);
  expect(lossesOf(one.events)).toEqual(lossesOf(plain.events));
  expect(eventsOf(one.events, 'model')).toEqual(eventsOf(plain.events, 'model'));
});

it('records a surgery as an event at the next step, apart from what else changes there', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.runTo(3);
  expect(await session.change({ 'optimizer.lr': 0.01 })).toBe(4);
  expect(await session.change(first)).toBe(4);
  expect(await session.change({ 'router.K': 1 })).toBe(4);
  expect(await session.change({ 'router.K': 3 })).toBe(4);
  expect(session.experiment.events).toEqual([
    [4, { 'optimizer.lr': 0.01 }],
    [4, first],
    [4, { 'router.K': 3 }],
  ]);
  const [model] = eventsOf(one.events, 'model');
  expect([model?.step, model?.model.layers.map(({ slots }) => slots)]).toEqual([4, [3, 3]]);
  expect(eventsOf(one.events, 'changed').map(({ change }) => change)[1]).toEqual(first);
});

it('refuses a surgery that later events of the link do not fit, and changes nothing', async () => {
  const session = await open(EDITED, harness());
  await session.runTo(5);
  const before = session.experiment;
  await expect(session.change(surgery(TINY, removeSlot(0)))).rejects.toThrow(
    'surgery at step 8: slot 2 of layer 0 derives from slot 3; there are 0 to 2',
  );
  expect(session.experiment).toBe(before);
  expect(undoChange(before, 6)).toBeNull();
});

it('goes back to the first model at a reset', async () => {
  const one = harness();
  const session = await open(EDITED, one);
  await session.runTo(10);
  await session.reset();
  const layers = eventsOf(one.events, 'model').at(-1)?.model.layers;
  expect(layers?.map(({ slots }) => slots)).toEqual([4, 4]);
  one.events.length = 0;
  await session.runTo(3);
  const plain = harness();
  await (await open(TINY, plain)).runTo(3);
  expect(lossesOf(one.events)).toEqual(lossesOf(plain.events));
});
