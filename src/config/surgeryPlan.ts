/**
 * What a person can do to the expert space of a running model, one function per action. Actions are
 * collected in a plan and become one change, so that they are applied together.
 */
import { sameValue } from './edit.ts';
import type { Change, ExpertsConfig, Slot } from './experiment.ts';
import { counted } from './plural.ts';
import { MAX_HIDDEN, MAX_SLOTS } from './settings.ts';
import type { Provenance, Surgery } from './surgery.ts';

/** A list of slots, and the slot of the running model that each derives from. */
interface Space {
  slots: readonly Slot[];
  from: Provenance;
}

/** One action on one list of slots. Throws RangeErrors with the number and what is allowed. */
export type SpaceEdit = (slots: readonly Slot[]) => EditedSlot[];

/** A slot after an action; `at` is where it was before, null for a fresh one. */
interface EditedSlot {
  /** `of` of a negated slot still counts the FFN experts before the action. */
  slot: Slot;
  at: number | null;
}

/** Actions that wait to be applied together. */
export interface SurgeryPlan {
  readonly experts: ExpertsConfig;
  readonly from: Readonly<Record<string, Provenance>>;
}

/** Every list of slots, or one layer, which then has a list of its own. */
export type Layers = 'all' | number;

/** Width ratios of a pair of experts: (4.5, 0.5), … times a base sum to 5·base (MoDSE, Table 2). */
export const MODSE_RATIOS: readonly (readonly [number, number])[] = [
  [4.5, 0.5],
  [4, 1],
  [3, 2],
  [2.5, 2.5],
];

function keep(slots: readonly Slot[]): EditedSlot[] {
  return slots.map((slot, at) => ({ slot, at }));
}

function slotAt(slots: readonly Slot[], index: number): Slot {
  const slot = slots[index];
  if (slot === undefined)
    throw new RangeError(`there is no slot ${index}; there are 0 to ${slots.length - 1}`);
  return slot;
}

/** Slot indices of the FFN experts in order. */
function ffnSlots(slots: readonly Slot[]): number[] {
  return slots.flatMap((slot, r) => (slot.kind === 'ffn' ? [r] : []));
}

function checkWidth(hidden: number): void {
  if (!Number.isInteger(hidden) || hidden < 1 || hidden > MAX_HIDDEN)
    throw new RangeError(
      `a hidden width of ${hidden} is not a whole number from 1 to ${MAX_HIDDEN}`,
    );
}

function withWidths(slots: readonly Slot[], widths: ReadonlyMap<number, number>): EditedSlot[] {
  return slots.map((slot, at) => {
    const hidden = widths.get(at);
    if (hidden === undefined) return { slot, at };
    if (slot.kind !== 'ffn')
      throw new RangeError(`slot ${at} is of kind ${slot.kind}; only ffn slots have a width`);
    checkWidth(hidden);
    return { slot: { kind: 'ffn', hidden }, at };
  });
}

/** The hidden width of an FFN slot. */
export function setWidth(slot: number, hidden: number): SpaceEdit {
  return (slots) => {
    slotAt(slots, slot);
    return withWidths(slots, new Map([[slot, hidden]]));
  };
}

/** Slots of the pair that FFN slot `slot` belongs to: experts 0 and 1, 2 and 3, … of the list. */
function pairOf(slots: readonly Slot[], slot: number): [number, number] {
  const experts = ffnSlots(slots);
  const e = experts.indexOf(slot);
  if (e < 0) throw new RangeError(`slot ${slot} is no FFN expert, so it has no pair`);
  const [first, second] = [experts[e - (e % 2)], experts[e - (e % 2) + 1]];
  if (first === undefined || second === undefined)
    throw new RangeError(`slot ${slot} is the last of ${experts.length} experts and has no pair`);
  return [first, second];
}

function widthOf(slots: readonly Slot[], index: number): number {
  const slot = slotAt(slots, index);
  return slot.kind === 'ffn' ? slot.hidden : 0;
}

