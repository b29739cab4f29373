import * as v from 'valibot';
import type { EngineConfig } from '../config/experiment.ts';

/** Parts of case.json that several kinds of golden cases have (the goldens' README). */

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
export const real = v.pipe(v.number(), v.finite());

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

const biasRule = v.variant('kind', [
  v.strictObject({ kind: v.literal('none') }),
  v.strictObject({ kind: v.literal('sign'), rate: real, centre: v.boolean() }),
  v.strictObject({ kind: v.literal('quantile'), smoothing: real }),
  v.strictObject({ kind: v.literal('budget'), rate: real, computing: real }),
]);
const pool = v.union([
  v.strictObject({ size: positive, evaluation: v.nullable(positive) }),
  v.strictObject({ min: positive, max: positive, evaluation: v.nullable(positive) }),
]);

const router = v.object({
  selection: v.picklist(['topk', 'topp', 'randomDrop', 'adaptive', 'hash', 'expertChoice']),
  /** Null where the selection has no K (`topp`, `adaptive`): nothing reads the 1 in its place. */
  K: v.pipe(
    v.nullable(positive),
    v.transform((K) => K ?? 1),
  ),
  P: v.nullable(real),
  q: v.nullable(real),
  policy: v.nullable(v.array(v.nullable(policy))),
  gate: v.picklist([
    'softmax',
    'renormalized',
    'renormalizedWithNull',
    'renormalizedWithoutZero',
    'uniform',
  ]),
  bias: v.boolean(),
  noise: v.boolean(),
  gatingResidual: v.boolean(),
  capacity: v.nullable(real),
  tau: real,
  score: v.optional(v.picklist(['softmax', 'sigmoid', 'sqrtSoftplus']), 'softmax'),
  routeScale: v.optional(real, 1),
  biasRule: v.optional(v.nullable(biasRule), null),
  hashSeed: v.optional(count, 0),
  hashLayers: v.optional(v.nullable(positive), null),
  frozen: v.optional(v.boolean(), false),
  pool: v.optional(v.nullable(pool), null),
});

const counts = v.exactOptional(v.picklist(['selected', 'unbiased']));
const balance = v.variant('scope', [
  v.strictObject({ coefficient: real, scope: v.picklist(['sequence', 'batch']), counts }),
  v.strictObject({ coefficient: real, scope: v.literal('global'), window: positive, counts }),
]);

const losses = v.object({
  switch: v.exactOptional(v.object({ alpha: real })),
  heterogeneous: v.exactOptional(v.object({ beta: real })),
  ternary: v.exactOptional(v.object({ alpha1: real })),
  reward: v.exactOptional(v.object({ alpha2: real })),
  dynamic: v.exactOptional(v.object({ w: real })),
  zloss: v.exactOptional(v.object({ coefficient: real })),
  balance: v.exactOptional(balance),
});

export const engineConfig = {
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

export const tolerance = v.object({ abs: real, rel: real });
export const head = {
  format: v.literal(1),
  name: v.string(),
  covers: v.optional(v.string(), ''),
  note: v.optional(v.string(), ''),
  initSeed: v.optional(v.nullable(count), null),
  margin: v.nullable(real),
};
