import type { Slice } from './slice.ts';

/** Copies a slice to the CPU. Waits for the queue: never inside a training step. */
export async function readSlice(device: GPUDevice, slice: Slice): Promise<ArrayBuffer> {
  const staging = device.createBuffer({
    label: `read:${slice.label}`,
    size: slice.size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder({ label: `read:${slice.label}` });
  encoder.copyBufferToBuffer(slice.buffer, slice.offset, staging, 0, slice.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const bytes = staging.getMappedRange().slice(0);
  staging.destroy();
  return bytes;
}

export async function readFloats(device: GPUDevice, slice: Slice): Promise<Float32Array> {
  return new Float32Array(await readSlice(device, slice));
}

export async function readWords(device: GPUDevice, slice: Slice): Promise<Uint32Array> {
  return new Uint32Array(await readSlice(device, slice));
}
