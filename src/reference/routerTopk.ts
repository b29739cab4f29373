import type { GateMode, LayerPolicy, SlotKind } from '../config/experiment.ts';
import { hashChain } from '../config/hash.ts';
import { policyWidth } from '../config/ladimo.ts';
import { type Real, zerosLike } from './arrays.ts';

/** Softmax, selection 𝓔(t) and gates g (docs/model.md, steps 1 to 3). */
export interface RouterTopkDims {
  T: number;
  R: number;
  kinds: readonly SlotKind[];
  gate: GateMode;
  selection: SelectionRule;
  /** What an inspection does otherwise. */
  changes?: SelectionChanges | null;
}

/** Interventions at the selection (docs/analysis.md, "Inspection"). */
export interface SelectionChanges {
  /** Whether the logit of a slot is left. */
  isLeft(r: number): boolean;
  /** The slots of token t by rank, from those of the rule. */
  force(t: number, slots: readonly number[]): number[];
}

const NO_CHANGES: SelectionChanges = { isLeft: () => true, force: (_, slots) => [...slots] };

/** The selection rule of one layer, with the layer's numbers in it. */
export type SelectionRule =
  | { kind: 'topk'; K: number }
  | { kind: 'topp'; P: number }
  /** `dropped_T[t]` 1: rank 1 of token t is dropped. */
  | { kind: 'randomDrop'; dropped_T: Uint8Array }
  | { kind: 'adaptive'; policy: LayerPolicy };

export interface RouterTopkOut {
  /** softmax(z) */
  p_TR: Real;
  /** Ranks: K, 2 and 3 by the selection; with `topp` as many as any token selects; at most R. */
  W: number;
  /** Slots by rank, −1 where a token selects fewer than W. */
  selected_TW: Int32Array;
  /** g of every slot that has one: selected slots, and all null slots with `renormalizedWithNull`; else 0. */
  gates_TR: Real;
}

export interface RouterTopkSaved {
  p_TR: Real;
  /** Softmax over the logits that take part in the gates; 0 for the others. */
  share_TR: Real;
  /** 1 where `gates_TR` has the slot's share. */
  hasGate_TR: Uint8Array;
}

/**
 * Which tokens lose rank 1 under `randomDrop` (EqualRes; hash of the goldens' README), for steps
 * from 1; evaluation uses step 0.
 */
export function randomDrops(
  q: number,
  { seed, step, layer, T }: { seed: number; step: number; layer: number; T: number },
): Uint8Array {
  return Uint8Array.from({ length: T }, (_, t) =>
    hashChain(seed, step, layer, t) < q * 2 ** 32 ? 1 : 0,
  );
}

/** Slots by z, largest first; equal values by lower index, values that are not numbers last. */
export function rankSlots(z_R: Real): number[] {
  const value = (r: number) => z_R[r]!;
  const order = Array.from(z_R.keys());
  return order.sort((a, b) => {
    if (Number.isNaN(value(a)) || Number.isNaN(value(b))) {
      return Number(Number.isNaN(value(a))) - Number(Number.isNaN(value(b))) || a - b;
    }
    return value(a) === value(b) ? a - b : value(a) < value(b) ? 1 : -1;
  });
}

/** How many of the ranked slots token t selects; may exceed R, which stands for all. */
function selectionCount(rule: SelectionRule, t: number, p_R: Real, ranked: number[]): number {
  switch (rule.kind) {
    case 'topk':
      return rule.K;
    case 'topp': {
      let mass = 0;
      const last = ranked.findIndex((r) => {
        mass += p_R[r]!;
        return mass >= rule.P;
      });
      return last < 0 ? ranked.length : last + 1;
    }
    case 'randomDrop':
      return rule.dropped_T[t] === 1 ? 1 : 2;
    case 'adaptive':
      return policyWidth(rule.policy, p_R[ranked[0]!] ?? 0);
  }
}

/** Width of the lists of selected slots [T, W]. */
function ranks(rule: SelectionRule, slotsOf: readonly number[][], R: number): number {
  switch (rule.kind) {
    case 'topk':
      return Math.min(rule.K, R);
    case 'topp':
      return Math.max(...slotsOf.map((slots) => slots.length));
    case 'randomDrop':
      return Math.min(2, R);
    case 'adaptive':
      return Math.min(3, R);
  }
}

