import type { GateMode, LayerPolicy, ScoreFunction, SlotKind } from '../config/experiment.ts';
import { hashChain } from '../config/hash.ts';
import { policyWidth } from '../config/ladimo.ts';
import { type Real, zerosLike } from './arrays.ts';
import { expertChoices } from './expertChoice.ts';
import { logScore, logScoreSlope, softmaxOver } from './scores.ts';

/** Scores, selection 𝓔(t) and gates g (docs/model.md, steps 1 to 3, and docs/balancing.md). */
export interface RouterTopkDims {
  T: number;
  R: number;
  kinds: readonly SlotKind[];
  gate: GateMode;
  selection: SelectionRule;
  /** `softmax` where absent. */
  score?: ScoreFunction;
  /** Factor on every g, 1 where absent. */
  routeScale?: number;
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
  | { kind: 'adaptive'; policy: LayerPolicy }
  /** Slots by rank [T, W]. */
  | { kind: 'hash'; slots_TW: ArrayLike<number>; W: number }
  /** Every slot takes `places` tokens. */
  | { kind: 'expertChoice'; places: number };

export interface RouterTopkInputs {
  z_TR: Real;
  /** Selection bias b; null or absent for none. */
  bias_R?: Real | null;
  /** 1 for the slots in the pool of the token's sequence; null or absent for all. */
  pool_TR?: Uint8Array | null;
}

export interface RouterTopkOut {
  /** s/Σ s, softmax(z) for the score `softmax`; 0 outside the pool. */
  p_TR: Real;
  /** s; p for the score `softmax`. */
  s_TR: Real;
  /** Ranks: K, 2 and 3 by the selection; with `topp` as many as any token selects; at most R. */
  W: number;
  /** Slots by rank, −1 where a token selects fewer than W. */
  selected_TW: Int32Array;
  /** g of every slot that has one: selected slots, and all null slots with `renormalizedWithNull`; else 0. */
  gates_TR: Real;
}

export interface RouterTopkSaved {
  p_TR: Real;
  /** Softmax over the logits that take part in the gates, or s for raw scores; 0 for the others. */
  share_TR: Real;
  /** 1 where `gates_TR` has the slot's share. */
  hasGate_TR: Uint8Array;
  /** d log s / dz; null where it is 1 everywhere. */
  slope_TR: Real | null;
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
function selectionCount(
  rule: Exclude<SelectionRule, { kind: 'hash' | 'expertChoice' }>,
  t: number,
  p_R: Real,
  ranked: number[],
): number {
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
    case 'expertChoice':
      return Math.max(...slotsOf.map((slots) => slots.length));
    case 'randomDrop':
      return Math.min(2, R);
    case 'adaptive':
      return Math.min(3, R);
    case 'hash':
      return rule.W;
  }
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

/** ℓ, s and p of all tokens; what is not left has s = p = 0. */
function scores(z_TR: Real, { T, R, score = 'softmax' }: RouterTopkDims, isLeft: LeftTest) {
  const l_TR = z_TR.map((z) => logScore(score, z));
  const p_TR = zerosLike(z_TR);
  for (let t = 0; t < T; t++)
    p_TR.set(
      softmaxOver(l_TR.subarray(t * R, (t + 1) * R), (r) => isLeft(t, r)),
      t * R,
    );
  if (score === 'softmax') return { l_TR, p_TR, s_TR: p_TR };
  const s_TR = l_TR.map((l, i) => (isLeft(Math.floor(i / R), i % R) ? Math.exp(l) : 0));
  return { l_TR, p_TR, s_TR };
}

type LeftTest = (t: number, r: number) => boolean;

/** 𝓔(t) by rank, before what an inspection forces. */
function select(
  { z_TR, bias_R }: RouterTopkInputs,
  { p_TR, s_TR }: { p_TR: Real; s_TR: Real },
  { T, R, selection, score = 'softmax' }: RouterTopkDims,
  isLeft: LeftTest,
): number[][] {
  if (selection.kind === 'expertChoice')
    return expertChoices(z_TR, { T, R, score, places: selection.places }, isLeft);
  return Array.from({ length: T }, (_, t) => {
    if (selection.kind === 'hash') {
      const row = Array.from({ length: selection.W }, (_, w) => t * selection.W + w);
      return row.map((i) => selection.slots_TW[i]!).filter((r) => isLeft(t, r));
    }
    const at = (values: Real) => values.subarray(t * R, (t + 1) * R);
    const v_R = bias_R ? at(s_TR).map((s, r) => s + bias_R[r]!) : at(z_TR);
    const ranked = rankSlots(v_R).filter((r) => isLeft(t, r));
    return ranked.slice(0, selectionCount(selection, t, at(p_TR), ranked));
  });
}

export function forward(
  inputs: RouterTopkInputs,
  dims: RouterTopkDims,
): { out: RouterTopkOut; saved: RouterTopkSaved } {
  const { z_TR, pool_TR } = inputs;
  const { T, R, kinds, gate, changes, score = 'softmax', routeScale = 1 } = dims;
  const { isLeft: isKept, force } = changes ?? NO_CHANGES;
  const isLeft: LeftTest = (t, r) => isKept(r) && (!pool_TR || pool_TR[t * R + r] === 1);
  const { l_TR, p_TR, s_TR } = scores(z_TR, dims, isLeft);
  const share_TR = zerosLike(z_TR);
  const gates_TR = zerosLike(z_TR);
  const hasGate_TR = new Uint8Array(T * R);
  const slotsOf = select(inputs, { p_TR, s_TR }, dims, isLeft).map((slots, t) => force(t, slots));
  slotsOf.forEach((slots, t) => {
    const chosen = new Set(slots);
    const l_R = l_TR.subarray(t * R, (t + 1) * R);
    const part = (r: number) => isLeft(t, r) && takesPart(gate, kinds[r]!, chosen.has(r));
    const share_R = gate === 'softmax' ? s_TR.subarray(t * R, (t + 1) * R) : softmaxOver(l_R, part);
    if (gate === 'uniform') for (const r of slots) share_R[r] = 1 / slots.length;
    share_TR.set(share_R, t * R);
    for (let r = 0; r < R; r++) {
      const isNullWithGate = gate === 'renormalizedWithNull' && kinds[r] === 'zero';
      if (!chosen.has(r) && !isNullWithGate) continue;
      hasGate_TR[t * R + r] = 1;
      gates_TR[t * R + r] = routeScale * share_R[r]!;
    }
  });
  const W = ranks(dims.selection, slotsOf, R);
  const selected_TW = new Int32Array(T * W).fill(-1);
  slotsOf.forEach((slots, t) => {
    selected_TW.set(slots, t * W);
  });
  const slope_TR = score === 'softmax' ? null : z_TR.map((z) => logScoreSlope(score, z));
  return {
    out: { p_TR, s_TR, W, selected_TW, gates_TR },
    saved: { p_TR, share_TR, hasGate_TR, slope_TR },
  };
}

/**
 * The selection is a constant, so p is a softmax of ℓ = log s, and so are the gates, or s itself:
 * dℓ = p·(dp − Σ p·dp) + g·(dg − Σ g·dg), without the last sum for raw scores; dz = dℓ·dℓ/dz.
 */
export function backward(
  { dp_TR, dgates_TR }: { dp_TR: Real; dgates_TR: Real },
  { p_TR, share_TR, hasGate_TR, slope_TR }: RouterTopkSaved,
  { T, R, gate, routeScale = 1 }: Omit<RouterTopkDims, 'selection'>,
): { dz_TR: Real } {
  const dz_TR = zerosLike(p_TR);
  // Scores that are no shares of all scores do not take from each other.
  const isRaw = gate === 'softmax' && slope_TR !== null;
  const scale = gate === 'uniform' ? 0 : routeScale;
  for (let t = 0; t < T; t++) {
    let meanP = 0;
    let meanGate = 0;
    for (let i = t * R; i < (t + 1) * R; i++) {
      meanP += p_TR[i]! * dp_TR[i]!;
      if (!isRaw) meanGate += share_TR[i]! * dgates_TR[i]! * hasGate_TR[i]!;
    }
    for (let i = t * R; i < (t + 1) * R; i++) {
      const dgate = dgates_TR[i]! * hasGate_TR[i]!;
      const dl = p_TR[i]! * (dp_TR[i]! - meanP) + scale * share_TR[i]! * (dgate - meanGate);
      dz_TR[i] = slope_TR === null ? dl : dl * slope_TR[i]!;
    }
  }
  return { dz_TR };
}
