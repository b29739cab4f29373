/** What can be handed over, as the command and the page ask for it. */
import type { PreparedText } from '../data/types.ts';
import type { Checkpoint } from '../train/session/checkpoint.ts';
import { handover } from './handover.ts';
import type { HandoverFiles } from './settings.ts';
import { CLASSES, classById } from './transformers/classes.ts';
import { transformersFolder } from './transformers/folder.ts';

export interface HandoverAsk {
  /** Id of a class of `transformers`; null: programs for PyTorch that train on. */
  as: string | null;
  /** How many of the next batches are written; for PyTorch. */
  batches: number;
}

/** Most batches that are written. */
export const MAX_BATCHES = 10_000;

export const CLASS_IDS: readonly string[] = CLASSES.map(({ id }) => id);

/**
 * The files of a hand-over, the same wherever they are made.
 * @throws NotExpressible where the experiment does not fit the class; RangeError for an unknown class and
 *   for a tokenizer that cannot be written
 */
export function handoverFiles(
  checkpoint: Checkpoint,
  text: Pick<PreparedText, 'tokenizer' | 'trainingBatch'>,
  { as, batches }: HandoverAsk,
): HandoverFiles {
  if (as === null) return handover(checkpoint, { text, batches });
  return transformersFolder(checkpoint, text.tokenizer, classById(as));
}
