import * as v from 'valibot';
import { SLOT_KINDS } from '../config/slots.ts';
import { count, engineConfig, head, positive, real, tolerance } from './configSchema.ts';

/** Shape of case.json of kind `analysis` (the goldens' README, "Analysis"). */

const kind = v.picklist(SLOT_KINDS);
const item = v.variant('do', [
  v.object({ do: v.literal('force'), layer: count, token: count, rank: count, slot: count }),
  v.object({ do: v.literal('scale'), layer: count, token: count, slot: count, factor: real }),
  v.object({ do: v.literal('keepOnly'), layer: count, slots: v.array(count) }),
  v.object({ do: v.literal('removeKind'), kind, layer: v.optional(v.nullable(count), null) }),
]);

const as = v.exactOptional(v.string());
const request = v.variant('figure', [
  v.object({
    figure: v.picklist([
      'workload',
      'kinds',
      'domains',
      'classes',
      'deciles',
      'coactivation',
      'flow',
      'scores',
      'saturation',
      'drops',
      'bits',
      'tokens',
    ]),
    as,
  }),
  v.object({ figure: v.literal('load'), as, weights: v.picklist(['uniform', 'tau']) }),
  v.object({
    figure: v.literal('vocabulary'),
    as,
    by: v.picklist(['input', 'target']),
    minCount: positive,
    top: count,
  }),
  v.object({
    figure: v.literal('difficult'),
    as,
    thresholds: v.exactOptional(v.array(real)),
    quantiles: v.exactOptional(v.array(real)),
  }),
  v.object({ figure: v.literal('maxWeights'), as, quantiles: v.array(real) }),
  v.object({ figure: v.literal('contribution'), as, n: positive, seed: count }),
  v.object({
    figure: v.literal('interventions'),
    as,
    list: v.array(v.object({ name: v.string(), items: v.array(item), of: v.exactOptional(count) })),
  }),
]);

/** A text, or bytes that are no whole characters. */
export const textOrHex = v.union([
  v.string(),
  v.object({ hex: v.pipe(v.string(), v.hexadecimal()) }),
]);

export const analysisSchema = v.object({
  ...head,
  kind: v.literal('analysis'),
  config: v.object({
    ...engineConfig,
    batches: positive,
    evaluation: v.object({ capacity: v.boolean() }),
  }),
  baseline: v.optional(v.nullable(v.partial(v.object(engineConfig))), null),
  domains: v.array(v.string()),
  tokenTexts: v.array(textOrHex),
  figures: v.array(request),
  expected: v.record(v.string(), v.unknown()),
  tolerance: v.record(v.string(), tolerance),
});

export type AnalysisJson = v.InferOutput<typeof analysisSchema>;
