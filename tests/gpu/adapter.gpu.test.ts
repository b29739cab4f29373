import { expect, it } from 'vitest';
import { useDevice } from '../support/gpu.ts';

const device = useDevice();

it('asks for the default limits only, so that Node allows no more than any browser', () => {
  const { limits } = device();
  expect(limits.maxStorageBuffersPerShaderStage).toBe(8);
  expect(limits.maxComputeInvocationsPerWorkgroup).toBe(256);
  expect(limits.maxComputeWorkgroupStorageSize).toBe(16384);
  expect(limits.maxStorageBufferBindingSize).toBe(2 ** 27);
});

it('computes', async () => {
  const module = device().createShaderModule({
    code: `@group(0) @binding(0) var<storage, read_write> x: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { x[id.x] = id.x * 3u; }`,
  });
  const pipeline = await device().createComputePipelineAsync({
    layout: 'auto',
    compute: { module, entryPoint: 'main' },
  });
  const usage = GPUBufferUsage;
  const x = device().createBuffer({ size: 256, usage: usage.STORAGE | usage.COPY_SRC });
  const read = device().createBuffer({ size: 256, usage: usage.COPY_DST | usage.MAP_READ });
  const encoder = device().createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device().createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [{ binding: 0, resource: { buffer: x } }],
    }),
  );
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(x, 0, read, 0, 256);
  device().queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  expect([...new Uint32Array(read.getMappedRange())]).toEqual(
    Array.from({ length: 64 }, (_, i) => 3 * i),
  );
});
