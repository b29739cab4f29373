import { errorMessage } from '../train/session/errors.ts';
import type { CliIo } from './io.ts';

/**
 * Reads what a command is asked for, and does it.
 * @param asked throws RangeError or TypeError for wrong usage, before anything runs; what it returns may
 *   end in a code of its own
 * @returns 0, 1 when something failed or was refused, 2 for wrong usage
 */
export async function exitCode(
  io: CliIo,
  usage: string,
  asked: () => () => Promise<number> | Promise<void>,
): Promise<number> {
  let work: () => Promise<number> | Promise<void>;
  try {
    work = asked();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    io.stderr(`${errorMessage(error)}\n${usage}`);
    return 2;
  }
  try {
    const code = await work();
    return typeof code === 'number' ? code : 0;
  } catch (error) {
    io.stderr(`error: ${errorMessage(error)}\n`);
    return 1;
  }
}