/** The width of one expert of a pair; the other takes what is left of their sum (MoDSE 7, 8). */
export function setPairWidth(slot: number, hidden: number): SpaceEdit {
  return (slots) => {
    slotAt(slots, slot);
    const pair = pairOf(slots, slot);
    const sum = widthOf(slots, pair[0]) + widthOf(slots, pair[1]);
    if (!Number.isInteger(hidden) || hidden < 1 || hidden >= sum)
      throw new RangeError(
        `a hidden width of ${hidden} leaves the pair's sum of ${sum}; 1 to ${sum - 1} are possible`,
      );
    const other = pair[0] === slot ? pair[1] : pair[0];
    return withWidths(
      slots,
      new Map([
        [slot, hidden],
        [other, sum - hidden],
      ]),
    );
  };
}

/** Widths of the pairs of experts as ratios times a base; pair i takes ratio i, from the start again. */
export function applyRatios(
  ratios: readonly (readonly [number, number])[],
  base: number,
): SpaceEdit {
  return (slots) => {
    const experts = ffnSlots(slots);
    const first = experts[0];
    if (first === undefined || experts.length % 2 !== 0)
      throw new RangeError(`${experts.length} FFN experts do not make pairs`);
    const widths = new Map<number, number>();
    for (let e = 0; e < experts.length; e += 2) {
      const [a = 1, b = 1] = ratios[(e / 2) % ratios.length] ?? [];
      const wide = Math.round(a * base);
      widths.set(experts[e] ?? first, wide);
      widths.set(experts[e + 1] ?? first, Math.round((a + b) * base) - wide);
    }
    return withWidths(slots, widths);
  };
}

/** A fresh slot, at `at`, or after the last FFN expert for one of these and else at the end. */
export function addSlot(slot: Slot, at?: number): SpaceEdit {
  return (slots) => {
    if (slot.kind === 'ffn') checkWidth(slot.hidden);
    const usual = slot.kind === 'ffn' ? (ffnSlots(slots).at(-1) ?? -1) + 1 : slots.length;
    const place = at ?? usual;
    if (!Number.isInteger(place) || place < 0 || place > slots.length)
      throw new RangeError(`a slot cannot be added at ${place}; 0 to ${slots.length} are possible`);
    return keep(slots).toSpliced(place, 0, { slot, at: null });
  };
}

/** A copy of a slot right after it, with weights, router row and moments. */
export function cloneSlot(slot: number): SpaceEdit {
  return (slots) => keep(slots).toSpliced(slot + 1, 0, { slot: slotAt(slots, slot), at: slot });
}

/** Removes a slot; the negated slots of an FFN expert go with it. */
export function removeSlot(slot: number): SpaceEdit {
  return (slots) => {
    slotAt(slots, slot);
    const expert = ffnSlots(slots).indexOf(slot);
    return keep(slots).filter(
      (item) =>
        item.at !== slot &&
        !(expert >= 0 && item.slot.kind === 'negated' && item.slot.of === expert),
    );
  };
}

/**
 * Another kind for a slot, whose router row stays. `of` of a negated slot counts the FFN experts
 * before the action. Refused for an FFN expert that has negated slots.
 */
export function changeKind(slot: number, to: Slot): SpaceEdit {
  return (slots) => {
    const old = slotAt(slots, slot);
    if (to.kind === 'ffn') checkWidth(to.hidden);
    const expert = old.kind === 'ffn' && to.kind !== 'ffn' ? ffnSlots(slots).indexOf(slot) : -1;
    const twin = slots.findIndex((one) => one.kind === 'negated' && one.of === expert);
    if (twin >= 0)
      throw new RangeError(`slot ${slot} has a negated slot, ${twin}; remove that first`);
    return keep(slots).with(slot, { slot: to, at: slot });
  };
}

/** Slots in another order: `order[i]` is the slot that comes to place i. */
export function reorder(order: readonly number[]): SpaceEdit {
  return (slots) => {
    const isPermutation = order.length === slots.length && slots.every((_, r) => order.includes(r));
    if (!isPermutation)
      throw new RangeError(
        `[${order.join(', ')}] is no order of the slots 0 to ${slots.length - 1}`,
      );
    return order.map((at) => ({ slot: slotAt(slots, at), at }));
  };
}

