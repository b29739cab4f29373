/** `npm run sweep -- FILE`: trains a person's own sweep on this machine's GPU. */
import type { CliIo } from './io.ts';
import { ownDevice } from './ownDevice.ts';
import { sweepCommand } from './sweepRun.ts';

export { USAGE } from './sweepRun.ts';

/** @returns exit code: 0, 1 when something failed or was refused, 2 for wrong usage */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  const { deps, destroy } = ownDevice();
  try {
    return await sweepCommand(argv, io, deps);
  } finally {
    await destroy();
  }
}
