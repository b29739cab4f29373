/** Rules of LaDiMo's conversion that are tables, not tensors (docs/model.md, "Dense → MoE conversion"). */
import type { LayerPolicy } from './experiment.ts';

/** Most trainings of one layer. */
export const MAX_SEEDS = 16;

/** Quantile at q of sorted values, at position q·(n − 1). @throws RangeError for no values */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) throw new RangeError('ladimo: a quantile of no values');
  return valueAt(sorted, q * (sorted.length - 1));
}

/** Linear between the order statistics at a position from 0 to n − 1. */
export function valueAt(sorted: ArrayLike<number>, position: number): number {
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

export interface Thresholds {
  /** P(w_m ≥ α) = p_u */
  alpha: number;
  /** P(w_m ≤ β) = p_e */
  beta: number;
}

export interface PolicyThresholds extends Thresholds {
  /** Per converted layer, with the layer's own quantiles. */
  layers: ({ kind: LayerPolicy['kind'] } & Thresholds)[];
}

/** Kinds of a layer's policy, in the order of their codes. */
export const POLICY_KINDS: readonly LayerPolicy['kind'][] = ['top-1', 'top-2', 'top-3', 'dynamic'];

function policyKind(own: Thresholds, global: Thresholds): LayerPolicy['kind'] {
  const isOftenSure = own.alpha > global.alpha;
  const isOftenUnsure = own.beta < global.beta;
  if (isOftenSure) return isOftenUnsure ? 'dynamic' : 'top-1';
  return isOftenUnsure ? 'top-3' : 'top-2';
}

const sortedOf = (values: ArrayLike<number>) => Float64Array.from(values).sort();

/** Weights of all layers, sorted together. */
function sortedTogether(layers: readonly ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(layers.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const weights of layers) {
    all.set(weights, at);
    at += weights.length;
  }
  return all.sort();
}

/** Weights that were sorted once, for any shares. */
interface SortedWeights {
  layers: readonly Float64Array[];
  all: Float64Array;
}

function policyOf({ layers, all }: SortedWeights, { pu, pe }: PolicyShares): PolicyThresholds {
  const thresholds = (sorted: Float64Array): Thresholds => ({
    alpha: quantile(sorted, 1 - pu),
    beta: quantile(sorted, pe),
  });
  const global = thresholds(all);
  const rows = layers.map((sorted) => {
    const own = thresholds(sorted);
    return { kind: policyKind(own, global), ...own };
  });
  return { ...global, layers: rows };
}

/**
 * Policy of every converted layer from its recorded maximal routing weights w_m [n], by quantiles
 * over all of them and per layer (LaDiMo 4.4).
 */
export function adaptivePolicy(
  maxWeights: readonly ArrayLike<number>[],
  shares: PolicyShares,
): PolicyThresholds {
  const all = sortedTogether(maxWeights);
  return policyOf({ layers: maxWeights.map(sortedOf), all }, shares);
}

/** The policy as `router.policy` has it: thresholds only where they decide per token. */
export function layerPolicy({
  kind,
  alpha,
  beta,
}: PolicyThresholds['layers'][number]): LayerPolicy {
  return kind === 'dynamic' ? { kind, alpha, beta } : { kind };
}

/** Slots that `policy` gives a token whose largest routing weight is w_m (LaDiMo 4.4). */
export function policyWidth(policy: LayerPolicy, wm: number): number {
  switch (policy.kind) {
    case 'top-1':
      return 1;
    case 'top-2':
      return 2;
    case 'top-3':
      return 3;
    case 'dynamic':
      if (wm >= policy.alpha) return 1;
      return wm <= policy.beta ? 3 : 2;
  }
}

/** Maximal routing weights w_m of the tokens of a converted layer. */
export interface LayerWeights {
  layer: number;
  weights: Float32Array;
}

export interface PolicyShares {
  readonly pu: number;
  readonly pe: number;
}

/** Which converted layers stand in a student, and how. */
export interface StudentChoice {
  /** Converted layers, rising; none is the teacher itself. */
  readonly layers: readonly number[];
  /** Which training of the layers; 0 unless set. */
  readonly seed?: number | undefined;
  /** The domain on which they were trained on (`domains`); none unless set. */
  readonly domain?: string | null | undefined;
  /** p_u and p_e of an adaptive router; null unless set: top-K as converted. */
  readonly policy?: PolicyShares | null | undefined;
  /** K of a static router in the place of the settings' own; null unless set. */
  readonly K?: number | null | undefined;
}

/** A policy and what it comes to on the weights that it is put to. */
export interface PolicyPreview extends PolicyThresholds {
  layers: (PolicyThresholds['layers'][number] & {
    layer: number;
    /** Experts that a token gets on average. */
    computing: number;
  })[];
  /** The same over all layers. */
  computing: number;
}

/** Experts that the tokens of a layer get on average under a policy; none gets more than N. */
export function meanWidth(policy: LayerPolicy, weights: Float32Array, N: number): number {
  if (policy.kind !== 'dynamic') return Math.min(policyWidth(policy, 0), N);
  let sum = 0;
  for (const w of weights) sum += Math.min(policyWidth(policy, w), N);
  return sum / weights.length;
}

/**
 * For an editor in which p_u and p_e are dragged: sorts the weights once, and then says at once which
 * policy follows from shares, and how many experts it lets compute.
 */
export function policyEditor(
  layers: readonly LayerWeights[],
  N: number,
): (shares: PolicyShares) => PolicyPreview {
  const sorted = {
    layers: layers.map(({ weights }) => sortedOf(weights)),
    all: sortedTogether(layers.map(({ weights }) => weights)),
  };
  return (shares) => {
    const table = policyOf(sorted, shares);
    const rows = table.layers.map((own, i) => {
      const { layer, weights } = layers[i]!;
      return { ...own, layer, computing: meanWidth(layerPolicy(own), weights, N) };
    });
    const computing = rows.reduce((sum, row) => sum + row.computing, 0) / rows.length;
    return { ...table, layers: rows, computing };
  };
}

/** The same once. @throws RangeError where a layer has no weights */
export function previewPolicy(
  layers: readonly LayerWeights[],
  N: number,
  shares: PolicyShares,
): PolicyPreview {
  return policyEditor(layers, N)(shares);
}
