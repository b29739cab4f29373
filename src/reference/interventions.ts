/** Interventions of an inspection in one MoE layer (docs/analysis.md, "Inspection"), in plain loops. */
import type { Intervention } from '../analysis/inspection.ts';
import { type Force, refusedRank, slotsLeft } from '../analysis/interventions.ts';
import type { LayerSpace } from '../config/telemetry.ts';
import type { SelectionChanges } from './routerTopk.ts';

/** What a list changes in a layer; tokens count within the batch. */
export interface LayerChanges extends SelectionChanges {
  /** What the output of slot r for token t is multiplied by. */
  factor(t: number, r: number): number;
}

/** Slots by rank after `slot` has been forced to a rank: it changes places, or replaces. */
export function forced(slots: readonly number[], { rank, slot }: Force): number[] {
  const now = slots.indexOf(slot);
  return slots.map((other, w) => {
    if (w === rank) return slot;
    return w === now ? slots[rank]! : other;
  });
}

/**
 * @param items of the whole inspection, checked
 * @param first number of the batch's first token in the inspection
 * @throws RangeError from `force` for a rank that a token does not have
 */
export function layerChanges(
  items: readonly Intervention[],
  space: Pick<LayerSpace, 'layer' | 'kinds'>,
  first: number,
): LayerChanges {
  const left = slotsLeft(items, space);
  const ofToken = (t: number) =>
    items.filter(
      (item) => 'token' in item && item.layer === space.layer && item.token === first + t,
    );
  return {
    isLeft: (r) => left[r]!,
    force: (t, slots) =>
      ofToken(t).reduce(
        (now, item) => {
          if (item.type !== 'force') return now;
          if (item.rank >= now.length) throw refusedRank(items, item, now.length);
          return forced(now, item);
        },
        [...slots],
      ),
    factor: (t, r) =>
      ofToken(t).reduce(
        (product, item) =>
          item.type === 'scale' && item.slot === r ? product * item.factor : product,
        1,
      ),
  };
}
