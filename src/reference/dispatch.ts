import type { Slot } from '../config/experiment.ts';

/**
 * Capacity and the order in which experts compute (docs/model.md, "4. Capacity"): a stable counting
 * sort of the kept assignments by weight group. An FFN expert and its negated twins are one group.
 */
export interface DispatchDims {
  T: number;
  W: number;
  slots: readonly Slot[];
  /** Factors of MoE++ 8, or null for no capacity. */
  capacity: { gamma: number; tau: number } | null;
}

export interface Dispatch {
  /** Number of assignments A = Σ_t |𝓔(t)|. */
  A: number;
  /** Places of every slot [R], null without capacity. */
  places_R: number[] | null;
  /** 1 where capacity drops the assignment. */
  dropped_TW: Uint8Array;
  /** First row of every FFN expert's kept assignments, and their number at the end [E + 1]. */
  start_E: Int32Array;
  /** Token of every kept FFN assignment, in expert order [J]. */
  token_J: Int32Array;
  /** Row of every kept FFN assignment, −1 for the others. */
  row_TW: Int32Array;
}

/** FFN expert whose weights a slot uses, −1 for zero-computation slots [R]. */
export function weightGroups(slots: readonly Slot[]): number[] {
  let experts = 0;
  return slots.map((slot) => {
    if (slot.kind === 'ffn') return experts++;
    return slot.kind === 'negated' ? slot.of : -1;
  });
}

/**
 * Places per slot [R]: ceil(γ·A·τ/(τ·Nf + Nzc)) for FFN and negated slots, ceil(γ·A/(τ·Nf + Nzc))
 * for zero-computation slots, ceil(γ·A/Nf) without any of these (MoE++ 8). Double precision, left
 * to right as written.
 */
export function capacityPlaces(
  slots: readonly Slot[],
  A: number,
  { gamma, tau }: { gamma: number; tau: number },
): number[] {
  const isFfn = slots.map((slot) => slot.kind === 'ffn' || slot.kind === 'negated');
  const Nf = isFfn.filter(Boolean).length;
  const Nzc = slots.length - Nf;
  if (Nzc === 0) return slots.map(() => Math.ceil((gamma * A) / Nf));
  const share = tau * Nf + Nzc;
  return isFfn.map((ffn) => Math.ceil(ffn ? (gamma * A * tau) / share : (gamma * A) / share));
}

/** Drops what exceeds the places: rank 0 of every token first, then rank 1, …, each by token. */
function drop(selected_TW: Int32Array, places_R: number[], { T, W }: DispatchDims): Uint8Array {
  const dropped_TW = new Uint8Array(T * W);
  const free_R = [...places_R];
  for (let w = 0; w < W; w++) {
    for (let t = 0; t < T; t++) {
      const slot = selected_TW[t * W + w]!;
      if (slot < 0) continue;
      if (free_R[slot]! > 0) free_R[slot]!--;
      else dropped_TW[t * W + w] = 1;
    }
  }
  return dropped_TW;
}

/** Rows in order of (expert, slot, rank, token). Nothing here has a derivative. */
export function forward(
  { selected_TW }: { selected_TW: Int32Array },
  dims: DispatchDims,
): Dispatch {
  const { T, W, slots, capacity } = dims;
  const A = selected_TW.filter((slot) => slot >= 0).length;
  const places_R = capacity === null ? null : capacityPlaces(slots, A, capacity);
  const dropped_TW = places_R === null ? new Uint8Array(T * W) : drop(selected_TW, places_R, dims);
  const groups = weightGroups(slots);
  const E = slots.filter((slot) => slot.kind === 'ffn').length;
  const start_E = new Int32Array(E + 1);
  const row_TW = new Int32Array(T * W).fill(-1);
  const tokens: number[] = [];
  for (let e = 0; e < E; e++) {
    groups.forEach((group, r) => {
      if (group !== e) return;
      for (let w = 0; w < W; w++) {
        for (let t = 0; t < T; t++) {
          const i = t * W + w;
          if (selected_TW[i] !== r || dropped_TW[i] === 1) continue;
          row_TW[i] = tokens.length;
          tokens.push(t);
        }
      }
    });
    start_E[e + 1] = tokens.length;
  }
  return { A, places_R, dropped_TW, start_E, token_J: Int32Array.from(tokens), row_TW };
}