/** The action's result with `of` of the negated slots counting the new experts. */
function edited(space: Space, edit: SpaceEdit): Space {
  const items = edit(space.slots);
  if (items.length < 1 || items.length > MAX_SLOTS)
    throw new RangeError(`${counted(items.length, 'slot')}; a layer must have 1 to ${MAX_SLOTS}`);
  const oldExperts = ffnSlots(space.slots);
  const newExperts = items.filter(({ slot }) => slot.kind === 'ffn');
  const slots = items.map(({ slot }, r): Slot => {
    if (slot.kind !== 'negated') return slot;
    const old = oldExperts[slot.of];
    const of = newExperts.findIndex(({ at }) => at !== null && at === old);
    if (of < 0)
      throw new RangeError(
        `slot ${r} would be the negative of FFN expert ${slot.of}, which is not there`,
      );
    return { kind: 'negated', of };
  });
  return { slots, from: items.map(({ at }) => (at === null ? null : (space.from[at] ?? null))) };
}

const identity = (slots: readonly Slot[]): number[] => slots.map((_, r) => r);

/** A plan without actions for the expert space in force. */
export function emptyPlan(experts: ExpertsConfig): SurgeryPlan {
  const own = Object.entries(experts.perLayer ?? {});
  return {
    experts,
    from: Object.fromEntries([
      ['default', identity(experts.slots)],
      ...own.map(([l, slots]) => [l, identity(slots)] as const),
    ]),
  };
}

/**
 * A plan with one more action.
 * @throws RangeError where the action is not possible, with the numbers
 */
export function addToPlan(plan: SurgeryPlan, layers: Layers, edit: SpaceEdit): SurgeryPlan {
  const { experts, from } = plan;
  const spaceOf = (name: string): Space => {
    const own = experts.perLayer?.[name];
    const key = own === undefined ? 'default' : name;
    return { slots: own ?? experts.slots, from: from[key] ?? identity(experts.slots) };
  };
  if (layers !== 'all') {
    const name = String(layers);
    const space = edited(spaceOf(name), edit);
    return {
      experts: { ...experts, perLayer: { ...experts.perLayer, [name]: space.slots } },
      from: { ...from, [name]: space.from },
    };
  }
  const own = Object.keys(experts.perLayer ?? {}).map(
    (name) => [name, edited(spaceOf(name), edit)] as const,
  );
  const shared = edited(spaceOf('default'), edit);
  return {
    experts: {
      ...experts,
      slots: shared.slots,
      ...(experts.perLayer && {
        perLayer: Object.fromEntries(own.map(([name, { slots }]) => [name, slots])),
      }),
    },
    from: Object.fromEntries([
      ['default', shared.from],
      ...own.map(([name, space]) => [name, space.from] as const),
    ]),
  };
}

/** The lists of single layers; null where no layer has one, which both `null` and `{}` say. */
function ownLists({ perLayer }: ExpertsConfig): ExpertsConfig['perLayer'] | null {
  return perLayer && Object.keys(perLayer).length > 0 ? perLayer : null;
}

/** The paths of the expert space in which two differ, with the values of the second. */
export function spaceChange(before: ExpertsConfig, after: ExpertsConfig): Change {
  const slots = sameValue(before.slots, after.slots) ? {} : { 'experts.slots': after.slots };
  const perLayer = sameValue(ownLists(before), ownLists(after))
    ? {}
    : { 'experts.perLayer': after.perLayer ?? null };
  // Slots are JSON, which their interface type does not say.
  return { ...slots, ...perLayer } as unknown as Change;
}

/** The change that applies a plan to the expert space it was begun with; null without any effect. */
export function planChange(before: ExpertsConfig, plan: SurgeryPlan): Change | null {
  const isIdentity = (name: string, from: Provenance): boolean => {
    const old = before.perLayer?.[name] ?? before.slots;
    return from.length === old.length && from.every((source, r) => source === r);
  };
  const lists = Object.entries(plan.from).filter(([name, from]) => !isIdentity(name, from));
  const space = spaceChange(before, plan.experts);
  if (lists.length === 0 && Object.keys(space).length === 0) return null;
  const surgery: Surgery = { from: Object.fromEntries(lists) };
  return { ...space, surgery };
}
