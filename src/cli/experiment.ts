/** `npm run experiment -- LINK_OR_FILE --steps N --out FILE`: trains on this machine's GPU. */
import { readDocuments } from '../data/documents.ts';
import { fileSource } from '../data/fileSource.ts';
import { prepareText } from '../data/prepare.ts';
import { requestNodeDevice } from '../gpu/adapter.node.ts';
import { DeviceSource } from '../train/device/deviceSource.ts';
import { gpuDevice } from '../train/device/gpuDevice.ts';
import { experimentCommand } from './experimentRun.ts';
import type { CliIo } from './io.ts';

export { USAGE } from './experimentRun.ts';

/** @returns exit code: 0, 1 when something failed or was refused, 2 for wrong usage */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  const devices = new DeviceSource(async () => {
    const node = await requestNodeDevice();
    return gpuDevice(node.device, node);
  });
  try {
    return await experimentCommand(argv, io, {
      requestDevice: () => devices.get(),
      prepareText: (experiment, own, { onProgress, signal }) =>
        prepareText(experiment, fileSource(), own, onProgress, signal),
      readDocuments: (experiment, own) => readDocuments(experiment, fileSource(), own),
    });
  } finally {
    await devices.destroy();
  }
}
