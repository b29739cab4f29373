/** The hand-over of a trained model, as the command and the page ask for it. */
import type { PreparedText } from '../data/types.ts';
import type { Checkpoint } from '../train/session/checkpoint.ts';
import { handover } from './handover.ts';
import type { HandoverAsk } from './options.ts';
import type { HandoverFiles } from './settings.ts';
import { CLASSES } from './transformers/classes.ts';
import { transformersFolder } from './transformers/folder.ts';

/**
 * The files of a hand-over, the same wherever they are made.
 * @throws NotExpressible where the experiment does not fit the class; RangeError for a tokenizer that cannot
 *   be written
 */
export function handoverFiles(
  checkpoint: Checkpoint,
  text: Pick<PreparedText, 'tokenizer' | 'trainingBatch'>,
  { as, batches }: HandoverAsk,
): HandoverFiles {
  if (as === null) return handover(checkpoint, { text, batches });
  return transformersFolder(checkpoint, text.tokenizer, CLASSES[as]);
}
