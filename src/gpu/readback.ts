import { hurried } from './hurry.ts';
import type { Slice } from './slice.ts';

/** Copies slices to the CPU by one buffer. Waits for the queue: never inside a training step. */
export async function readSlices(
  device: GPUDevice,
  slices: readonly Slice[],
): Promise<ArrayBuffer[]> {
  const label = `read:${slices[0]?.label ?? 'nothing'}`;
  const staging = device.createBuffer({
    label,
    size: slices.reduce((sum, { size }) => sum + size, 0),
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder({ label });
  let end = 0;
  const ranges = slices.map(({ buffer, offset, size }) => {
    encoder.copyBufferToBuffer(buffer, offset, staging, end, size);
    end += size;
    return [end - size, end] as const;
  });
  device.queue.submit([encoder.finish()]);
  await hurried(device, staging.mapAsync(GPUMapMode.READ));
  const mapped = staging.getMappedRange();
  const bytes = ranges.map(([from, to]) => mapped.slice(from, to));
  staging.destroy();
  return bytes;
}

/** Copies a slice to the CPU. Waits for the queue: never inside a training step. */
export async function readSlice(device: GPUDevice, slice: Slice): Promise<ArrayBuffer> {
  const [bytes] = await readSlices(device, [slice]);
  return bytes as ArrayBuffer;
}

export async function readFloats(device: GPUDevice, slice: Slice): Promise<Float32Array> {
  return new Float32Array(await readSlice(device, slice));
}

export async function readWords(device: GPUDevice, slice: Slice): Promise<Uint32Array> {
  return new Uint32Array(await readSlice(device, slice));
}
