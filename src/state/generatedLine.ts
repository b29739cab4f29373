import type { Line } from '../analysis/source.ts';
import type { ValidationRecord } from '../runs/record.ts';

/** Validation losses by the rule that texts are gone on with, where there are any. */
export function generatedLine(validation: readonly ValidationRecord[], owner: object): Line {
  const told = validation.filter(({ generated }) => generated !== undefined);
  return {
    owner,
    firstStep: told[0]?.step ?? 0,
    steps: told.map(({ step }) => step),
    values: told.map(({ generated = Number.NaN }) => generated),
  };
}
