/** Whether token ids mean the same to two runs. */
import type { Experiment } from '../config/experiment.ts';

/** Why the token ids of another run do not mean what those of a run do; null where they do. */
export function tokensDiffer(run: Experiment, other: Experiment): string | null {
  const differs = (of: (experiment: Experiment) => unknown, what: string) =>
    of(run) === of(other)
      ? null
      : `its ${what} is ${of(other)}, the run's ${of(run)}: their tokens differ`;
  const kind = differs(({ tokenizer }) => tokenizer.kind, 'tokenizer');
  if (kind !== null || run.tokenizer.kind === 'bytes') return kind;
  const text = differs(({ data }) => data.hash, "text's SHA-256");
  if (text !== null || run.tokenizer.kind === 'chars') return text;
  return (
    differs(({ tokenizer }) => tokenizer.size, "tokenizer's size") ??
    differs(({ data }) => data.validationShare, 'validation share')
  );
}
