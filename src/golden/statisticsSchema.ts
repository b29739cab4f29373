import * as v from 'valibot';
import { count, real, tolerance } from './configSchema.ts';

/** Shape of case.json of kind `statistics` (the goldens' README, "Statistics"). */

/** Stands for what JSON cannot say. */
const number = v.union([
  v.number(),
  v.pipe(v.picklist(['NaN', 'Infinity', '-Infinity']), v.transform(Number)),
]);
const bySeed = v.array(v.tuple([count, number]));
const runs = v.array(v.tuple([count, v.array(v.nullable(number))]));
const side = v.picklist(['<', '>', 'none']);
const claimed = { side, margin: v.nullable(real) };
const pair = {
  variant: v.optional(bySeed),
  reference: v.optional(bySeed),
  values: v.optional(bySeed),
  measure: v.optional(v.picklist(['difference', 'ratio']), 'difference'),
};
const expected = v.record(v.string(), v.unknown());
const head = { id: v.string(), expected };

const analysis = v.variant('type', [
  v.object({ ...head, type: v.literal('effect'), ...claimed, ...pair }),
  v.object({ ...head, type: v.literal('summary'), ...claimed, n: count, d: real, s: real }),
  v.object({ ...head, type: v.literal('findable'), s: real, n: v.array(count) }),
  v.object({ ...head, type: v.literal('trend'), ...claimed, settings: v.array(real), runs }),
  v.object({
    ...head,
    type: v.literal('optimum'),
    settings: v.array(real),
    runs,
    better: v.picklist(['lower', 'higher']),
  }),
  v.object({ ...head, type: v.literal('holm'), p: v.array(real) }),
  v.object({
    ...head,
    type: v.literal('parts'),
    parts: v.array(v.object({ id: v.string(), ...claimed, ...pair })),
    all: v.optional(v.boolean(), false),
  }),
  v.object({ ...head, type: v.literal('share'), hits: count, n: count, chance: real, side }),
  v.object({
    ...head,
    type: v.literal('prediction'),
    ...pair,
    second: v.object({ n: count, mean: v.optional(real) }),
  }),
  v.object({ ...head, type: v.literal('bound'), claims: count, outside: count }),
]);
export type Analysis = v.InferOutput<typeof analysis>;

export const statisticsSchema = v.object({
  format: v.literal(1),
  name: v.string(),
  covers: v.optional(v.string(), ''),
  kind: v.literal('statistics'),
  tolerance,
  analyses: v.array(analysis),
});

export type StatisticsCase = v.InferOutput<typeof statisticsSchema>;
