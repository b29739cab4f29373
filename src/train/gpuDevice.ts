import type { AdapterDescription } from '../gpu/adapterInfo.ts';
import { createGpuEngine } from './gpuEngine.ts';
import type { DeviceFault, TrainingDevice } from './trainingDevice.ts';

/**
 * A WebGPU device as a session sees it. Its loss and its first error that no scope caught end what
 * runs on it; out of memory counts as an error of the model, not of the device.
 */
export function gpuDevice(device: GPUDevice, { description, isSoftware }: AdapterDescription) {
  let isDestroyed = false;
  const fault = new Promise<DeviceFault>((resolve) => {
    void device.lost.then(({ reason, message }) => {
      if (isDestroyed) return;
      const why = message || reason;
      resolve({ kind: 'lost', message: `The GPU device was lost (${why}).` });
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      resolve({ kind: 'error', message: `WebGPU refused a command: ${error.message}` });
    });
  });
  return {
    adapter: {
      description,
      isSoftware,
      maxBufferBytes: device.limits.maxBufferSize,
      maxBindingBytes: device.limits.maxStorageBufferBindingSize,
    },
    fault,
    createEngine: (config, { domains, initStd, seedInit, onProgress }) =>
      createGpuEngine(device, config, {
        domains,
        initStd,
        seedInit,
        adapterClass: isSoftware ? 'software' : 'gpu',
        onProgress: (done, total) => onProgress?.('kernels', done, total),
      }),
    destroy() {
      isDestroyed = true;
      device.destroy();
    },
  } satisfies TrainingDevice as TrainingDevice;
}
