import { expect, it } from 'vitest';
import { GpuError } from '../../src/gpu/errors.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import type { SessionEvent } from '../../src/train/session/events.ts';
import { createSession } from '../../src/train/session/session.ts';
import {
  eventsOf,
  type FakeDevice,
  type Harness,
  harness,
  lossesOf,
  lossesOfRun,
  open,
  TINY,
} from './support.ts';

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

it('takes validation and sample that were due when the device was lost with their step’s report', async () => {
  const one = harness();
  const evaluation = { ...TINY.evaluation, every: 10, sampleEvery: 10 };
  const events: SessionEvent[] = [];
  const emit = (event: SessionEvent) => {
    events.push(event);
    const isLast = event.type === 'steps' && event.records.firstStep + event.records.n - 1 === 10;
    if (isLast && one.devices.length === 1) one.devices[0]!.lose();
  };
  const session = await createSession(one.deps, { ...TINY, evaluation }, { emit });
  await session.runTo(20);
  expect(one.devices).toHaveLength(2);
  expect(eventsOf(events, 'validation').map(({ step }) => step)).toEqual([10, 20]);
  expect(eventsOf(events, 'sample').map(({ sample }) => sample.step)).toEqual([10, 20]);
  expect(lossesOf(events)).toEqual(await lossesOfRun(TINY, 20));
});

/** Devices of which the first `count` are lost while their engine is made. */
function lostWhileOpening(
  one: Harness,
  count: number,
  fail: (device: FakeDevice) => unknown,
): void {
  const { requestDevice } = one.deps;
  one.deps.requestDevice = async () => {
    const device = await requestDevice();
    const made = one.devices.at(-1)!;
    if (one.devices.length <= count) {
      made.createEngine = () => {
        const answer = fail(made);
        return answer === undefined ? new Promise(() => {}) : Promise.reject(answer);
      };
    }
    return device;
  };
}

const silently = (device: FakeDevice) => device.lose();
const asKernel = (device: FakeDevice) => {
  setTimeout(() => device.lose(), 20);
  return new GpuError('KernelCompile', 'linear.fwd: the device is gone');
};

it.each([
  ['says nothing', silently],
  ['lets a kernel fail', asKernel],
])('opens on another device where the first is lost meanwhile and %s', async (_, fail) => {
  const one = harness();
  lostWhileOpening(one, 2, fail);
  const session = await open(TINY, one);
  await session.runTo(5);
  expect(one.devices).toHaveLength(3);
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(TINY, 5));
});

it('goes on from a checkpoint whose device is lost while it is restored', async () => {
  const plain = harness();
  const first = await open(TINY, plain);
  await first.runTo(8);
  const { experiment, state } = decodeCheckpoint(await first.checkpoint());
  const one = harness();
  lostWhileOpening(one, 1, silently);
  const session = await open(experiment, one, { state });
  await session.runTo(12);
  expect(lossesOf(one.events, 9)).toEqual((await lossesOfRun(TINY, 12)).slice(8));
});

it('gives up opening where every device is lost, and at an error that none would mend', async () => {
  const one = harness();
  lostWhileOpening(one, 99, silently);
  await expect(open(TINY, one)).rejects.toMatchObject({
    name: 'DeviceLost',
    message: expect.stringMatching(/lost 3 times/),
  });
  expect(one.devices).toHaveLength(3);
  const other = harness();
  lostWhileOpening(other, 99, () => new GpuError('KernelCompile', 'linear.fwd:3: no such name'));
  await expect(open(TINY, other)).rejects.toMatchObject({ name: 'KernelCompile' });
  expect(other.devices).toHaveLength(1);
});
