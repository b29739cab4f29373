import { expect, it } from 'vitest';
import { decodeCheckpoint } from '../../src/train/checkpoint.ts';
import { eventsOf, harness, lossesOf, lossesOfRun, open, TINY } from './support.ts';

async function untilStep(session: { stepsTaken: number }, step: number): Promise<void> {
  while (session.stepsTaken < step) await new Promise((resolve) => setTimeout(resolve, 1));
}

it('goes on with a new device, from the last snapshot, without a trace in the losses', async () => {
  const one = harness();
  const session = await open(TINY, one, { snapshotEvery: 10 });
  await session.change({ 'optimizer.weightDecay': 0.2 });
  await session.start();
  await untilStep(session, 24);
  await session.change({ 'optimizer.lr': 0.02 });
  one.devices[0]!.lose();
  await expect.poll(() => session.state).toBe('finished');
  expect(one.devices).toHaveLength(2);
  expect(one.devices[0]!.engines[0]!.isDestroyed).toBe(true);
  expect(eventsOf(one.events, 'checkpoint').map(({ step }) => step)).toEqual([
    10, 20, 30, 40, 50, 60,
  ]);
  expect(eventsOf(one.events, 'stopped').map(({ reason }) => reason.kind)).toEqual(['finished']);
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(session.experiment, 60));
});

it('recovers without a snapshot, and while it is paused', async () => {
  const one = harness();
  const session = await open(TINY, one, { snapshotEvery: 0 });
  await session.runTo(7);
  one.devices[0]!.lose();
  const ce = await session.evaluate();
  expect(ce).toBeGreaterThan(0);
  await session.runTo(20);
  expect(one.devices).toHaveLength(2);
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(TINY, 20));
});

it('makes up for validation that a lost device cut short', async () => {
  const one = harness();
  const experiment = { ...TINY, evaluation: { ...TINY.evaluation, every: 10, batches: 20 } };
  const session = await open(experiment, one, { snapshotEvery: 0 });
  await session.start();
  const [device] = one.devices;
  while (device!.engines[0]!.evaluations < 3)
    await new Promise((resolve) => setTimeout(resolve, 1));
  device!.lose();
  await expect.poll(() => session.state, { timeout: 5000 }).toBe('finished');
  expect(eventsOf(one.events, 'validation').map(({ step }) => step)).toEqual([
    10, 20, 30, 40, 50, 60,
  ]);
});

it('gives up a device that is lost again and again, and keeps the last snapshot', async () => {
  const one = harness();
  const { requestDevice } = one.deps;
  const session = await open(TINY, one, { snapshotEvery: 10 });
  one.deps.requestDevice = async () => {
    const device = await requestDevice();
    setTimeout(() => one.devices.at(-1)!.lose());
    return device;
  };
  await session.start();
  await untilStep(session, 15);
  one.devices[0]!.lose();
  await expect.poll(() => session.state).toBe('failed');
  expect(eventsOf(one.events, 'stopped').at(-1)?.reason).toMatchObject({
    kind: 'deviceLost',
    message: expect.stringMatching(/lost 3 times after step \d+/),
  });
  expect(one.devices.length).toBe(3);
  expect(decodeCheckpoint(await session.checkpoint()).state.step).toBe(10);
});

it('stops at an error that another device would not mend', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.start();
  await untilStep(session, 5);
  one.devices[0]!.lose('error');
  await expect.poll(() => session.state).toBe('failed');
  expect(one.devices).toHaveLength(1);
  expect(eventsOf(one.events, 'stopped').at(-1)?.reason).toEqual({
    kind: 'error',
    message: 'gone',
  });
});
