/** What sessions on the WebGPU engine need, with a text that is made up. */
import { afterAll } from 'vitest';
import { requestNodeDevice } from '../../src/gpu/adapter.node.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import type { TrainingDevice } from '../../src/train/device/trainingDevice.ts';
import type { SessionDeps } from '../../src/train/session/openRun.ts';
import { fakeText } from './support.ts';

/** Devices that end with the file's tests. */
export function useGpuDeps(): SessionDeps {
  const devices: TrainingDevice[] = [];
  afterAll(() => {
    for (const device of devices) device.destroy();
  });
  return {
    async requestDevice() {
      const node = await requestNodeDevice();
      const device = gpuDevice(node.device, node);
      devices.push(device);
      return device;
    },
    prepareText: async (experiment) => fakeText(experiment),
  };
}
