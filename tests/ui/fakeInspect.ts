import { engineConfig } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import type { LayerSpace } from '../../src/config/telemetry.ts';
import { bytesTokenizer } from '../../src/data/tokenizers/bytes.ts';
import type { Batch } from '../../src/data/types.ts';
import type { Asked } from '../../src/train/engine/asked.ts';
import type { Engine, InspectedTensor } from '../../src/train/engine/engine.ts';
import {
  ANSWERS,
  type InspectionKind,
  type Inspections,
} from '../../src/train/engine/inspections.ts';
import { fakeLogits, fakePass } from '../support/fakePass.ts';
import { RAW_DOMAINS } from '../support/rawRuns.ts';

/** Recorded batches of small runs, where they are known. */
let recordedBatch: (experiment: Experiment, at: number) => Batch | null = () => null;

export function batchesFrom(source: typeof recordedBatch): void {
  recordedBatch = source;
}

const VOCABULARY = 256;
const DOMAINS = RAW_DOMAINS;

interface Fake {
  experiment: Experiment;
  spaces: readonly LayerSpace[];
  /** The step to come. */
  step: number;
}

/** Answers a question to a model that is not there, about a batch of its own. */
export function fakeAnswer<K extends InspectionKind>(
  { experiment, spaces, step }: Fake,
  kind: K,
  ask: Inspections[K]['ask'],
): Promise<Inspections[K]['answer']> {
  const { B, S } = experiment.batch;
  const { K } = experiment.router;
  const batchAt = (at: number) => {
    const tokens = Uint32Array.from({ length: B * S }, (_, t) => hashChain(at, t) % VOCABULARY);
    const domains = Uint8Array.from(tokens, (id) => hashChain(3, id) % DOMAINS.length);
    return { tokens, targets: tokens, domains };
  };
  const engine: Asked['engine'] = {
    config: engineConfig(experiment, VOCABULARY),
    layers: spaces,
    inspect: fakeInspect(spaces, K),
    pass: async (request) => fakePass(spaces, K, request),
    passLosses: async (request) => fakePass(spaces, K, request).ce,
    passLogits: async (request) => fakeLogits(request, VOCABULARY),
    next: async (texts) =>
      texts.map((tokens) => {
        const batch = { tokens: Uint32Array.from(tokens ?? []), targets: [], domains: [] };
        const request = { batches: [batch as never], S: 1, capacity: false, interventions: [] };
        const logits = fakeLogits(request, VOCABULARY).slice(-VOCABULARY);
        return { logits, routing: [], isRecomputed: false };
      }),
  };
  const text = {
    tokenizer: bytesTokenizer,
    domains: DOMAINS,
    trainingBatch: batchAt,
    validationBatch: (at: number) => recordedBatch(experiment, at) ?? batchAt(at),
  };
  return ANSWERS[kind]({ engine, text, step, evaluation: experiment.evaluation }, ask);
}

/** The tensors of a fake pass over the batch. */
function fakeInspect(spaces: readonly LayerSpace[], K: number): Engine['inspect'] {
  return async (batch, wants) => {
    const T = batch.tokens.length;
    const { layers } = fakePass(spaces, K, {
      batches: [batch],
      S: T,
      capacity: false,
      interventions: [],
    });
    const tensors = layers.flatMap(
      ({ layer, W, kinds, logits, selected, gates, dropped }): [string, InspectedTensor][] => [
        [`layers.${layer}.router_logits`, { shape: [T, kinds.length], data: logits }],
        [`layers.${layer}.selected`, { shape: [T, W], data: selected }],
        [`layers.${layer}.gates`, { shape: [T, W], data: gates }],
        [`layers.${layer}.dropped`, { shape: [T, W], data: Int32Array.from(dropped) }],
      ],
    );
    return new Map(tensors.filter(([name]) => wants(name)));
  };
}
