import type { ProbeModel } from '../../analysis/probes/ask.ts';
import type { Tokenizer } from '../../data/types.ts';
import type { InspectionKind, Inspections } from './inspections.ts';
import { textOf } from './passAsk.ts';

type Inspect = <K extends InspectionKind>(
  kind: K,
  ask: Inspections[K]['ask'],
) => Promise<Inspections[K]['answer']>;

/** A model that answers questions, as probe tasks ask it. */
export function probeModel(tokenizer: Tokenizer, inspect: Inspect): ProbeModel {
  return {
    encode: (part) => tokenizer.encode(part),
    bytesOf: (id) => textOf(tokenizer, id),
    async losses(tokens) {
      const of = { passage: tokens };
      return (await inspect('losses', { of, capacity: false, requests: [[]] })).ce[0]!;
    },
    logits: async (tokens) => (await inspect('logits', { tokens })).logits,
    next: async (tokens) => (await inspect('next', { tokens })).logits,
  };
}
