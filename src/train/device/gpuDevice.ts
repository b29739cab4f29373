import type { AdapterDescription } from '../../gpu/adapterInfo.ts';
import { GpuEngine } from '../engine/gpuEngine.ts';
import { compileAhead } from '../engine/gpuPasses.ts';
import { probeSpeed } from './speedProbe.ts';
import type { DeviceFault, TrainingDevice } from './trainingDevice.ts';

/**
 * A WebGPU device as a session sees it. Its loss and its first error that no scope caught end what
 * runs on it.
 */
export function gpuDevice(
  device: GPUDevice,
  { description, isSoftware }: AdapterDescription,
): TrainingDevice {
  let isDestroyed = false;
  const fault = new Promise<DeviceFault>((resolve) => {
    void device.lost.then(({ reason, message }) => {
      if (isDestroyed) return;
      const why = message || reason;
      resolve({ kind: 'lost', message: `The GPU device was lost (${why}).` });
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      resolve(
        error instanceof GPUOutOfMemoryError
          ? { kind: 'outOfMemory', message: `The GPU has no memory left: ${error.message}` }
          : { kind: 'error', message: `WebGPU refused a command: ${error.message}` },
      );
    });
  });
  const adapterClass = isSoftware ? 'software' : 'gpu';
  return {
    adapter: {
      description,
      isSoftware,
      maxBufferBytes: device.limits.maxBufferSize,
      maxBindingBytes: device.limits.maxStorageBufferBindingSize,
    },
    gpu: { device, adapterClass },
    fault,
    createEngine: (config, options) =>
      GpuEngine.create(device, config, { ...options, adapterClass }),
    compileAhead: (config) =>
      compileAhead(device, config, { domains: 1, initStd: 0, seedInit: 0, adapterClass }),
    measure: (signal) => probeSpeed(device, adapterClass, signal),
    destroy() {
      isDestroyed = true;
      device.destroy();
    },
  };
}
