import { expect, it } from 'vitest';
import { DeviceSource } from '../../src/train/device/deviceSource.ts';
import { probeSpeed } from '../../src/train/device/speedProbe.ts';
import { switchyardError } from '../../src/train/session/errors.ts';
import { Trainer } from '../../src/train/session/trainer.ts';
import { useDevice } from '../support/gpu.ts';
import { FakeDevice, fakeText, TINY } from './support.ts';

const device = useDevice();

it('measures compute, copies and starts, and leaves nothing behind', async () => {
  await probeSpeed(device(), 'software');
  const start = performance.now();
  const speed = await probeSpeed(device(), 'software');
  expect(performance.now() - start).toBeLessThan(5000);
  expect(speed.gflopsPerSec).toBeGreaterThan(0.05);
  expect(speed.gflopsPerSec).toBeLessThan(1e6);
  expect(speed.gbytesPerSec).toBeGreaterThan(0.05);
  expect(speed.dispatchSeconds).toBeGreaterThan(1e-8);
  expect(speed.dispatchSeconds).toBeLessThan(0.1);
});

it('stops when it is told to', async () => {
  const stop = new AbortController();
  const probing = probeSpeed(device(), 'software', stop.signal);
  stop.abort(switchyardError('Cancelled', 'enough'));
  await expect(probing).rejects.toMatchObject({ name: 'Cancelled', message: 'enough' });
});

function trainer(): Trainer {
  return new Trainer({
    devices: new DeviceSource(async () => new FakeDevice()),
    prepareText: async (experiment) => fakeText(experiment),
    deliver: (listener, event) => listener(event),
  });
}

it('gives way to a run that opens, and is refused while one trains', async () => {
  const idle = trainer();
  await expect(idle.measure()).resolves.toMatchObject({ gflopsPerSec: 10 });
  const measuring = idle.measure();
  const opening = idle.open(TINY, null);
  await expect(idle.measure()).rejects.toMatchObject({ name: 'Cancelled' });
  await expect(measuring).rejects.toMatchObject({ name: 'Cancelled' });
  await opening;
  await idle.start();
  await expect(idle.measure()).rejects.toMatchObject({ name: 'Cancelled' });
  await idle.pause();
  await expect(idle.measure()).resolves.toBeDefined();
  await idle.dispose();
});
