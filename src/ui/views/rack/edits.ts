/** The rack's gestures as edits of a list of slots. */
import type { Slot } from '../../../config/experiment.ts';
import { MAX_HIDDEN } from '../../../config/settings.ts';
import {
  applyRatios,
  type SpaceEdit,
  setPairWidth,
  setWidth,
} from '../../../config/surgeryPlan.ts';

/** Width of a new expert where there is none to go by. */
export const NEW_WIDTH = 64;

/** Hidden width of a new expert: the last one's. */
export function usualWidth(slots: readonly Slot[]): number {
  const last = slots.findLast((slot) => slot.kind === 'ffn');
  return last?.kind === 'ffn' ? last.hidden : NEW_WIDTH;
}

export interface WidthRange {
  min: number;
  max: number;
}

/** FFN slot that shares its width with slot `r` in pairs mode, null where there is none. */
export function partnerOf(slots: readonly Slot[], r: number): number | null {
  const experts = slots.flatMap((slot, i) => (slot.kind === 'ffn' ? [i] : []));
  const e = experts.indexOf(r);
  return e < 0 ? null : (experts[e ^ 1] ?? null);
}

/** Widths that slot `r` can take by dragging and by key, up to `most` where no pair limits it. */
export function widthRange(
  slots: readonly Slot[],
  r: number,
  { pairs, snap, most }: { pairs: boolean; snap: number; most: number },
): WidthRange {
  const partner = pairs ? partnerOf(slots, r) : null;
  const width = (i: number) => {
    const slot = slots[i];
    return slot?.kind === 'ffn' ? slot.hidden : 0;
  };
  if (partner === null) return { min: Math.min(snap, width(r)), max: Math.max(most, width(r)) };
  const sum = width(r) + width(partner);
  return { min: Math.min(snap, width(r)), max: Math.max(sum - snap, width(r)) };
}

/** Nearest multiple of `snap` within a range. */
export function snapped(hidden: number, snap: number, { min, max }: WidthRange): number {
  return Math.max(min, Math.min(max, Math.round(hidden / snap) * snap));
}

/** The next width by key from any width: multiples of `snap`. */
export function stepped(hidden: number, by: number, snap: number, range: WidthRange): number {
  const next = by > 0 ? Math.floor(hidden / snap) * snap : Math.ceil(hidden / snap) * snap;
  return Math.max(range.min, Math.min(range.max, next + by * snap));
}

/** The edit of one width, which takes from its pair in pairs mode. */
export function widthEdit(r: number, hidden: number, pairs: boolean): SpaceEdit {
  return (slots) =>
    pairs && partnerOf(slots, r) !== null
      ? setPairWidth(r, hidden)(slots)
      : setWidth(r, hidden)(slots);
}

/** Pairs of widths in ratios (a, b) that sum to the mean pair's, so that the total stays. */
export function ratioEdit(ratios: readonly (readonly [number, number])[]): SpaceEdit {
  return (slots) => {
    const widths = slots.flatMap((slot) => (slot.kind === 'ffn' ? [slot.hidden] : []));
    const mean = widths.reduce((sum, width) => sum + width, 0) / widths.length;
    const [[a, b] = [1, 1]] = ratios;
    return applyRatios(ratios, Math.min(MAX_HIDDEN, (2 * mean) / (a + b)))(slots);
  };
}

/** Order of R slots in which slot `from` comes to place `to`. */
export function movedOrder(R: number, from: number, to: number): number[] {
  const order = Array.from({ length: R }, (_, i) => i).filter((i) => i !== from);
  return order.toSpliced(to, 0, from);
}
