import { expect, it } from 'vitest';
import { memoryNeeds } from '../../src/accounting/needs.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Change, Experiment } from '../../src/config/experiment.ts';
import { addToPlan, emptyPlan, planChange, setWidth } from '../../src/config/surgeryPlan.ts';
import { eventsOf, type Harness, harness, lossesOf, lossesOfRun, open, TINY } from './support.ts';

const SMALL_EDIT: Change = { 'router.K': 4, 'router.capacity': 2 };

/** A device that holds `TINY` after the small edit in its largest buffer and no byte more. */
function tight(): Harness {
  const one = harness();
  const { requestDevice } = one.deps;
  const { bytes } = memoryNeeds(applyChange(TINY, SMALL_EDIT), 8, 2, null).buffer;
  one.deps.requestDevice = async () => {
    const device = await requestDevice();
    Object.assign(device.adapter, { maxBufferBytes: bytes, maxBindingBytes: bytes });
    return device;
  };
  return one;
}

function widened({ experts }: Experiment, hidden: number): Change {
  const change = planChange(experts, addToPlan(emptyPlan(experts), 'all', setWidth(0, hidden)));
  if (change === null) throw new Error('the edit changes nothing');
  return change;
}

const REFUSAL = {
  name: 'ModelTooLarge',
  message: expect.stringMatching(
    /: [\d.]+ MiB in one buffer, but this adapter binds at most [\d.]+ MiB/,
  ),
};

it('refuses edits of a running model that outgrow its device, and trains on as if unasked', async () => {
  const one = tight();
  const session = await open(TINY, one);
  await session.runTo(5);
  await expect(session.change(widened(TINY, 4000))).rejects.toMatchObject(REFUSAL);
  await expect(session.change(SMALL_EDIT)).resolves.toBe(6);
  await session.start();
  await expect(session.change(widened(TINY, 4000))).rejects.toMatchObject(REFUSAL);
  await expect.poll(() => session.state).toBe('finished');
  expect(one.devices).toHaveLength(1);
  // That of the edit which was taken: its tokens have other ranks.
  expect(eventsOf(one.events, 'model').map(({ step }) => step)).toEqual([6]);
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(session.experiment, 60));
});

it('refuses before the text is read where no text could fit, and a later event with its step', async () => {
  const one = tight();
  let isRead = false;
  const { prepareText } = one.deps;
  one.deps.prepareText = (...request) => {
    isRead = true;
    return prepareText(...request);
  };
  const wide = { ...TINY, model: { ...TINY.model, D: 512 } };
  await expect(open(wide, one)).rejects.toMatchObject(REFUSAL);
  const later: Experiment = { ...TINY, events: [[40, widened(TINY, 4000)]] };
  await expect(open(later, one)).rejects.toMatchObject({
    name: 'ModelTooLarge',
    message: expect.stringMatching(/^From step 40 on: .* MiB in one buffer/),
  });
  expect(isRead).toBe(false);
  expect(one.devices.flatMap(({ engines }) => engines)).toEqual([]);
});
