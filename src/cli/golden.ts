/** `npm run golden -- DIR…`: golden cases on this machine's GPU. */
import { webgpuSubject } from '../golden/webgpuSubject.ts';
import { type NodeDevice, requestNodeDevice } from '../gpu/adapter.node.ts';
import { goldenCommand } from './goldenCases.ts';
import type { CliIo } from './io.ts';

export { USAGE } from './goldenCases.ts';

/** @returns exit code: 0, 1 when a case fails, 2 for wrong usage */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  let node: NodeDevice | null = null;
  try {
    return await goldenCommand(argv, io, async () => {
      node = await requestNodeDevice();
      io.stderr(`${node.description}\n`);
      return webgpuSubject(node.device, { adapterClass: node.isSoftware ? 'software' : 'gpu' });
    });
  } finally {
    closeDevice(node);
  }
}

function closeDevice(node: NodeDevice | null): void {
  node?.close();
}
