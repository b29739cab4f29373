import type { Experiment, Slot, SlotKind } from '../../config/experiment.ts';
import { slotsOfLayer } from '../../config/layers.ts';
import { GLYPHS } from './loads.ts';

const DIGITS = '₀₁₂₃₄₅₆₇₈₉';

/** 12 as ₁₂. */
export function subscript(n: number): string {
  return [...String(n)].map((digit) => DIGITS[Number(digit)]).join('');
}

/**
 * Every slot's sign with the number of its FFN expert: E₃, −E₃, ∅ …
 * @param slots the slots as they are set, which say whose twin a negated slot is; ignored where they
 *   are not of these kinds
 */
export function slotSigns(kinds: readonly SlotKind[], slots: readonly Slot[]): string[] {
  const areSame = slots.length === kinds.length && slots.every(({ kind }, i) => kind === kinds[i]);
  let expert = 0;
  return kinds.map((kind, i) => {
    const slot = areSame ? slots[i] : undefined;
    if (kind === 'ffn') return `${GLYPHS.ffn}${subscript(expert++)}`;
    if (slot?.kind === 'negated') return `${GLYPHS.negated}${subscript(slot.of)}`;
    return GLYPHS[kind];
  });
}

/** `slotSigns` of a layer of an experiment. */
export function layerSigns(
  { experts }: Experiment,
  layer: number,
  kinds: readonly SlotKind[],
): string[] {
  return slotSigns(kinds, slotsOfLayer(experts, layer));
}

/** Neighbouring slots of one kind. */
export interface KindRange {
  kind: SlotKind;
  first: number;
  count: number;
}

export function kindRanges(kinds: readonly SlotKind[]): KindRange[] {
  const ranges: KindRange[] = [];
  kinds.forEach((kind, i) => {
    const last = ranges.at(-1);
    if (last?.kind === kind) last.count += 1;
    else ranges.push({ kind, first: i, count: 1 });
  });
  return ranges;
}
