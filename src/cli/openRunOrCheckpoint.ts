import type { OwnText } from '../data/ownText.ts';
import type { Checkpoint } from '../train/session/checkpoint.ts';
import { readSource } from './experimentSource.ts';
import type { CliIo } from './io.ts';

export interface OpenedCheckpoint extends Checkpoint {
  /** The own text that a file of a run holds. */
  own: OwnText | null;
}

/**
 * The experiment and the state of a checkpoint, or of the last checkpoint of a file of runs.
 * @throws Error that names the file and what is wrong with it
 */
export async function openRunOrCheckpoint(path: string, io: CliIo): Promise<OpenedCheckpoint> {
  if (!/\.(safetensors|zip)$/.test(path))
    throw new RangeError(`${path} is no checkpoint (.safetensors) and no file of a run (.zip)`);
  const {
    experiment,
    state,
    own,
    parent,
    elsewhere = null,
  } = await readSource({ source: path, experiment: null, from: null, side: null }, io);
  if (state === null) throw new RangeError(`${path} holds no checkpoint`);
  return { experiment, state, own, parent, elsewhere };
}
