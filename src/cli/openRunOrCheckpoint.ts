import { readFile } from 'node:fs/promises';
import { type Checkpoint, decodeCheckpoint } from '../train/session/checkpoint.ts';
import { errorMessage } from '../train/session/errors.ts';

/**
 * The experiment and the state of a file.
 * @throws Error that names the file and what is wrong with it
 */
export async function openRunOrCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readFile(path);
  try {
    return decodeCheckpoint(bytes);
  } catch (error) {
    throw new Error(`${path}: ${errorMessage(error)}`, { cause: error });
  }
}
