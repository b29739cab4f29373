/** The device and the texts of this machine, as runs of recipes and sweeps use them: once for all. */
import { readDocuments } from '../data/documents.ts';
import { fileSource } from '../data/fileSource.ts';
import { ManyTexts } from '../data/manyTexts.ts';
import { prepareText } from '../data/prepare.ts';
import { requestNodeDevice } from '../gpu/adapter.node.ts';
import { DeviceSource } from '../train/device/deviceSource.ts';
import { gpuDevice } from '../train/device/gpuDevice.ts';
import type { Gpu } from '../train/ladimo/layerTrainer.ts';
import type { MeasureDeps } from '../train/recipes/measures.ts';

export interface OwnDevice {
  deps: MeasureDeps;
  destroy(): Promise<void>;
}

export function ownDevice(): OwnDevice {
  let gpu: Gpu | null = null;
  const devices = new DeviceSource(async () => {
    const node = await requestNodeDevice();
    gpu = { device: node.device, adapterClass: node.isSoftware ? 'software' : 'gpu' };
    return gpuDevice(node.device, node);
  });
  const source = fileSource();
  const texts = new ManyTexts((experiment, own, ...rest) =>
    prepareText(experiment, source, own, ...rest),
  );
  return {
    deps: {
      requestDevice: () => devices.get(),
      async requestGpu() {
        await devices.get();
        if (gpu === null) throw new Error('the device has no WebGPU device');
        return gpu;
      },
      prepareText: (experiment) => texts.get(experiment),
      readDocuments: (experiment, own) => readDocuments(experiment, source, own),
    },
    destroy: () => devices.destroy(),
  };
}
