/** 4. A sequence of random ids, said twice (Olsson 2022). */
import { below, itemsOf, type ProbeSettings, probeHash } from './probe.ts';

const LONGEST = 32;

export interface InductionItems {
  /** Ids of a sequence, and distinct ones to draw from. */
  m: number;
  ids: number;
  /** [items, m] */
  sequences: readonly (readonly number[])[];
}

export function inductionItems(settings: ProbeSettings): InductionItems {
  const { S, ids } = settings;
  const m = Math.min(LONGEST, Math.floor((S + 1) / 2));
  const items = m < 2 || ids.length === 0 ? 0 : itemsOf(settings, 'induction');
  const id = (item: number, j: number) =>
    ids[below(ids.length, probeHash(settings, 'induction', item, j))]!;
  const sequences = Array.from({ length: items }, (_, item) =>
    Array.from({ length: m }, (_id, j) => id(item, j)),
  );
  return { m, ids: ids.length, sequences };
}
