/** What edits of an expert space come to, in few words. */
import type { ExpertsConfig, Slot } from '../../config/experiment.ts';
import type { Provenance } from '../../config/surgery.ts';
import type { SurgeryPlan } from '../../config/surgeryPlan.ts';
import { GLYPHS } from './loads.ts';
import { slotSigns } from './slotNames.ts';

/** "E 256"; "−E₃", the negative of FFN expert 3; "∅". */
export function slotName(slot: Slot, slots: readonly Slot[]): string {
  if (slot.kind === 'ffn') return `${GLYPHS.ffn} ${slot.hidden}`;
  const sign = slotSigns(
    slots.map(({ kind }) => kind),
    slots,
  )[slots.indexOf(slot)];
  return sign ?? GLYPHS[slot.kind];
}

/** Slot index of the e-th FFN expert, −1 where there is none. */
export function slotOfExpert(slots: readonly Slot[], expert: number): number {
  let left = expert;
  return slots.findIndex(({ kind }) => kind === 'ffn' && left-- === 0);
}

function isAlike(old: Slot, before: readonly Slot[], slot: Slot, after: AfterList): boolean {
  if (old.kind === 'ffn') return slot.kind === 'ffn' && slot.hidden === old.hidden;
  if (old.kind !== 'negated' || slot.kind !== 'negated') return old.kind === slot.kind;
  const twin = after.from[slotOfExpert(after.slots, slot.of)];
  return twin === slotOfExpert(before, old.of);
}

interface AfterList {
  slots: readonly Slot[];
  from: Provenance;
}

function isInOrder(from: Provenance): boolean {
  const kept = from.filter((old) => old !== null);
  return kept.every((old, i) => i === 0 || old >= (kept[i - 1] ?? 0));
}

/** One entry per slot that was changed, added or removed, and one for a new order. */
export function listDifferences(before: readonly Slot[], after: AfterList): string[] {
  const { slots, from } = after;
  const seen = new Set<number>();
  const entries = slots.flatMap((slot, r): string[] => {
    const source = from[r] ?? null;
    if (source === null) return [`+ ${slotName(slot, slots)}`];
    const old = before[source];
    if (old === undefined) return [];
    const isClone = seen.has(source);
    seen.add(source);
    if (isClone) return [`+ clone of ${source}`];
    if (isAlike(old, before, slot, after)) return [];
    const [was, is] = [slotName(old, before), slotName(slot, slots)];
    const isWidth = old.kind === 'ffn' && slot.kind === 'ffn';
    return [`${source}: ${isWidth ? `${old.hidden} → ${slot.hidden}` : `${was} → ${is}`}`];
  });
  const removed = before.flatMap((slot, r) =>
    seen.has(r) ? [] : [`− ${r} (${slotName(slot, before)})`],
  );
  return [...entries, ...removed, ...(isInOrder(from) ? [] : ['new order'])];
}

/** Differences of all lists of a plan; a layer's own list is named. */
export function planDifferences(before: ExpertsConfig, plan: SurgeryPlan): string[] {
  return Object.entries(plan.from).flatMap(([name, from]) => {
    const isDefault = name === 'default';
    const old = before.perLayer?.[name] ?? before.slots;
    const slots = isDefault ? plan.experts.slots : (plan.experts.perLayer?.[name] ?? old);
    const entries = listDifferences(isDefault ? before.slots : old, { slots, from });
    return isDefault ? entries : entries.map((entry) => `L${name} · ${entry}`);
  });
}
