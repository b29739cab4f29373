/** `probes.json`: what a run answered to the probe tasks; every value is looked at. */
import * as v from 'valibot';
import { OPERATORS } from '../../analysis/probes/arithmetic.ts';
import type { ProbesAt } from '../../analysis/probes/probesAt.ts';
import { MAX_STEPS } from '../../config/settings.ts';
import { numberSchema } from '../../config/values.ts';
import { checked, domainName, list, object, whole } from '../schemas.ts';
import { jsonOf } from './json.ts';

/** Trials of one task at most, and answers of a run. */
const [MAX_TRIALS, MAX_ANSWERS] = [1_000_000, 100_000];

const share = v.nullable(numberSchema(0, 1, false));
const trials = {
  correct: whole(0, MAX_TRIALS),
  of: whole(0, MAX_TRIALS),
  accuracy: share,
  low: share,
  high: share,
  chance: share,
};
const right = list(whole(0, 1), MAX_TRIALS);
const greedy = { ...trials, right, byDomain: v.record(domainName, object(trials)) };
const operators = object(
  Object.fromEntries(OPERATORS.map((operator) => [operator, object(trials)])),
);
const accuracy = object({ ...greedy, picks: list(whole(0, 100), MAX_TRIALS) });
const choice = object({ perToken: accuracy, perCharacter: accuracy });

const probesSchema = list(
  object({
    from: whole(0, MAX_STEPS),
    step: whole(0, MAX_STEPS),
    seed: whole(0, 2 ** 32 - 1),
    items: whole(1, MAX_TRIALS),
    results: object({
      lastWord: object(greedy),
      cloze4: choice,
      arithmetic: object({ ...greedy, byOperator: operators }),
      induction: object({
        ...trials,
        right,
        gain: v.nullable(numberSchema(-1e6, 1e6, false)),
      }),
      domainChoice: choice,
    }),
  }),
  MAX_ANSWERS,
);

/** @throws RangeError, as the end of a sentence, for anything that is not as it should be */
export function readProbes(bytes: Uint8Array): ProbesAt[] {
  // The operators are those of the table: no other names, and none that is missing.
  return checked(probesSchema, jsonOf(bytes)) as unknown as ProbesAt[];
}
