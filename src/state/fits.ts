import { leastVocabulary, outgrows } from '../accounting/needs.ts';
import { sameValue } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import type { AdapterReport, OpenReport } from '../worker/api.ts';
import type { Failure } from './failure.ts';

/** Entries of a vocabulary that the open run has read from the same text; null where it has not. */
function knownVocabulary(experiment: Experiment, report: OpenReport | null): number | null {
  if (report === null || (experiment.data.mix.own ?? 0) > 0) return null;
  const textOf = ({ data, tokenizer }: Experiment) => ({ ...data, hash: null, tokenizer });
  return sameValue(textOf(report.experiment), textOf(experiment)) ? report.vocabulary : null;
}

/**
 * Refuses an experiment that the adapter cannot hold, as far as that is known before its text is
 * read: the run that is open is given up only for one that may start.
 */
export function tooLarge(
  experiment: Experiment,
  adapter: AdapterReport | null,
  report: OpenReport | null,
): Failure | null {
  if (adapter === null) return null;
  const vocabulary = leastVocabulary(experiment, knownVocabulary(experiment, report));
  const weights = Object.values(experiment.data.mix).filter((weight) => (weight ?? 0) > 0);
  const message = outgrows(experiment, vocabulary, Math.max(1, weights.length), adapter);
  return message === null ? null : { code: 'ModelTooLarge', message };
}
