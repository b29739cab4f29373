/** How often slots and experts are used: nominally, and as measured from routing. */

import type { EngineConfig, LayerPolicy, Slot } from '../config/experiment.ts';
import { expertOfSlots, expertWidths } from '../config/slots.ts';

/** One possible number of chosen slots and how often it occurs. */
export interface SetSize {
  size: number;
  probability: number;
}

/** Sets of a mean size: of the whole numbers around it. */
function aroundMean(size: number): SetSize[] {
  const [low, rest] = [Math.floor(size), size % 1];
  const around = [
    { size: low, probability: 1 - rest },
    { size: low + 1, probability: rest },
  ];
  return around.filter(({ probability }) => probability > 0);
}

/**
 * Sizes of the chosen set in a layer of R slots where no routing is measured. `topk` and `hash`: K.
 * `expertChoice`: γ·K on average, as R slots take ceil(γ·T·K/R) tokens each (docs/balancing.md, "Expert choice").
 * `randomDrop`: 2, or 1 with probability q. `adaptive`: the layer's policy, 2 for `dynamic`.
 * `topp`: ceil(P·R), what a flat router takes, which is the most that any router takes.
 */
export function nominalSetSizes(
  router: EngineConfig['router'],
  R: number,
  policy: LayerPolicy | null,
): SetSize[] {
  const fixed = (size: number): SetSize[] => [{ size: Math.min(size, R), probability: 1 }];
  switch (router.selection) {
    case 'topk':
    case 'hash':
      return fixed(router.K);
    case 'expertChoice':
      return aroundMean(Math.min(R, (router.capacity ?? 1) * router.K));
    case 'topp':
      return fixed(Math.max(1, Math.ceil((router.P ?? 1) * R)));
    case 'randomDrop': {
      const q = R > 1 ? (router.q ?? 0) : 0;
      return [
        ...fixed(2).map((two) => ({ ...two, probability: 1 - q })),
        { size: 1, probability: q },
      ];
    }
    case 'adaptive':
      if (policy === null || policy.kind === 'dynamic') return fixed(2);
      return fixed(Number(policy.kind.slice('top-'.length)));
  }
}

/** Mean number of slots that a token chooses. */
export function meanSetSize(sizes: readonly SetSize[]): number {
  return sizes.reduce((mean, { size, probability }) => mean + size * probability, 0);
}

/**
 * Probability that at least one of `members` given slots is chosen when every set of the given
 * size is equally likely: 1 − C(R−members, size)/C(R, size).
 */
export function chanceOfAny(members: number, R: number, sizes: readonly SetSize[]): number {
  let chance = 0;
  for (const { size, probability } of sizes) {
    let none = 1;
    for (let j = 0; j < size; j++) none *= Math.max(0, R - members - j) / (R - j);
    chance += probability * (1 - none);
  }
  return chance;
}

/**
 * Nominal part of the tokens that use each FFN expert of a layer [N]: an expert is used when its
 * own slot or a negated twin is chosen (docs/model.md, "Accounting").
 */
export function nominalExpertShare(slots: readonly Slot[], sizes: readonly SetSize[]): number[] {
  const members = expertWidths(slots).map(() => 0);
  for (const expert of expertOfSlots(slots)) {
    if (expert >= 0) members[expert]!++;
  }
  const chances = new Map<number, number>();
  return members.map((count) => {
    const known = chances.get(count) ?? chanceOfAny(count, slots.length, sizes);
    chances.set(count, known);
    return known;
  });
}

/** Choices of one layer over T tokens, as exported routing has them. */
export interface RoutingTable {
  /** Ranks. */
  W: number;
  /** Slots by rank, −1 where none [T, W]. */
  selected: ArrayLike<number>;
  /** 1 where capacity drops the assignment [T, W]. */
  dropped: ArrayLike<number>;
}

/** Measured part of the tokens that use each FFN expert [N], each token counted once per expert. */
export function expertShareFromRouting(slots: readonly Slot[], routing: RoutingTable): number[] {
  const experts = expertOfSlots(slots);
  const users = expertWidths(slots).map(() => 0);
  const T = routing.selected.length / routing.W;
  for (let t = 0; t < T; t++) {
    const used = new Set<number>();
    for (let w = 0; w < routing.W; w++) {
      const slot = routing.selected[t * routing.W + w]!;
      if (slot < 0 || routing.dropped[t * routing.W + w] === 1) continue;
      const expert = experts[slot]!;
      if (expert >= 0) used.add(expert);
    }
    for (const expert of used) users[expert]!++;
  }
  return users.map((count) => count / T);
}

/** Loads of one layer as telemetry counts them. */
export interface LoadCounts {
  tokens: number;
  /** Assignments per slot, dropped ones included [R]. */
  counts: ArrayLike<number>;
  drops: ArrayLike<number>;
  /** Tokens that use an expert through two of its slots at once [N]; absent = none. */
  coSelected?: ArrayLike<number>;
}

/**
 * Measured part of the tokens that use each FFN expert [N], from counts. Exact without negated
 * slots or with `coSelected`; else an upper bound, as a token that chooses both twins counts twice.
 */
export function expertShareFromLoads(slots: readonly Slot[], loads: LoadCounts): number[] {
  const users = expertWidths(slots).map((_, i) => -(loads.coSelected?.[i] ?? 0));
  expertOfSlots(slots).forEach((expert, slot) => {
    if (expert >= 0) users[expert]! += loads.counts[slot]! - loads.drops[slot]!;
  });
  return users.map((count) => Math.min(1, count / loads.tokens));
}
