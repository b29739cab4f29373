import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import { createSession } from '../../src/train/session/session.ts';
import { useDevice } from '../support/gpu.ts';
import { fakeText, TINY } from './support.ts';

const device = useDevice();

/** Everything that allocates on the device. */
const MAKERS = [
  'createBuffer',
  'createBindGroup',
  'createBindGroupLayout',
  'createPipelineLayout',
  'createShaderModule',
  'createComputePipeline',
  'createComputePipelineAsync',
  'createTexture',
  'createQuerySet',
] as const;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function heapAfterCollection(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

it('makes no GPU object in 1,000 steps after the first, and keeps the heap', async () => {
  const described = { description: 'test', isSoftware: true };
  const session = await createSession(
    {
      requestDevice: async () => gpuDevice(device(), described),
      prepareText: async (experiment) => fakeText(experiment),
    },
    TINY,
    { emit: () => {}, snapshotEvery: 0 },
  );
  await session.runTo(1);
  const makers = MAKERS.map((name) => vi.spyOn(device(), name));
  await session.runTo(100);
  const before = heapAfterCollection();
  await session.runTo(1001);
  expect(heapAfterCollection() / before).toBeLessThan(1.05);
  expect(makers.map(({ mock }) => mock.calls.length)).toEqual(MAKERS.map(() => 0));
  // The spies do see what is made: a checkpoint needs buffers to read through.
  await session.checkpoint();
  expect(makers[0]!.mock.calls.length).toBeGreaterThan(0);
  await session.dispose();
});
