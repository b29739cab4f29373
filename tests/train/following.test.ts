import { expect, it, vi } from 'vitest';
import { switchyardError } from '../../src/train/session/errors.ts';
import { eventsOf, harness, lossesOf, lossesOfRun, open, TINY } from './support.ts';

const EXPERIMENT = { ...TINY, evaluation: { ...TINY.evaluation, every: 10 } };

it('follows at each n-th validation where these come too often', async () => {
  const one = harness();
  const session = await open(EXPERIMENT, one);
  await session.runTo(60);
  const stepsOf = (type: 'validation') => eventsOf(one.events, type).map(({ step }) => step);
  expect(stepsOf('validation')).toEqual([10, 20, 30, 40, 50, 60]);
  expect(eventsOf(one.events, 'figures').map(({ figures }) => figures.step)).toEqual([30, 60]);
  await session.dispose();
});

it('trains on without where the GPU has no memory left for it', async () => {
  const one = harness();
  const session = await open(EXPERIMENT, one);
  const pass = vi.fn(async () => {
    throw switchyardError('ModelTooLarge', 'no memory');
  });
  one.devices[0]!.engines[0]!.pass = pass;
  await session.runTo(60);
  expect(pass).toHaveBeenCalledTimes(1);
  expect(eventsOf(one.events, 'figures')).toEqual([]);
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(EXPERIMENT, 60));
  await session.dispose();
});

it('has each row once where the device is lost meanwhile', async () => {
  const one = harness();
  const session = await open(EXPERIMENT, one, { snapshotEvery: 20 });
  const engine = one.devices[0]!.engines[0]!;
  engine.pass = async () => {
    one.devices[0]!.lose();
    return new Promise(() => undefined);
  };
  await session.runTo(60);
  expect(one.devices).toHaveLength(2);
  const whole = harness();
  const other = await open(EXPERIMENT, whole);
  await other.runTo(60);
  expect(eventsOf(one.events, 'figures')).toEqual(eventsOf(whole.events, 'figures'));
  expect(eventsOf(one.events, 'validation')).toEqual(eventsOf(whole.events, 'validation'));
  expect(lossesOf(one.events)).toEqual(lossesOf(whole.events));
  for (const each of [session, other]) await each.dispose();
});
