import { expect, it } from 'vitest';
import { requestNodeDevice } from '../../src/gpu/adapter.node.ts';
import { useDevice } from '../support/gpu.ts';

const device = useDevice();

const DEFAULT_LIMITS: readonly (keyof GPUSupportedLimits)[] = [
  'maxBindGroups',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupStorageSize',
  'maxStorageBuffersPerShaderStage',
  'maxUniformBufferBindingSize',
];

it('asks for the adapter’s own sizes of buffers and bindings, and for nothing else', async () => {
  const own = await requestNodeDevice();
  const plain = await requestNodeDevice({ limits: () => ({}), features: () => [] });
  expect(own.device.limits.maxBufferSize).toBe(own.adapter.limits.maxBufferSize);
  expect(own.device.limits.maxStorageBufferBindingSize).toBe(
    own.adapter.limits.maxStorageBufferBindingSize,
  );
  expect(plain.device.limits.maxBufferSize).toBe(2 ** 28);
  expect(plain.device.limits.maxStorageBufferBindingSize).toBe(2 ** 27);
  for (const name of DEFAULT_LIMITS) {
    expect(own.device.limits[name], name).toBe(plain.device.limits[name]);
  }
  expect(own.device.limits.maxStorageBuffersPerShaderStage).toBe(8);
  expect(own.device.limits.maxComputeInvocationsPerWorkgroup).toBe(256);
  expect(own.device.limits.maxComputeWorkgroupStorageSize).toBe(16384);
  own.close();
  plain.close();
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
