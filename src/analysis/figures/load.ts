/** a. Load of the slots: who takes how many tokens (docs/analysis.md). */
import { isComputing } from '../../config/slots.ts';
import type { InspectedLayer, Inspection } from '../inspection.ts';
import { eachAssignment } from './assignments.ts';
import { type FigureInputs, figureOf, real, whole } from './figure.ts';
import { entropy, mean, quantiles, quotient, sum, variance } from './numbers.ts';

export interface LoadArgs {
  /** Ideal weights: all 1, or τ for computing slots and 1 for the others (MoE++ 7, 8). */
  weights: 'uniform' | 'tau';
}

export interface LayerLoad {
  R: number;
  W: number;
  /** Ideal weights [R]. */
  weights: readonly number[];
  /** Tokens by rank and slot [W, R]. */
  counts: Int32Array;
  /** c_i [R] and their sum A. */
  total: Int32Array;
  A: number;
  gateMass: Float64Array;
  /** r_i [R] */
  ratios: Float64Array;
  /** maxVio of every batch [n]. */
  batches: Float64Array;
}

function idealWeights(layer: InspectedLayer, { tau }: FigureInputs, { weights }: LoadArgs) {
  if (weights === 'uniform') return layer.kinds.map(() => 1);
  if (tau === undefined || !(tau > 0))
    throw new RangeError(`load: weights "tau" with τ = ${tau}; it must be above 0`);
  return layer.kinds.map((kind) => (isComputing(kind) ? tau : 1));
}

/** c_i/(A·w_i/Σw) [R] */
export function loadRatios(counts: ArrayLike<number>, weights: readonly number[]): Float64Array {
  const [A, all] = [sum(counts), sum(weights)];
  return Float64Array.from(weights, (weight, i) => counts[i]! / ((A * weight) / all));
}

function loadOf(inspection: Inspection, layer: InspectedLayer, weights: number[]): LayerLoad {
  const R = layer.kinds.length;
  const { W, gates } = layer;
  const { n, B, S } = inspection;
  const counts = new Int32Array(W * R);
  const total = new Int32Array(R);
  const gateMass = new Float64Array(R);
  const byBatch = Array.from({ length: n }, () => new Int32Array(R));
  eachAssignment(layer, (token, rank, slot, at) => {
    counts[rank * R + slot]!++;
    total[slot]!++;
    gateMass[slot]! += gates[at]!;
    byBatch[Math.floor(token / (B * S))]![slot]!++;
  });
  const ratios = loadRatios(total, weights);
  const batches = Float64Array.from(byBatch, (one) => Math.max(...loadRatios(one, weights)) - 1);
  return { R, W, weights, counts, total, A: sum(total), gateMass, ratios, batches };
}

const maxVio = ({ ratios }: LayerLoad) => Math.max(...ratios) - 1;
const idealShare = ({ weights }: LayerLoad, i: number) => weights[i]! / sum(weights);

export const LOAD_QUANTILES = [0, 0.25, 0.5, 0.75, 0.9, 1] as const;

