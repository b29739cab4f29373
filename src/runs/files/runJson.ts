/** `run.json`: a run's row, and what its tables need to be read; every value is looked at. */
import * as v from 'valibot';
import { checkConstraints } from '../../config/constraints.ts';
import type { Experiment } from '../../config/experiment.ts';
import { parseExperiment } from '../../config/parse.ts';
import { listed } from '../../config/plural.ts';
import { MAX_LAYERS, MAX_SLOTS, MAX_STEPS } from '../../config/settings.ts';
import { numberSchema, show } from '../../config/values.ts';
import { ROW_IN_FILES, type RunRow, type SampleRecord, type ValidationRecord } from '../record.ts';
import { anyNumber, checked, domainName, hash, list, object, text, whole } from '../schemas.ts';
import { jsonOf } from './json.ts';
import type { Segment } from './routingTable.ts';

export const RUN_FORMAT = 'switchyard-run-1';

export interface RunJson {
  row: RunRow;
  segments: readonly Segment[];
  /** Name and SHA-256 of the own text that is in the file; null where none is. */
  ownText: { name: string; hash: string } | null;
}

const MAX_TEXT = 100_000;
/** A surgery begins another segment; an experiment has at most so many events. */
const MAX_SEGMENTS = 20_000;

const segmentSchema = v.pipe(
  object({
    firstStep: whole(1, MAX_STEPS),
    n: whole(1, MAX_STEPS),
    layers: list(
      v.pipe(
        object({
          layer: whole(0, MAX_LAYERS - 1),
          R: whole(1, MAX_SLOTS),
          W: whole(1, MAX_SLOTS),
        }),
        v.check(({ R, W }) => W <= R, 'a layer has more ranks than slots'),
      ),
      MAX_LAYERS,
    ),
  }),
  v.check(
    ({ layers }) => layers.every(({ layer }, i) => i === 0 || layer > (layers[i - 1]?.layer ?? 0)),
    'its layers do not rise',
  ),
);

const runSchema = object({
  format: v.literal(
    RUN_FORMAT,
    ({ input }) => `${show(input)} cannot be read; this program reads ${RUN_FORMAT}`,
  ),
  row: object(ROW_IN_FILES),
  segments: v.pipe(
    list(segmentSchema, MAX_SEGMENTS),
    v.check(
      (all) =>
        all.every(({ firstStep }, i) => {
          const before = all[i - 1];
          return before === undefined || firstStep >= before.firstStep + before.n;
        }),
      'segments overlap',
    ),
  ),
  ownText: v.nullable(object({ name: text(1000), hash })),
});

const validationSchema = list(
  object({
    step: whole(0, MAX_STEPS),
    ce: anyNumber,
    perDomain: v.record(domainName, anyNumber),
    generated: v.exactOptional(anyNumber),
  }),
  MAX_STEPS,
);
const samplesSchema = list(
  object({
    step: whole(0, MAX_STEPS),
    prompt: text(MAX_TEXT),
    text: text(MAX_TEXT),
    temperature: numberSchema(0, 1e6, false),
  }),
  MAX_STEPS,
);

/** An experiment that could run: nothing of it refused, no rule broken. */
function experimentOf(raw: unknown): Experiment | null {
  if (raw === null) return null;
  const { experiment, problems } = parseExperiment(raw);
  const wrong = [...problems, ...checkConstraints(experiment)].filter(
    ({ severity }) => severity === 'error',
  );
  if (wrong.length > 0)
    throw new RangeError(`row.experiment: ${listed(wrong.map(({ message }) => message))}`);
  return experiment;
}

/** @throws RangeError, as the end of a sentence, for anything that is not as it should be */
export function readRunJson(bytes: Uint8Array): RunJson {
  const { row, segments, ownText } = checked(runSchema, jsonOf(bytes));
  const { experiment, last, best, ...rest } = row;
  return {
    row: {
      ...rest,
      experiment: experimentOf(experiment),
      // Strict objects of optional entries: no other names, and none that is undefined.
      last: last as RunRow['last'],
      best: best as RunRow['best'],
    },
    segments,
    ownText,
  };
}

export function readValidation(bytes: Uint8Array): ValidationRecord[] {
  return checked(validationSchema, jsonOf(bytes));
}

export function readSamples(bytes: Uint8Array): SampleRecord[] {
  return checked(samplesSchema, jsonOf(bytes));
}
