import { afterAll, expect, it } from 'vitest';
import type { Experiment } from '../../src/config/experiment.ts';
import { requestNodeDevice } from '../../src/gpu/adapter.node.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import type { TrainingDevice } from '../../src/train/device/trainingDevice.ts';
import { lastStep, trainerOfTwo, until } from './besideRuns.ts';
import { lossesOf, TINY } from './support.ts';

const devices: TrainingDevice[] = [];

async function requestDevice(): Promise<TrainingDevice> {
  const node = await requestNodeDevice();
  const device = gpuDevice(node.device, node);
  devices.push(device);
  return device;
}

afterAll(() => {
  for (const device of devices) device.destroy();
});

const STEPS = 20;
const A = until(TINY, STEPS);
/** Another model, edited in mid-run, validated and sampled: all that may come between two steps. */
const B: Experiment = {
  ...A,
  router: { ...A.router, K: 1, gate: 'softmax' },
  experts: {
    slots: [{ kind: 'ffn', hidden: 8 }, ...A.experts.slots, { kind: 'zero' }],
    sharedHidden: 4,
  },
  optimizer: { ...A.optimizer, lr: 0.02 },
  evaluation: { ...A.evaluation, every: 4, sampleEvery: 7 },
  events: [[9, { 'optimizer.lr': 0.005 }]],
};

async function alone(experiment: Experiment): Promise<number[]> {
  const { trainer, a } = await trainerOfTwo(requestDevice);
  await trainer.open(experiment, null);
  await trainer.start();
  await expect.poll(() => lastStep(a), { timeout: 30_000 }).toBe(STEPS);
  await trainer.dispose();
  return lossesOf(a);
}

it('gives each of two runs that take turns the losses it has alone, bit for bit', async () => {
  const expected = [await alone(A), await alone(B)];
  expect(expected[0]).not.toEqual(expected[1]);
  const { trainer, a, b } = await trainerOfTwo(requestDevice);
  const before = devices.length;
  await trainer.open(A, null);
  await trainer.openBeside(B, null);
  expect(devices.length).toBe(before + 1);
  await trainer.start();
  await expect.poll(() => Math.min(lastStep(a), lastStep(b)), { timeout: 30_000 }).toBe(STEPS);
  expect([lossesOf(a), lossesOf(b)]).toEqual(expected);
  await trainer.dispose();
}, 90_000);

it('lets a second run catch up with a first that stands further, bit for bit', async () => {
  const expected = [await alone(A), await alone(B)];
  const { trainer, a, b } = await trainerOfTwo(requestDevice);
  await trainer.open(A, null);
  for (let i = 0; i < 6; i++) await trainer.step();
  await trainer.openBeside(B, null);
  await trainer.step();
  expect([lastStep(a), lastStep(b)]).toEqual([6, 1]);
  await trainer.start();
  await expect.poll(() => Math.min(lastStep(a), lastStep(b)), { timeout: 30_000 }).toBe(STEPS);
  expect([lossesOf(a), lossesOf(b)]).toEqual(expected);
  await trainer.dispose();
}, 90_000);