/** exp(z − max) / Σ over the slots with `takesPart`, 0 elsewhere; all 0 when there is none. */
function softmaxOver(z_R: Real, takesPart: (r: number) => boolean): Real {
  const out = zerosLike(z_R);
  let max = Number.NEGATIVE_INFINITY;
  z_R.forEach((z, r) => {
    if (takesPart(r)) max = Math.max(max, z);
  });
  let total = 0;
  for (let r = 0; r < z_R.length; r++) {
    if (!takesPart(r)) continue;
    out[r] = Math.exp(z_R[r]! - max);
    total += out[r]!;
  }
  for (let r = 0; r < z_R.length; r++) if (takesPart(r)) out[r]! /= total;
  return out;
}

/** The logits that take part in the gates (table of docs/model.md, "3. Gate weights g"). */
function takesPart(gate: GateMode, kind: SlotKind, isSelected: boolean): boolean {
  switch (gate) {
    case 'softmax':
      return true;
    case 'uniform':
    case 'renormalized':
      return isSelected;
    case 'renormalizedWithNull':
      return isSelected || kind === 'zero';
    case 'renormalizedWithoutZero':
      return isSelected && kind !== 'zero';
  }
}

export function forward(
  { z_TR }: { z_TR: Real },
  { T, R, kinds, gate, selection, changes }: RouterTopkDims,
): { out: RouterTopkOut; saved: RouterTopkSaved } {
  const { isLeft, force } = changes ?? NO_CHANGES;
  const p_TR = zerosLike(z_TR);
  const share_TR = zerosLike(z_TR);
  const gates_TR = zerosLike(z_TR);
  const hasGate_TR = new Uint8Array(T * R);
  const slotsOf: number[][] = [];
  for (let t = 0; t < T; t++) {
    const z_R = z_TR.subarray(t * R, (t + 1) * R);
    const p_R = softmaxOver(z_R, isLeft);
    const ranked = rankSlots(z_R).filter(isLeft);
    const slots = force(t, ranked.slice(0, selectionCount(selection, t, p_R, ranked)));
    const chosen = new Set(slots);
    const share_R = softmaxOver(z_R, (r) => isLeft(r) && takesPart(gate, kinds[r]!, chosen.has(r)));
    slotsOf.push(slots);
    p_TR.set(p_R, t * R);
    share_TR.set(share_R, t * R);
    for (let r = 0; r < R; r++) {
      const isNullWithGate = gate === 'renormalizedWithNull' && kinds[r] === 'zero';
      if (!chosen.has(r) && !isNullWithGate) continue;
      hasGate_TR[t * R + r] = 1;
      gates_TR[t * R + r] = share_R[r]!;
    }
  }
  const W = ranks(selection, slotsOf, R);
  const selected_TW = new Int32Array(T * W).fill(-1);
  slotsOf.forEach((slots, t) => {
    selected_TW.set(slots, t * W);
  });
  return { out: { p_TR, W, selected_TW, gates_TR }, saved: { p_TR, share_TR, hasGate_TR } };
}

/**
 * The selection is a constant, so p and the gates are two softmaxes of z:
 * dz = p·(dp − Σ p·dp) + s·(dg − Σ s·dg), s the softmax over the logits that take part.
 */
export function backward(
  { dp_TR, dgates_TR }: { dp_TR: Real; dgates_TR: Real },
  { p_TR, share_TR, hasGate_TR }: RouterTopkSaved,
  { T, R }: RouterTopkDims,
): { dz_TR: Real } {
  const dz_TR = zerosLike(p_TR);
  for (let t = 0; t < T; t++) {
    let meanP = 0;
    let meanGate = 0;
    for (let i = t * R; i < (t + 1) * R; i++) {
      meanP += p_TR[i]! * dp_TR[i]!;
      meanGate += share_TR[i]! * dgates_TR[i]! * hasGate_TR[i]!;
    }
    for (let i = t * R; i < (t + 1) * R; i++) {
      const dgate = dgates_TR[i]! * hasGate_TR[i]!;
      dz_TR[i] = p_TR[i]! * (dp_TR[i]! - meanP) + share_TR[i]! * (dgate - meanGate);
    }
  }
  return { dz_TR };
}
