import type { Slot } from '../config/experiment.ts';
import { isComputing, slotKind } from '../config/slots.ts';

/** FFN expert of every slot (−1 for zero-computation slots), and the constants' index alike. */
export function slotGroups(slots: readonly Slot[]): number[] {
  let experts = 0;
  let constants = 0;
  return slots.map((slot) => {
    if (slot.kind === 'ffn') return experts++;
    if (slot.kind === 'negated') return slot.of;
    return slot.kind === 'constant' ? constants++ : 0;
  });
}

/** The shaders' slots_R [R, 4]: kind, group, order (ffn and negated slots by expert), 0. */
export function slotRecords(slots: readonly Slot[]): Uint32Array {
  const groups = slotGroups(slots);
  const order = slots
    .map((slot, r) => ({ r, group: groups[r] ?? 0, isFfn: isComputing(slot.kind) }))
    .filter((entry) => entry.isFfn)
    .sort((a, b) => a.group - b.group || a.r - b.r);
  const words = new Uint32Array(slots.length * 4);
  slots.forEach((slot, r) => {
    words.set([slotKind(slot.kind).code, groups[r] ?? 0, order[r]?.r ?? 0, 0], r * 4);
  });
  return words;
}

/** Bits of a quiet NaN: WGSL has no literal for it. */
export const NOT_A_NUMBER = 0x7fc00000;
