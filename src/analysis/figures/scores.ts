/** i. Router scores: how sure the router is (docs/analysis.md). */
import type { InspectedLayer } from '../inspection.ts';
import { figureOf, whole } from './figure.ts';
import { entropy, mean, notNegative, variance } from './numbers.ts';

export const SCORE_BINS = 20;

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
}

const rowsOf = (values: Float32Array, R: number) =>
  Array.from({ length: values.length / R }, (_, u) => values.subarray(u * R, (u + 1) * R));

function confidence({ layer, R, U }: LayerScores): number {
  let total = 0;
  layer.selected.forEach((slot, at) => {
    if (slot >= 0) total += layer.probs[Math.floor(at / layer.W) * R + slot]!;
  });
  return total / U;
}

/** Mean of z₍k−1₎ − z₍k₎ over the tokens with 0 < k_u < R. */
function margin({ layer: { logits, selected, W }, R }: LayerScores): number {
  const gaps = rowsOf(logits, R).flatMap((row, u) => {
    const k = selected.subarray(u * W, (u + 1) * W).filter((slot) => slot >= 0).length;
    if (k === 0 || k >= R) return [];
    const ranked = Float64Array.from(row).sort().reverse();
    return [ranked[k - 1]! - ranked[k]!];
  });
  return mean(gaps);
}

const tokenEntropy = ({ layer, R }: LayerScores) => mean(rowsOf(layer.probs, R).map(entropy));

function meanEntropy({ layer: { probs }, R, U }: LayerScores): number {
  const p = new Float64Array(R);
  probs.forEach((value, i) => {
    p[i % R]! += value / U;
  });
  return entropy(p);
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
    meaning: 'How far the last chosen slot’s logit lies above the first one that is not chosen.',
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
    compute: tokenEntropy,
  },
  meanEntropy: {
    label: 'Entropy of the mean',
    formula: 'H(mean of p_u)',
    meaning: 'How evenly probability spreads over the slots; ln R at best.',
    source: 'Fast-LLM',
    format: 'nats',
    ideal: ({ R }: LayerScores) => Math.log(R),
    compute: meanEntropy,
  },
  mutualInformation: {
    label: 'Information on the token',
    formula: 'meanEntropy − tokenEntropy',
    meaning: 'Mutual information of token and slot: sure of each token, and fair to all slots.',
    source: 'own',
    format: 'nats',
    ideal: ({ R }: LayerScores) => Math.log(R),
    compute: (of: LayerScores) => notNegative(meanEntropy(of) - tokenEntropy(of)),
  },
  logitNorm: {
    label: 'Norm of the logits',
    formula: 'mean of ‖z_u‖₂',
    meaning: 'Size of the router’s logits; large ones lose precision.',
    source: 'ST-MoE',
    format: 'decimal',
    compute: ({ layer, R }: LayerScores) =>
      mean(rowsOf(layer.logits, R).map((row) => Math.sqrt(row.reduce((sum, z) => sum + z * z, 0)))),
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
    return { layer, R, U: inspection.tokens.length, ...topTwo(layer.probs, R) };
  },
  layerRows,
  over: () => null,
  rows: {},
});
