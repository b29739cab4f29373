import { settingsInForce } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';

/** Entries of the vocabulary as far as the settings tell; null for characters. */
export function vocabularyOf(
  { model, tokenizer }: Experiment,
  known: number | null,
): number | null {
  if (model.V !== null) return model.V;
  if (tokenizer.kind === 'chars') return known;
  return tokenizer.kind === 'bytes' ? 256 : tokenizer.size;
}

/** Settings that edits of the expert space meet: those of the open run's next step, or the form's. */
export function settingsShown(
  isOpen: boolean,
  experiment: Experiment,
  running: Experiment | null,
  step: number,
): Experiment {
  return isOpen && running !== null ? settingsInForce(running, step) : experiment;
}
