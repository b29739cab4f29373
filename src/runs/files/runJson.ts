/** `run.json`: a run's row, and what its tables need to be read; every value is looked at. */
import * as v from 'valibot';
import { checkConstraints } from '../../config/constraints.ts';
import type { Experiment } from '../../config/experiment.ts';
import { parseExperiment } from '../../config/parse.ts';
import { listed } from '../../config/plural.ts';
import { MAX_LAYERS, MAX_SLOTS, MAX_STEPS } from '../../config/settings.ts';
import { SCALARS } from '../../config/telemetry.ts';
import { numberSchema, refused, show } from '../../config/values.ts';
import { RECORD_FORMAT, type RunRow, type SampleRecord, type ValidationRecord } from '../record.ts';
import {
  anyNumber,
  checked,
  choice,
  domainName,
  flag,
  jsonOf,
  list,
  object,
  text,
  whole,
} from './jsonSchema.ts';
import type { Segment } from './routingTable.ts';

export const RUN_FORMAT = 'switchyard-run-1';

export interface RunJson {
  row: RunRow;
  segments: readonly Segment[];
  /** Name and SHA-256 of the own text that is in the file; null where none is. */
  ownText: { name: string; hash: string } | null;
}

const MAX_TEXT = 100_000;
const MAX_TIME = 8.64e15;
const MAX_BYTES = Number.MAX_SAFE_INTEGER;
const MAX_POINTS = 1000;
const MAX_CHECKPOINTS = 10_000;
/** A surgery begins another segment; an experiment has at most so many events. */
const MAX_SEGMENTS = 20_000;

const aStep = numberSchema(0, Number.MAX_SAFE_INTEGER, false);
const atStep = object({ step: aStep, value: anyNumber });
const metrics = object(
  Object.fromEntries([...SCALARS, 'validation'].map((name) => [name, v.optional(atStep)])),
);
const hash = v.pipe(
  v.string(refused('64 hexadecimal digits')),
  v.regex(/^[0-9a-f]{64}$/, refused('64 hexadecimal digits')),
);
const isRising = (rows: readonly { step: number }[]) =>
  rows.every(({ step }, i) => i === 0 || step > (rows[i - 1]?.step ?? 0));

/** An id names a folder of the file. */
export const RUN_ID = /^[\w-]{1,64}$/;

const rowSchema = object({
  format: v.literal(
    RECORD_FORMAT,
    ({ input }) => `${show(input)} cannot be read; this program reads format ${RECORD_FORMAT}`,
  ),
  id: v.pipe(v.string(), v.regex(RUN_ID, refused('1 to 64 letters, digits, _ and -'))),
  name: text(500),
  note: text(MAX_TEXT),
  tags: list(text(100), 100),
  origin: choice(['trained', 'file', 'link', 'curves']),
  status: choice(['open', 'done', 'failed']),
  begunAt: whole(0, MAX_TIME),
  changedAt: whole(0, MAX_TIME),
  exportedAt: v.nullable(whole(0, MAX_TIME)),
  version: text(100),
  experiment: v.unknown(),
  parent: v.nullable(object({ id: v.pipe(text(64), v.regex(RUN_ID)), step: whole(0, MAX_STEPS) })),
  text: v.nullable(
    object({
      hash: v.nullable(hash),
      isOwn: flag,
      vocabulary: whole(1, 2 ** 24),
      unigramEntropy: numberSchema(0, 100, false),
      charactersPerToken: numberSchema(0, 1e6, false),
      domains: list(domainName, 64),
    }),
  ),
  adapter: v.nullable(
    object({
      description: text(1000),
      isSoftware: flag,
      needs: object({
        buffer: whole(0, MAX_BYTES),
        binding: whole(0, MAX_BYTES),
        total: whole(0, MAX_BYTES),
      }),
    }),
  ),
  steps: aStep,
  seconds: numberSchema(0, MAX_TIME, false),
  tokensPerStep: v.nullable(numberSchema(0, MAX_BYTES, false)),
  last: metrics,
  best: metrics,
  thumbnail: list(atStep, MAX_POINTS),
  color: whole(0, 1000),
  isVisible: flag,
  checkpoints: v.pipe(
    list(
      object({
        step: whole(0, MAX_STEPS),
        bytes: whole(0, MAX_BYTES),
        isPinned: flag,
        at: whole(0, MAX_TIME),
      }),
      MAX_CHECKPOINTS,
    ),
    v.check((rows) => isRising(rows), 'the steps do not rise'),
  ),
  bytes: whole(0, MAX_BYTES),
});

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
  row: rowSchema,
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
