/** `npm run experiment -- LINK_OR_FILE --steps N --out FILE`: trains on this machine's GPU. */
import { experimentCommand } from './experimentRun.ts';
import type { CliIo } from './io.ts';
import { onOwnDevice } from './ownDevice.ts';

export { USAGE } from './experimentArguments.ts';

/** @returns exit code: 0, 1 when something failed or was refused, 2 for wrong usage */
export function main(argv: readonly string[], io: CliIo): Promise<number> {
  return onOwnDevice((deps) => experimentCommand(argv, io, deps));
}
