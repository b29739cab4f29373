/** i. Router scores: how sure the router is (docs/analysis.md). */
import type { InspectedLayer } from '../inspection.ts';
import { eachAssignment, hasRanks } from './assignments.ts';
import { figureOf, whole } from './figure.ts';
import { entropy, mean, notNegative, variance } from './numbers.ts';

export const SCORE_BINS = 20;
/** Where the bins begin and end [21]. */
export const SCORE_EDGES = Array.from({ length: SCORE_BINS + 1 }, (_, i) => i / SCORE_BINS);

/** Tokens by bin min(19, ⌊20·p⌋) of a probability; what is undefined is in none. */
export function probabilityHistogram(p: ArrayLike<number>): Int32Array {
  const bins = new Int32Array(SCORE_BINS);
  for (let i = 0; i < p.length; i++) {
    const value = p[i]!;
    if (!Number.isNaN(value)) bins[Math.min(SCORE_BINS - 1, Math.floor(SCORE_BINS * value))]!++;
  }
  return bins;
}

/** Highest and second-highest value of every row [U]; a row of one has no second. */
function topTwo(values: ArrayLike<number>, R: number) {
  const U = values.length / R;
  const top = { first: new Float64Array(U), second: new Float64Array(U).fill(Number.NaN) };
  for (let u = 0; u < U; u++) {
    let [first, second] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = u * R; i < (u + 1) * R; i++) {
      const value = values[i]!;
      if (value > first) [first, second] = [value, first];
      else if (value > second) second = value;
    }
    top.first[u] = first;
    if (R > 1) top.second[u] = second;
  }
  return top;
}

/** Highest p of every token, before any renormalisation [U]. */
export function highestProbability({ probs, kinds }: InspectedLayer): Float64Array {
  return topTwo(probs, kinds.length).first;
}

export interface LayerScores {
  layer: InspectedLayer;
  R: number;
  U: number;
  /** p₍₀₎ and p₍₁₎ [U]. */
  first: Float64Array;
  second: Float64Array;
  tokenEntropy: number;
  meanEntropy: number;
}

function confidence({ layer, R, U }: LayerScores): number {
  let total = 0;
  eachAssignment(layer, (token, _rank, slot) => {
    total += layer.probs[token * R + slot]!;
  });
  return total / U;
}

/** Mean of z₍k−1₎ − z₍k₎ over the tokens with 0 < k_u < the slots that rank; hash layers rank none. */
function margin({ layer, R, U }: LayerScores): number {
  const { logits, ranking = logits, selected, W } = layer;
  if (!hasRanks(layer) || layer.selection === 'hash') return Number.NaN;
  let [total, tokens] = [0, 0];
  for (let u = 0; u < U; u++) {
    let k = 0;
    while (k < W && selected[u * W + k]! >= 0) k++;
    if (k === 0 || k >= R) continue;
    const rising = ranking.slice(u * R, (u + 1) * R).sort();
    const next = rising[R - k - 1]!;
    if (next === Number.NEGATIVE_INFINITY) continue;
    total += rising[R - k]! - next;
    tokens++;
  }
  return total / tokens;
}

/** Mean of H(p_u), and H of the mean of p_u. */
function entropies(probs: Float32Array, R: number) {
  const U = probs.length / R;
  const means = new Float64Array(R);
  let total = 0;
  for (let u = 0; u < U; u++) {
    const row = probs.subarray(u * R, (u + 1) * R);
    total += entropy(row);
    for (let i = 0; i < R; i++) means[i]! += row[i]! / U;
  }
  return { tokenEntropy: total / U, meanEntropy: entropy(means) };
}

/** Mean L2 norm of the rows. */
function meanNorm(logits: Float32Array, R: number): number {
  let [total, square] = [0, 0];
  for (let i = 0; i < logits.length; i++) {
    square += logits[i]! ** 2;
    if (i % R !== R - 1) continue;
    total += Math.sqrt(square);
    square = 0;
  }
  return total / (logits.length / R);
}

const TOP1 = { source: 'MoE++ Fig. 6', format: 'decimal' } as const;

