/** Kernels that the benchmark has for itself: the adapter's limits, and a product without tiling. */
import { GpuMemory } from '../../src/gpu/memory.ts';
import type { Slice } from '../../src/gpu/slice.ts';
import { productInputs } from '../inputs.ts';
import { COPY_BYTES, FMA_INVOCATIONS } from '../shapes.ts';
import type { ProductSize, Work } from '../subject.ts';
import copySource from './copy.wgsl?raw';
import { passWork, writeSlice } from './dispatches.ts';
import fmaSource from './fma.wgsl?raw';
import naiveSource from './naive.wgsl?raw';

const WORKGROUP = 64;

/** A kernel over buffers bound in order, the last storage buffer being its output. */
async function kernelWork(
  memory: GpuMemory,
  code: string,
  slices: readonly Slice[],
  output: Slice,
  grid: readonly [number, number],
): Promise<Work> {
  const { device } = memory;
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
  const entries = slices.map(({ buffer, offset, size }, binding) => ({
    binding,
    resource: { buffer, offset, size },
  }));
  const buffers = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const encode = (pass: GPUComputePassEncoder) => {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, buffers);
    pass.dispatchWorkgroups(...grid);
  };
  return passWork(device, encode, output, () => memory.destroy());
}

export function fmaWork(device: GPUDevice, scale: number): Promise<Work> {
  const memory = new GpuMemory(device);
  const invocations = FMA_INVOCATIONS * scale;
  const bytes = invocations * 4;
  const [start, result] = [
    memory.storage('bench:start', bytes, 'bench'),
    memory.storage('bench:result', bytes, 'bench'),
  ];
  // Below 1, so that the chains stay finite.
  writeSlice(device, start, new Float32Array(bytes / 4).fill(0.5));
  return kernelWork(memory, fmaSource, [start, result], result, [invocations / WORKGROUP, 1]);
}

export function copyWork(device: GPUDevice, scale: number): Promise<Work> {
  const memory = new GpuMemory(device);
  const bytes = COPY_BYTES * scale;
  const [source, copy] = [
    memory.storage('bench:source', bytes, 'bench'),
    memory.storage('bench:copy', bytes, 'bench'),
  ];
  // A fourth of the workgroups that a grid may have in one dimension.
  const columns = Math.min(16_384, bytes / 16 / WORKGROUP);
  const grid = [columns, bytes / 16 / WORKGROUP / columns] as const;
  return kernelWork(memory, copySource, [source, copy], copy, grid);
}

/** The product with one invocation per output. */
export function naiveProductWork(device: GPUDevice, size: ProductSize): Promise<Work> {
  const { m, n, k } = size;
  const memory = new GpuMemory(device);
  const inputs = productInputs(size);
  const x = memory.storage('bench:x', m * k * 4, 'bench');
  const w = memory.storage('bench:w', n * k * 4, 'bench');
  const y = memory.storage('bench:y', m * n * 4, 'bench');
  const dims = memory.uniform('bench:dims', 16, 'bench');
  writeSlice(device, x, Float32Array.from(inputs.x));
  writeSlice(device, w, Float32Array.from(inputs.w));
  writeSlice(device, dims, Int32Array.of(m, n, k, 0));
  return kernelWork(memory, naiveSource, [x, w, y, dims], y, [Math.ceil(n / 8), Math.ceil(m / 8)]);
}
