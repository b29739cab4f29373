import { expect, it } from 'vitest';
import { describeAdapter, openAdapter } from '../../src/gpu/adapterInfo.ts';

const INFO = { vendor: 'amd', architecture: 'rdna-3', device: '', description: '' };

it('tells an adapter by what the browser says of it, and one that it says nothing of', async () => {
  const info = { ...INFO, isFallbackAdapter: false } as GPUAdapterInfo;
  expect(await describeAdapter({ info })).toEqual({
    description: 'amd rdna-3',
    isSoftware: false,
  });
  const asked = { requestAdapterInfo: async () => INFO, isFallbackAdapter: true };
  expect(await describeAdapter(asked)).toEqual({ description: 'amd rdna-3', isSoftware: true });
  const refused = { requestAdapterInfo: () => Promise.reject(new Error('not allowed')) };
  for (const silent of [{}, refused, { requestAdapterInfo: async () => ({}) }])
    expect(await describeAdapter(silent)).toEqual({
      description: 'unnamed adapter',
      isSoftware: false,
    });
});

it.each([
  ['nvidia-h100-80gb-hbm3', 'NVIDIA: 580.159.04', 'nvidia-h100-80gb-hbm3, NVIDIA: 580.159.04'],
  ['0x2684', 'NVIDIA GeForce RTX 4090', 'NVIDIA GeForce RTX 4090'],
  ['apple m2', 'apple m2 pro', 'apple m2 pro'],
  ['geforce', '', 'amd rdna-3'],
])('names the model where the description is that of a driver: %s, %s', async (...names) => {
  const [device, description, named] = names;
  const info = { ...INFO, device, description } as GPUAdapterInfo;
  expect(await describeAdapter({ info })).toEqual({ description: named, isSoftware: false });
});

it.each(['SwiftShader driver 5.0.0', 'llvmpipe (LLVM 15)', 'Microsoft Basic Render Driver'])(
  'knows %s as a program on the processor',
  async (description) => {
    const info = { ...INFO, description } as GPUAdapterInfo;
    expect(await describeAdapter({ info })).toEqual({ description, isSoftware: true });
  },
);

/** An adapter whose devices cannot be had. */
function refusing(error: unknown): GPUAdapter {
  return {
    info: { ...INFO },
    features: new Set(),
    limits: { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 },
    requestDevice: () => Promise.reject(error),
  } as unknown as GPUAdapter;
}

it.each([
  [() => Promise.resolve(null), /no adapter for it/],
  [() => Promise.reject(new Error('blocked by the administrator')), /blocked by the administrator/],
  [async () => refusing(new TypeError('lost')), /"amd rdna-3" gives no device: lost/],
])('says NoWebGPU with the reason where no device is to be had', async (requestAdapter, reason) => {
  await expect(openAdapter({ requestAdapter }, 'test')).rejects.toMatchObject({
    name: 'NoWebGPU',
    message: expect.stringMatching(reason),
  });
});
