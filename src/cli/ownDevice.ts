/** The device and the texts of this machine, as commands use them. */
import { readDocuments } from '../data/documents.ts';
import { fileSource } from '../data/fileSource.ts';
import { ManyTexts } from '../data/manyTexts.ts';
import { prepareText } from '../data/prepare.ts';
import { requestNodeDevice } from '../gpu/adapter.node.ts';
import { DeviceSource } from '../train/device/deviceSource.ts';
import { gpuDevice } from '../train/device/gpuDevice.ts';
import type { Gpu } from '../train/ladimo/layerTrainer.ts';
import type { MeasureDeps } from '../train/recipes/measures.ts';
import type { SessionDeps } from '../train/session/openRun.ts';

/** What a session asks for: the device, once for all, and the texts of each experiment. */
export async function onOwnDevice(
  work: (deps: SessionDeps & Required<Pick<SessionDeps, 'readDocuments'>>) => Promise<number>,
): Promise<number> {
  const source = fileSource();
  const devices = new DeviceSource(async () => {
    const node = await requestNodeDevice();
    return gpuDevice(node.device, node);
  });
  try {
    return await work({
      requestDevice: () => devices.get(),
      prepareText: (experiment, own, { onProgress, signal }) =>
        prepareText(experiment, source, own, onProgress, signal),
      readDocuments: (experiment, own) => readDocuments(experiment, source, own),
    });
  } finally {
    await devices.destroy();
  }
}

/** What many runs use, of recipes and sweeps. */
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
