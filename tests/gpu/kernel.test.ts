import { expect, it, vi } from 'vitest';
import { compileKernel, read } from '../../src/gpu/kernel.ts';

const SPEC = { name: 'one.fwd', source: '', bindings: read('x_N'), dims: {} } as const;

it('keeps a kernel, and compiles one that failed again when it is asked for', async () => {
  vi.stubGlobal('GPUShaderStage', { COMPUTE: 4 });
  const create = vi
    .fn()
    .mockRejectedValueOnce(new Error('out of memory'))
    .mockResolvedValue('pipeline');
  const device = {
    limits: { maxStorageBuffersPerShaderStage: 8 },
    createShaderModule: () => ({ getCompilationInfo: async () => ({ messages: [] }) }),
    createBindGroupLayout: () => null,
    createPipelineLayout: () => null,
    createComputePipelineAsync: create,
  } as unknown as GPUDevice;
  await expect(compileKernel(device, SPEC, {})).rejects.toMatchObject({ name: 'KernelCompile' });
  const kernel = await compileKernel(device, SPEC, {});
  expect(kernel.pipeline).toBe('pipeline');
  expect(await compileKernel(device, SPEC, {})).toBe(kernel);
  expect(create).toHaveBeenCalledTimes(2);
  vi.unstubAllGlobals();
});
