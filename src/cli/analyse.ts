/** `npm run analyse -- CHECKPOINT --out FILE`: figures of a run on this machine's GPU. */
import { analyseCommand } from './analyseRun.ts';
import type { CliIo } from './io.ts';
import { onOwnDevice } from './ownDevice.ts';

export { USAGE } from './analyseArguments.ts';

/** @returns exit code: 0, 1 when something failed or was refused, 2 for wrong usage */
export function main(argv: readonly string[], io: CliIo): Promise<number> {
  return onOwnDevice((deps) => analyseCommand(argv, io, deps));
}
