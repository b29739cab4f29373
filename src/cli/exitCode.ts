import { errorMessage } from '../train/session/errors.ts';
import type { CliIo } from './io.ts';

/**
 * Reads what a command is asked for, and does it.
 * @param asked throws RangeError or TypeError for wrong usage, before anything runs
 * @returns 0, 1 when something failed or was refused, 2 for wrong usage
 */
export async function exitCode(
  io: CliIo,
  usage: string,
  asked: () => () => Promise<void>,
): Promise<number> {
  let work: () => Promise<void>;
  try {
    work = asked();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    io.stderr(`${errorMessage(error)}\n${usage}`);
    return 2;
  }
  try {
    await work();
    return 0;
  } catch (error) {
    io.stderr(`error: ${errorMessage(error)}\n`);
    return 1;
  }
}
