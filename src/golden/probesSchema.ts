import * as v from 'valibot';
import { count, positive, real } from './configSchema.ts';

/** Shape of case.json of kind `probes` (the goldens' README, "Probes"). */

const texts = v.array(v.string());
const byteText = v.union([
  v.string(),
  v.object({ hex: v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/)) }),
]);
const optionSums = v.array(v.array(real));
const scoring = v.object({
  lastWord: v.array(byteText),
  cloze4: optionSums,
  arithmetic: v.array(byteText),
  induction: v.array(
    v.object({ argmax: v.array(count), first: v.array(real), second: v.array(real) }),
  ),
  domainChoice: optionSums,
});

export const probesSchema = v.object({
  format: v.literal(1),
  name: v.string(),
  covers: v.optional(v.string(), ''),
  kind: v.literal('probes'),
  settings: v.object({
    seed: v.optional(count, 1),
    items: v.optional(
      v.object({
        lastWord: v.exactOptional(count),
        cloze4: v.exactOptional(count),
        arithmetic: v.exactOptional(count),
        induction: v.exactOptional(count),
        domainChoice: v.exactOptional(count),
      }),
      {},
    ),
    S: positive,
    tokenizer: v.literal('bytes'),
  }),
  domains: texts,
  documents: v.record(v.string(), v.object({ training: texts, validation: texts })),
  scoring: v.tuple([scoring, scoring]),
  expected: v.object({
    candidates: v.record(v.string(), v.unknown()),
    items: v.record(v.string(), v.unknown()),
    leftOut: v.record(v.string(), v.unknown()),
    results: v.array(v.record(v.string(), v.unknown())),
    onlyOne: v.record(v.string(), v.unknown()),
  }),
});

export type ProbesCase = v.InferOutput<typeof probesSchema>;