const layerRows = {
  top1Mean: {
    ...TOP1,
    label: 'Highest score',
    formula: 'mean of p₍₀₎',
    meaning: 'Probability of each token’s first slot, on average.',
    compute: ({ first }: LayerScores) => mean(first),
  },
  top1Variance: {
    ...TOP1,
    format: 'units',
    label: 'Highest score, variance',
    formula: 'variance of p₍₀₎',
    meaning: 'How much the first slot’s probability varies between tokens.',
    compute: ({ first }: LayerScores) => variance(first),
  },
  top2Mean: {
    ...TOP1,
    label: 'Second score',
    formula: 'mean of p₍₁₎',
    meaning: 'Probability of each token’s second slot, on average.',
    compute: ({ second }: LayerScores) => mean(second),
  },
  top2Variance: {
    ...TOP1,
    format: 'units',
    label: 'Second score, variance',
    formula: 'variance of p₍₁₎',
    meaning: 'How much the second slot’s probability varies between tokens.',
    compute: ({ second }: LayerScores) => variance(second),
  },
  top1Histogram: {
    label: 'Highest score, tokens',
    formula: '#{u : ⌊20·p₍₀₎⌋ = bin}',
    meaning: 'Tokens by the probability of their first slot, in bins of 0.05.',
    source: 'MoE++ Fig. 6',
    format: 'count',
    axes: ['bin'],
    compute: ({ first }: LayerScores) => whole([SCORE_BINS], probabilityHistogram(first)),
  },
  top2Histogram: {
    label: 'Second score, tokens',
    formula: '#{u : ⌊20·p₍₁₎⌋ = bin}',
    meaning: 'Tokens by the probability of their second slot, in bins of 0.05.',
    source: 'MoE++ Fig. 6',
    format: 'count',
    axes: ['bin'],
    compute: ({ second }: LayerScores) => whole([SCORE_BINS], probabilityHistogram(second)),
  },
  confidence: {
    label: 'Confidence',
    formula: 'mean of Σ_{i∈𝓔(u)} p_i',
    meaning: 'Probability of the chosen slots together.',
    source: 'field',
    format: 'percent',
    compute: confidence,
  },
  margin: {
    label: 'Margin',
    formula: 'mean of z₍k−1₎ − z₍k₎ where k_u < R',
    meaning:
      'How far the last chosen slot’s logit, or its score with a selection bias, lies above the first one that is not chosen.',
    source: 'field',
    format: 'decimal',
    compute: margin,
  },
  tokenEntropy: {
    label: 'Entropy of a token',
    formula: 'mean of H(p_u)',
    meaning: 'How undecided the router is about a token, on average.',
    source: 'Fast-LLM',
    format: 'nats',
    compute: ({ tokenEntropy }: LayerScores) => tokenEntropy,
  },
  meanEntropy: {
    label: 'Entropy of the mean',
    formula: 'H(mean of p_u)',
    meaning: 'How evenly probability spreads over the slots; ln R at best.',
    source: 'Fast-LLM',
    format: 'nats',
    ideal: ({ R }: Pick<LayerScores, 'R'>) => Math.log(R),
    compute: ({ meanEntropy }: LayerScores) => meanEntropy,
  },
  mutualInformation: {
    label: 'Information on the token',
    formula: 'meanEntropy − tokenEntropy',
    meaning: 'Mutual information of token and slot: sure of each token, and fair to all slots.',
    source: 'own',
    format: 'nats',
    ideal: ({ R }: Pick<LayerScores, 'R'>) => Math.log(R),
    compute: ({ meanEntropy, tokenEntropy }: LayerScores) =>
      notNegative(meanEntropy - tokenEntropy),
  },
  logitNorm: {
    label: 'Norm of the logits',
    formula: 'mean of ‖z_u‖₂',
    meaning: 'Size of the router’s logits; large ones lose precision.',
    source: 'ST-MoE',
    format: 'decimal',
    compute: ({ layer, R }: LayerScores) => meanNorm(layer.logits, R),
  },
  logitMax: {
    label: 'Largest logit',
    formula: 'max |z|',
    meaning: 'Largest absolute value among the router’s logits.',
    source: 'ST-MoE',
    format: 'decimal',
    compute: ({ layer, U }: LayerScores) =>
      U === 0 ? Number.NaN : layer.logits.reduce((max, z) => Math.max(max, Math.abs(z)), 0),
  },
} as const;

export const scores = figureOf<object, LayerScores, null>()({
  id: 'scores',
  title: 'Router scores',
  ofLayer: ({ inspection }, _, place) => {
    const layer = inspection.layers[place]!;
    const R = layer.kinds.length;
    const U = inspection.tokens.length;
    return { layer, R, U, ...topTwo(layer.probs, R), ...entropies(layer.probs, R) };
  },
  layerRows,
  over: () => null,
  rows: {},
});
