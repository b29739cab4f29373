import * as v from 'valibot';
import { analysisSchema } from './analysisSchema.ts';
import { count, engineConfig, head, positive, real, tolerance } from './configSchema.ts';
import { probesSchema } from './probesSchema.ts';
import { statisticsSchema } from './statisticsSchema.ts';

/** Shape of case.json (the goldens' README), checked before anything is computed from it. */

const lossTerms = v.record(v.string(), real);
const trainTail = {
  tolerance: v.object({
    ...{ out: tolerance, grad: tolerance, after: tolerance, loss: tolerance },
    bias: v.exactOptional(tolerance),
  }),
  expected: v.object({
    losses: lossTerms,
    gradNorm: real,
    steps: v.array(
      v.object({
        ...{ lr: real, gradNorm: real, loss: lossTerms },
        counts: v.exactOptional(v.record(v.string(), v.array(count))),
      }),
    ),
    capacity: v.optional(v.record(v.string(), v.array(count)), {}),
  }),
  facts: v.optional(
    v.record(v.string(), v.object({ selections: v.array(count), dropped: count })),
    {},
  ),
};

const ladimoSplitConfig = v.object({
  ...engineConfig,
  steps: positive,
  ladimo: v.object({ layer: count, alpha: real }),
});
const ladimoPolicyConfig = v.object({
  ladimo: v.object({ p_u: real, p_e: real, layers: v.array(count) }),
});

export const caseSchema = v.variant('kind', [
  v.object({
    ...head,
    ...trainTail,
    kind: v.literal('train'),
    config: v.object({ ...engineConfig, steps: positive }),
  }),
  v.object({ ...head, ...trainTail, kind: v.literal('ladimo-split'), config: ladimoSplitConfig }),
  v.object({
    ...head,
    kind: v.literal('ladimo-policy'),
    config: ladimoPolicyConfig,
    tolerance: v.object({ loss: tolerance }),
    expected: v.object({
      alpha: real,
      beta: real,
      layers: v.array(
        v.object({
          layer: count,
          kind: v.picklist(['top-1', 'top-2', 'top-3', 'dynamic']),
          alpha: real,
          beta: real,
        }),
      ),
    }),
  }),
  analysisSchema,
  probesSchema,
  statisticsSchema,
]);

export type CaseJson = v.InferOutput<typeof caseSchema>;
export type TrainFacts = v.InferOutput<(typeof trainTail)['facts']>;

/** case.json as typed data, or an error that names every field that is wrong. */
export function parseCaseJson(json: unknown): CaseJson {
  const result = v.safeParse(caseSchema, json);
  if (result.success) return result.output;
  const problems = result.issues.map(
    (issue) => `${v.getDotPath(issue) ?? 'case'}: ${issue.message}`,
  );
  throw new Error(`golden case: ${problems.join('; ')}`);
}
