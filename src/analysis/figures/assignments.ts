/** Assignments of a MoE layer, counted in the ways that several figures need. */
import { isComputing, SLOT_KINDS } from '../../config/slots.ts';
import type { InspectedLayer, Inspection } from '../inspection.ts';

/** Calls back for every assignment (u, w), tokens in order and ranks in order; `at` is u·W + w. */
export function eachAssignment(
  { selected, W }: InspectedLayer,
  visit: (token: number, rank: number, slot: number, at: number) => void,
): void {
  for (let start = 0, token = 0; start < selected.length; start += W, token++) {
    for (let rank = 0; rank < W; rank++) {
      const slot = selected[start + rank]!;
      if (slot >= 0) visit(token, rank, slot, start + rank);
    }
  }
}

/** The same for those that capacity left. */
export function eachKept(
  layer: InspectedLayer,
  visit: (token: number, rank: number, slot: number, at: number) => void,
): void {
  eachAssignment(layer, (token, rank, slot, at) => {
    if (layer.dropped[at] === 0) visit(token, rank, slot, at);
  });
}

/** Whether a token's slots have an order: where slots take tokens, they have none. */
export function hasRanks({ selection }: Pick<InspectedLayer, 'selection'>): boolean {
  return selection !== 'expertChoice';
}

/** Rank-0 slot of a token, −1 where it selects none, and where ranks have no meaning. */
export function firstSlot(layer: InspectedLayer, token: number): number {
  return layer.W > 0 && hasRanks(layer) ? layer.selected[token * layer.W]! : -1;
}

/** c_i [R] */
export function slotCounts(layer: InspectedLayer): Int32Array {
  const counts = new Int32Array(layer.kinds.length);
  eachAssignment(layer, (_, _rank, slot) => {
    counts[slot]!++;
  });
  return counts;
}

/** Assignments by group of the token and slot [groups, R]. */
export function countsBy(
  layer: InspectedLayer,
  groupOf: ArrayLike<number>,
  groups: number,
): Int32Array {
  const R = layer.kinds.length;
  const counts = new Int32Array(groups * R);
  eachAssignment(layer, (token, _, slot) => {
    counts[groupOf[token]! * R + slot]!++;
  });
  return counts;
}

/** Counts by slot as counts by kind, a row of R to a row of 5; kinds in their order. */
export function byKind(
  counts: ArrayLike<number>,
  { kinds }: Pick<InspectedLayer, 'kinds'>,
): Int32Array {
  const [R, K] = [kinds.length, SLOT_KINDS.length];
  const sums = new Int32Array((counts.length / R) * K);
  for (let i = 0; i < counts.length; i++) {
    sums[Math.floor(i / R) * K + SLOT_KINDS.indexOf(kinds[i % R]!)]! += counts[i]!;
  }
  return sums;
}

/** What the tokens of a layer compute: Σ h and kept assignments, those to computing slots apart [U]. */
export interface Work {
  width: Int32Array;
  kept: Int32Array;
  /** κ_u */
  computing: Int32Array;
}

export function workOf(layer: InspectedLayer, { tokens }: Inspection): Work {
  const U = tokens.length;
  const computes = layer.kinds.map(isComputing);
  const work = {
    width: new Int32Array(U),
    kept: new Int32Array(U),
    computing: new Int32Array(U),
  };
  eachKept(layer, (token, _, slot) => {
    work.kept[token]!++;
    if (!computes[slot]) return;
    work.width[token]! += layer.hidden[slot]!;
    work.computing[token]!++;
  });
  return work;
}

/** Computing experts per token, mean over the MoE layers [U]; undefined without any. */
export function computingByToken(inspection: Inspection, works: readonly Work[]): Float64Array {
  return Float64Array.from(
    inspection.tokens,
    (_, u) => works.reduce((total, { computing }) => total + computing[u]!, 0) / works.length,
  );
}
