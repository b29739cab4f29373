import { expect, it } from 'vitest';
import { harness, lossesOf, lossesOfRun, open, TINY } from './support.ts';

/** Profiles that a session takes, on engines without a GPU. */

function profilersOf({ devices }: ReturnType<typeof harness>) {
  return devices.flatMap(({ engines }) => engines.flatMap(({ profilers }) => profilers));
}

it('takes the steps itself while nothing trains, and pauses after them', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.runTo(3);
  expect(await session.profile(4)).toMatchObject({ steps: 4, speed: { gflopsPerSec: 10 } });
  await session.pause();
  expect(session.state).toBe('paused');
  expect(session.stepsTaken).toBe(11);
  expect(profilersOf(one).map(({ isDestroyed }) => isDestroyed)).toEqual([true]);
  await session.runTo(20);
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(TINY, 20));
});

it('times steps of a run that trains on', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.start();
  expect(await session.profile(3)).toMatchObject({ steps: 3 });
  while (session.state === 'running') await new Promise((resolve) => setTimeout(resolve, 1));
  expect(session.state).toBe('finished');
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(TINY, 60));
});

it('stops early with what was timed, and pauses where it trained for the profile alone', async () => {
  const one = harness();
  const session = await open(TINY, one);
  const profiled = session.profile(25);
  while (session.stepsTaken < 6) await new Promise((resolve) => setTimeout(resolve, 1));
  await session.stopProfile();
  const { steps } = await profiled;
  expect(steps).toBeGreaterThanOrEqual(2);
  expect(steps).toBeLessThan(25);
  expect(session.state).toBe('paused');
  expect(session.stepsTaken).toBeLessThan(50);
  expect(await session.profile(1)).toMatchObject({ steps: 1 });
});

it('goes on training where it is stopped in the middle of a timed step', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.start();
  const profiled = session.profile(25);
  while (session.stepsTaken < 6) await new Promise((resolve) => setTimeout(resolve, 1));
  await session.stopProfile();
  await profiled;
  while (session.state === 'running') await new Promise((resolve) => setTimeout(resolve, 1));
  expect(session.state).toBe('finished');
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(TINY, 60));
  expect(profilersOf(one).map(({ isDestroyed }) => isDestroyed)).toEqual([true]);
});

it('ends with training: at the last step with what was timed, before a timed step with none', async () => {
  const session = await open(
    { ...TINY, optimizer: { ...TINY.optimizer, totalSteps: 8 } },
    harness(),
  );
  expect(await session.profile(10)).toMatchObject({ steps: 4 });
  await expect(session.profile(1)).rejects.toMatchObject({
    name: 'ConfigInvalid',
    message: expect.stringContaining('Step 9 is beyond the last step, 8'),
  });
  const other = await open(TINY, harness());
  const profiled = other.profile(5);
  await other.dispose();
  await expect(profiled).rejects.toMatchObject({ name: 'Cancelled' });
});

it('begins anew with another model, and on another device', async () => {
  const one = harness();
  const session = await open(TINY, one);
  const profiled = session.profile(5);
  while (session.stepsTaken < 5) await new Promise((resolve) => setTimeout(resolve, 1));
  await session.change({ 'router.K': 1 });
  while (session.stepsTaken < 8) await new Promise((resolve) => setTimeout(resolve, 1));
  one.devices[0]!.lose();
  await profiled;
  const profilers = profilersOf(one);
  expect(profilers.length).toBe(3);
  expect(profilers.every(({ isDestroyed }) => isDestroyed)).toBe(true);
});

it('refuses a second profile, and numbers of steps out of range', async () => {
  const session = await open(TINY, harness());
  const first = session.profile(2);
  await expect(session.profile(2)).rejects.toThrow('already');
  await first;
  await session.pause();
  for (const steps of [0, 2.5, 1001])
    await expect(session.profile(steps)).rejects.toThrow(`${steps} steps`);
});
