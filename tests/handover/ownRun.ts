/** A file of a run that was trained on a text of its own, with the text. */
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import type { OwnText } from '../../src/data/ownText.ts';
import { sha256Hex } from '../../src/data/textHash.ts';
import { utf8Encode } from '../../src/data/tokenizers/bytes.ts';
import { encodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { initialState } from '../../src/train/session/modelState.ts';
import { bytesOfRuns, madeParts, madeRow } from '../runs/files/support.ts';

/** @param vocabulary entries of the text's tokenizer */
export async function ownRun(
  experiment: Experiment,
  vocabulary: number,
  own: OwnText,
): Promise<Uint8Array> {
  const step = 7;
  const { initStd, seeds } = experiment;
  const state = {
    ...initialState(engineConfig(experiment, vocabulary), initStd, seeds.init),
    step,
  };
  const checkpoint = encodeCheckpoint({ experiment, state });
  const known = madeRow('own').text!;
  const row = madeRow('own', {
    experiment,
    text: { ...known, hash: await sha256Hex(utf8Encode(own.text)), isOwn: true, vocabulary },
    checkpoints: [{ step, bytes: checkpoint.length, isPinned: false, at: 1_700_000_000_000 }],
  });
  const checkpoints = new Map([[step, checkpoint]]);
  return bytesOfRuns([{ row, parts: madeParts([]), checkpoints, ownText: own }]);
}

/** A small model on a text of its own. */
export const OWN = {
  name: 'own.txt',
  text: 'A text of one’s own, long enough for windows. '.repeat(60),
};
export const ON_OWN = applyChange(DEFAULTS_V1, {
  'model.D': 16,
  'model.L': 1,
  'experts.slots': [
    { kind: 'ffn', hidden: 8 },
    { kind: 'ffn', hidden: 8 },
  ],
  'batch.B': 2,
  'batch.S': 16,
  'data.mix': { own: 1 },
  'tokenizer.kind': 'bytes',
});
