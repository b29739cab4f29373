import * as v from 'valibot';
import type { EngineConfig } from '../config/experiment.ts';

/** Shape of case.json (the goldens' README), checked before anything is computed from it. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const real = v.pipe(v.number(), v.finite());

const slots = v.array(
  v.variant('kind', [
    v.object({ kind: v.literal('ffn'), hidden: positive }),
    v.object({ kind: v.literal('negated'), of: count }),
    v.object({ kind: v.literal('zero') }),
    v.object({ kind: v.literal('copy') }),
    v.object({ kind: v.literal('constant') }),
  ]),
);

const model = v.object({
  V: positive,
  D: positive,
  L: positive,
  H: positive,
  Hkv: positive,
  positions: v.picklist(['rope', 'alibi']),
  ropeBase: real,
  keyNorm: v.boolean(),
  normEps: real,
  tied: v.boolean(),
  denseHidden: count,
  arrangement: v.union([v.picklist(['dense', 'full', '1dense', 'interleave']), v.array(count)]),
});

const policy = v.variant('kind', [
  v.object({ kind: v.picklist(['top-1', 'top-2', 'top-3']) }),
  v.object({ kind: v.literal('dynamic'), alpha: real, beta: real }),
]);

const router = v.object({
  selection: v.picklist(['topk', 'topp', 'randomDrop', 'adaptive']),
  /** Null where the selection has no K (`topp`, `adaptive`): nothing reads the 1 in its place. */
  K: v.pipe(
    v.nullable(positive),
    v.transform((K) => K ?? 1),
  ),
  P: v.nullable(real),
  q: v.nullable(real),
  policy: v.nullable(v.array(v.nullable(policy))),
  gate: v.picklist(['softmax', 'renormalized', 'renormalizedWithNull', 'renormalizedWithoutZero']),
  bias: v.boolean(),
  noise: v.boolean(),
  gatingResidual: v.boolean(),
  capacity: v.nullable(real),
  tau: real,
});

const losses = v.object({
  switch: v.exactOptional(v.object({ alpha: real })),
  heterogeneous: v.exactOptional(v.object({ beta: real })),
  ternary: v.exactOptional(v.object({ alpha1: real })),
  reward: v.exactOptional(v.object({ alpha2: real })),
  dynamic: v.exactOptional(v.object({ w: real })),
});

const engineConfig = {
  model,
  router,
  experts: v.object({
    slots,
    perLayer: v.exactOptional(v.record(v.string(), slots)),
    sharedHidden: count,
  }),
  losses,
  optimizer: v.object({
    lr: real,
    minLr: real,
    warmup: count,
    totalSteps: positive,
    beta1: real,
    beta2: real,
    eps: real,
    weightDecay: real,
    clip: v.nullable(real),
  }),
  batch: v.object({ B: positive, S: positive }),
  seed: v.pipe(v.number(), v.integer()),
} satisfies v.ObjectEntries & Record<keyof EngineConfig, v.GenericSchema>;

const tolerance = v.object({ abs: real, rel: real });
const lossTerms = v.record(v.string(), real);
const head = {
  format: v.literal(1),
  name: v.string(),
  covers: v.optional(v.string(), ''),
  note: v.optional(v.string(), ''),
  initSeed: v.optional(v.nullable(count), null),
  margin: v.nullable(real),
};
const trainTail = {
  tolerance: v.object({ out: tolerance, grad: tolerance, after: tolerance, loss: tolerance }),
  expected: v.object({
    losses: lossTerms,
    gradNorm: real,
    steps: v.array(v.object({ lr: real, gradNorm: real, loss: lossTerms })),
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