const layerRows = {
  counts: {
    label: 'Tokens by rank',
    formula: '#{u : rank w of 𝓔(u) is i}',
    meaning: 'Tokens that choose the slot at each rank, dropped ones included.',
    source: 'MoDSE Fig. 3, Tables 7, 8',
    format: 'count',
    axes: ['W', 'R'],
    compute: ({ W, R, counts }: LayerLoad) => whole([W, R], counts),
  },
  total: {
    label: 'Tokens',
    formula: 'cᵢ',
    meaning: 'Assignments to the slot, dropped ones included.',
    source: 'MoDSE Fig. 3, Tables 7, 8',
    format: 'count',
    axes: ['R'],
    ideal: (load: LayerLoad, i: number) => load.A * idealShare(load, i),
    compute: ({ R, total }: LayerLoad) => whole([R], total),
  },
  assignments: {
    label: 'Assignments',
    formula: 'A = Σ cᵢ',
    meaning: 'Slots that all tokens choose together.',
    source: 'MoDSE Fig. 3, Tables 7, 8',
    format: 'count',
    compute: ({ A }: LayerLoad) => A,
  },
  share: {
    label: 'Share',
    formula: 'cᵢ / A',
    meaning: 'Part of all assignments of the layer that goes to the slot.',
    source: 'field',
    format: 'percent',
    axes: ['R'],
    ideal: idealShare,
    compute: ({ R, total, A }: LayerLoad) => real([R], (i) => total[i]! / A),
  },
  ratio: {
    label: 'Load / ideal',
    formula: 'rᵢ = cᵢ / (A·wᵢ / Σw)',
    meaning: 'Load relative to a balanced router: 1 is balanced, 2 is twice its part.',
    source: 'field',
    format: 'ratio',
    axes: ['R'],
    ideal: () => 1,
    compute: ({ R, ratios }: LayerLoad) => ({ shape: [R], data: ratios }),
  },
  gateMass: {
    label: 'Routing weight, sum',
    formula: 'Σ_{u : i∈𝓔(u)} gᵢ(u)',
    meaning: 'Routing weight that the slot receives, dropped assignments included.',
    source: 'field',
    format: 'decimal',
    axes: ['R'],
    compute: ({ R, gateMass }: LayerLoad) => ({ shape: [R], data: gateMass }),
  },
  gateMean: {
    label: 'Mean routing weight',
    formula: 'Σ_{u : i∈𝓔(u)} gᵢ(u) / cᵢ',
    meaning: 'Routing weight of the slot, on average over the tokens that choose it.',
    source: 'field',
    format: 'decimal',
    axes: ['R'],
    compute: ({ R, gateMass, total }: LayerLoad) => real([R], (i) => gateMass[i]! / total[i]!),
  },
  maxMin: {
    label: 'Max / min',
    formula: 'max cᵢ / min cᵢ',
    meaning: 'Load of the busiest slot over that of the idlest; undefined while a slot is empty.',
    source: 'MoDSE Tables 7, 8',
    format: 'ratio',
    ideal: ({ weights }: LayerLoad) => Math.max(...weights) / Math.min(...weights),
    compute: ({ total }: LayerLoad) => quotient(Math.max(...total), Math.min(...total)),
  },
  maxVio: {
    label: 'Max violation',
    formula: 'max rᵢ − 1',
    meaning: 'How far the busiest slot lies above its ideal load, over all batches together.',
    source: 'Wang 2024 (global)',
    format: 'percent',
    ideal: () => 0,
    compute: maxVio,
  },
  minVio: {
    label: 'Min violation',
    formula: 'min rᵢ − 1',
    meaning: 'How far the idlest slot lies below its ideal load; −100 % is a dead slot.',
    source: 'Wang 2024 (global)',
    format: 'percent',
    ideal: () => 0,
    compute: ({ ratios }: LayerLoad) => Math.min(...ratios) - 1,
  },
  maxVioBatch: {
    label: 'Max violation of a batch',
    formula: 'mean over batches of (max rᵢ − 1)',
    meaning: 'How far the busiest slot of each batch lies above its ideal load, on average.',
    source: 'Wang 2024 (batch)',
    format: 'percent',
    ideal: () => 0,
    compute: ({ batches }: LayerLoad) => mean(batches),
  },
  cv: {
    label: 'Coefficient of variation',
    formula: 'std(r) / mean(r)',
    meaning: 'Spread of the loads relative to their mean.',
    source: 'field',
    format: 'decimal',
    ideal: () => 0,
    compute: ({ ratios, A }: LayerLoad) =>
      A === 0 ? Number.NaN : Math.sqrt(variance(ratios)) / mean(ratios),
  },
  entropy: {
    label: 'Entropy',
    formula: 'H(c)',
    meaning: 'Entropy of the load; ln R when every slot gets the same.',
    source: 'field',
    format: 'nats',
    ideal: ({ weights }: LayerLoad) => entropy(weights),
    compute: ({ total }: LayerLoad) => entropy(total),
  },
  effective: {
    label: 'Effective slots',
    formula: 'exp(H(c)) / R',
    meaning: 'Number of equally loaded slots with the same entropy, as a part of all R.',
    source: 'field',
    format: 'percent',
    ideal: ({ weights, R }: LayerLoad) => Math.exp(entropy(weights)) / R,
    compute: ({ total, R }: LayerLoad) => Math.exp(entropy(total)) / R,
  },
  dead: {
    label: 'Dead slots',
    formula: '#{i : cᵢ = 0}',
    meaning: 'Slots that no token chooses.',
    source: 'field',
    format: 'count',
    ideal: () => 0,
    compute: ({ total }: LayerLoad) => total.filter((count) => count === 0).length,
  },
} as const;

const rows = {
  maxVioQuantiles: {
    label: 'Max violation over layers',
    formula: 'quantiles of maxVio at 0, 0.25, 0.5, 0.75, 0.9, 1',
    meaning: 'How the layers differ in balance, from the best to the worst.',
    source: 'field',
    format: 'percent',
    axes: ['quantile'],
    ideal: () => 0,
    compute: (layers: readonly LayerLoad[]) => ({
      shape: [LOAD_QUANTILES.length],
      data: quantiles(layers.map(maxVio), LOAD_QUANTILES),
    }),
  },
} as const;

export const load = figureOf<LoadArgs, LayerLoad, readonly LayerLoad[]>()({
  id: 'load',
  title: 'Load',
  ofLayer: (inputs, args, place) => {
    const layer = inputs.inspection.layers[place]!;
    return loadOf(inputs.inspection, layer, idealWeights(layer, inputs, args));
  },
  layerRows,
  over: (_, _args, layers) => layers,
  rows,
});
