/** What the loads of a layer over some steps say. */
import { LAYER_METRICS } from '../../accounting/loadMetrics.ts';
import { expertChoicePlaces } from '../../config/balancing.ts';
import { capacityPlaces } from '../../config/capacity.ts';
import type { Experiment } from '../../config/experiment.ts';
import { isComputing } from '../../config/slots.ts';
import { type LoadBin, stepsOf } from '../loadHistory.ts';
import type { Segment } from './segments.ts';
import type { Seen } from './stretches.ts';

/** What a check sees of a bin; where and when is the bin's. */
export type SeenInBin = Omit<Seen, 'layer' | 'first' | 'last'>;

/** Steps that a load must be off for. */
export const OFF_STEPS = 10;
/** A slot is dead when, besides, a balanced router would have sent it so many assignments meanwhile. */
export const DEAD_EXPECTED = 100;
/** Part of all tokens that one slot may take, where its balanced part is below half of that. */
export const MOST_TOKENS = 0.9;
/** Part of the slots beyond those that every token needs that must be in use. */
export const LEAST_SPREAD = 0.1;
/** Part of a layer's assignments that may be dropped. */
export const MOST_DROPPED = 0.1;

/** Tenths do not sum to 1. */
const ROUNDING = 1e-9;

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
const effective = LAYER_METRICS.find(({ id }) => id === 'effectiveExperts')!;

/** Fewest and most assignments of a step of T tokens to R slots. */
export function assignmentsAllowed({ router, batch }: Experiment, R: number): [number, number] {
  const T = batch.B * batch.S;
  const { selection, K, q } = router;
  if (selection === 'expertChoice') {
    const A = R * expertChoicePlaces(router, T, R);
    return [A, A];
  }
  if (selection === 'topk' || selection === 'hash') return [Math.min(K, R) * T, Math.min(K, R) * T];
  if (selection === 'randomDrop') {
    const two = Math.min(2, R) * T;
    return [q === 0 ? two : T, q === 1 ? T : two];
  }
  return [T, (selection === 'topp' ? R : Math.min(3, R)) * T];
}

function* slotChecks(bin: LoadBin, T: number): Generator<SeenInBin> {
  const A = sum(bin.counts);
  const R = bin.counts.length;
  const steps = stepsOf(bin);
  const tokens = T * steps;
  for (let slot = 0; slot < R; slot++) {
    const count = bin.counts[slot]!;
    yield {
      ...{ check: 'dead', slot, of: '', value: count, allowed: [1, Number.POSITIVE_INFINITY] },
      ...{ isOff: count === 0, weight: Math.min(A / R / DEAD_EXPECTED, steps / OFF_STEPS) },
      needed: 1 - ROUNDING,
    };
    const isOff = count / tokens > MOST_TOKENS && A / R / tokens <= MOST_TOKENS / 2;
    yield {
      ...{ check: 'dominant', slot, of: '', value: count / tokens, allowed: [0, MOST_TOKENS] },
      ...{ isOff, weight: steps, needed: OFF_STEPS },
    };
  }
}

/** (exp(H) − k)/(R − k), k = A/T: 1 where all slots get the same, 0 where all tokens take the same. */
export function spreadOf(bin: LoadBin, T: number): number {
  const R = bin.counts.length;
  const k = sum(bin.counts) / (T * stepsOf(bin));
  if (k >= R) return Number.NaN;
  const used = R * effective.compute({ ...bin, tokens: T, kinds: bin.space.kinds });
  return (used - k) / (R - k);
}

/** Places of all steps of a bin, by slot, where its settings are one and A is fixed; else null. */
function placesOf(bin: LoadBin, segments: readonly Segment[]): number[] | null {
  const [only, ...others] = segments;
  if (only === undefined || others.length > 0) return null;
  const { capacity, tau, selection } = only.experiment.router;
  if (capacity === null || (selection !== 'topk' && selection !== 'hash')) return null;
  const { kinds } = bin.space;
  const slots = kinds.map((kind) => ({ kind }));
  const each = capacityPlaces(slots, sum(bin.counts) / stepsOf(bin), capacity, tau);
  return kinds.map((kind) => stepsOf(bin) * (isComputing(kind) ? each.ffn : each.zeroComputation));
}

function* dropChecks(bin: LoadBin, segments: readonly Segment[]): Generator<SeenInBin> {
  const dropped = sum(bin.drops) / sum(bin.counts);
  yield {
    ...{ check: 'drops', slot: null, of: '', value: dropped, allowed: [0, MOST_DROPPED] },
    ...{ isOff: dropped > MOST_DROPPED, weight: stepsOf(bin), needed: OFF_STEPS },
  };
  const places = placesOf(bin, segments);
  if (places === null) return;
  for (const [slot, most] of places.entries()) {
    const kept = bin.counts[slot]! - bin.drops[slot]!;
    yield {
      ...{ check: 'places', slot, of: '', value: kept, allowed: [0, most] },
      ...{ isOff: kept > most, weight: 1, needed: 1 },
    };
  }
}

function* sumChecks(bin: LoadBin, segments: readonly Segment[]): Generator<SeenInBin> {
  const R = bin.counts.length;
  const all = segments.map(({ experiment }) => assignmentsAllowed(experiment, R));
  const allowed = [
    Math.min(...all.map(([least]) => least)),
    Math.max(...all.map(([, most]) => most)),
  ] as const;
  const isFew = bin.leastTotal < allowed[0];
  yield {
    ...{ check: 'assignments', slot: null, of: '', allowed },
    value: isFew ? bin.leastTotal : bin.mostTotal,
    ...{ isOff: isFew || bin.mostTotal > allowed[1], weight: 1, needed: 1 },
  };
  const M = bin.domains.length / R;
  const byDomain = Array.from(bin.counts, (_, slot) =>
    sum(bin.domains.subarray(slot * M, (slot + 1) * M)),
  );
  const off = byDomain.findIndex((total, slot) => total !== bin.counts[slot]);
  const slot = Math.max(0, off);
  const count = bin.counts[slot]!;
  yield {
    ...{ check: 'domains', slot: null, of: '', value: byDomain[slot]!, allowed: [count, count] },
    ...{ isOff: off >= 0, weight: 1, needed: 1 },
  };
}

/** @param segments settings in force in the bin's steps */
export function* binChecks(bin: LoadBin, segments: readonly Segment[]): Generator<SeenInBin> {
  const { batch } = segments.at(-1)!.experiment;
  const T = batch.B * batch.S;
  yield* sumChecks(bin, segments);
  yield* slotChecks(bin, T);
  const spread = spreadOf(bin, T);
  yield {
    ...{ check: 'collapse', slot: null, of: '', value: spread, allowed: [LEAST_SPREAD, 1] },
    ...{ isOff: spread < LEAST_SPREAD, weight: stepsOf(bin), needed: OFF_STEPS },
  };
  yield* dropChecks(bin, segments);
}
