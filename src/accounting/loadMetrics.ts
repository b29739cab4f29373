/**
 * The field's load figures for one MoE layer, computed from counts. Every figure is a row with its
 * formula beside its code, so that a page can show both. Symbols: c_i assignments of slot i
 * (dropped ones included, as in the balance losses), A = Σ c_i, T tokens, R slots, w_i the ideal
 * weight of slot i (1 unless set), ideal load A·w_i/Σw.
 */

import type { SlotKind } from '../config/experiment.ts';
import { isComputing } from '../config/slots.ts';
import type { TelemetryName } from '../config/telemetry.ts';

/** Fields that are recorded once per slot (config/telemetry.ts says what they mean). */
type SlotField = Exclude<TelemetryName, 'assignments' | 'domains'>;

/** Loads of one layer over one batch or a sum of batches; every field [R]. */
export interface LayerLoad extends Readonly<Record<SlotField, ArrayLike<number>>> {
  /** Tokens T that the counts cover. */
  tokens: number;
  kinds: readonly SlotKind[];
  /** Assignments per slot, dropped ones included [R]. */
  counts: ArrayLike<number>;
  /** Ideal weight per slot [R], see `idealWeights`; all equal when absent. */
  weights?: ArrayLike<number>;
}

export type MetricFormat = 'count' | 'percent' | 'ratio' | 'decimal';

interface MetricText {
  id: string;
  label: string;
  /** Formula in the symbols of this file's header. */
  formula: string;
  /** What it tells, in one sentence. */
  meaning: string;
  format: MetricFormat;
}

/** One figure per slot. `compute` is NaN where the figure is undefined (no assignment yet). */
export interface SlotMetric extends MetricText {
  ideal(load: LayerLoad, slot: number): number | null;
  compute(load: LayerLoad, slot: number): number;
}

/** One figure per layer. `compute` is NaN where undefined, Infinity for max/min with an empty slot. */
export interface LayerMetric extends MetricText {
  ideal(load: LayerLoad): number | null;
  compute(load: LayerLoad): number;
}

/**
 * Ideal weights that MoE++'s heterogeneous loss and capacities aim at (MoE++ 7, 8): τ for slots
 * that compute (`ffn`, `negated`), 1 for zero-computation slots [R].
 */
export function idealWeights(kinds: readonly SlotKind[], tau: number): number[] {
  return kinds.map((kind) => (isComputing(kind) ? tau : 1));
}

export const SLOT_METRICS: readonly SlotMetric[] = [
  {
    id: 'tokens',
    label: 'Tokens',
    formula: 'cᵢ',
    meaning: 'Assignments to the slot, dropped ones included.',
    format: 'count',
    ideal: idealLoad,
    compute: (load, i) => load.counts[i]!,
  },
  {
    id: 'share',
    label: 'Share',
    formula: 'sᵢ = cᵢ / A',
    meaning: 'Part of all assignments of the layer that goes to the slot.',
    format: 'percent',
    ideal: (load, i) => idealShare(load, i),
    compute: share,
  },
  {
    id: 'ratio',
    label: 'Load / ideal',
    formula: 'cᵢ / (A·wᵢ / Σw)',
    meaning: 'Load relative to a balanced router: 1 is balanced, 2 is twice its part.',
    format: 'ratio',
    ideal: () => 1,
    compute: ratio,
  },
  {
    id: 'meanGate',
    label: 'Mean routing weight',
    formula: 'Σ_{t: i∈𝓔(t)} gᵢ(t) / cᵢ',
    meaning: 'What the slot’s output is multiplied by, on average over the tokens that choose it.',
    format: 'decimal',
    ideal: () => null,
    compute: (load, i) => load.meanGate[i]!,
  },
  {
    id: 'bias',
    label: 'Selection bias',
    formula: 'bᵢ',
    meaning:
      'What is added to the slot’s score where slots are ranked; moved by a rule after each step.',
    format: 'decimal',
    ideal: () => null,
    compute: (load, i) => load.bias[i]!,
  },
  {
    id: 'drops',
    label: 'Dropped',
    formula: 'assignments of i over its capacity',
    meaning: 'Assignments that found no place and add nothing to the output.',
    format: 'count',
    ideal: () => 0,
    compute: (load, i) => load.drops[i]!,
  },
];

export const LAYER_METRICS: readonly LayerMetric[] = [
  {
    id: 'maxMin',
    label: 'Max / min',
    formula: 'max cᵢ / min cᵢ',
    meaning: 'Load of the busiest slot over that of the idlest; undefined while a slot is empty.',
    format: 'ratio',
    ideal: (load) => extreme(weightsOf(load), Math.max) / extreme(weightsOf(load), Math.min),
    compute: maxMin,
  },
  {
    id: 'maxViolation',
    label: 'Max violation',
    formula: 'maxᵢ (load/ideal)ᵢ − 1',
    meaning: 'How far the busiest slot lies above its ideal load (MaxVio).',
    format: 'percent',
    ideal: () => 0,
    compute: (load) => extreme(ratios(load), Math.max) - 1,
  },
  {
    id: 'minViolation',
    label: 'Min violation',
    formula: 'minᵢ (load/ideal)ᵢ − 1',
    meaning: 'How far the idlest slot lies below its ideal load; −100 % is a dead slot.',
    format: 'percent',
    ideal: () => 0,
    compute: (load) => extreme(ratios(load), Math.min) - 1,
  },
  {
    id: 'cv',
    label: 'Coefficient of variation',
    formula: 'std(load/ideal) / mean(load/ideal)',
    meaning: 'Spread of the loads relative to their mean (population standard deviation).',
    format: 'decimal',
    ideal: () => 0,
    compute: coefficientOfVariation,
  },
  {
    id: 'entropy',
    label: 'Entropy',
    formula: 'H = −Σ sᵢ·ln sᵢ',
    meaning: 'Entropy of the load in nats; ln R when every slot gets the same.',
    format: 'decimal',
    ideal: (load) => shannon(weightsOf(load)),
    compute: (load) => shannon(Array.from(load.counts)),
  },
  {
    id: 'effectiveExperts',
    label: 'Effective slots',
    formula: 'exp(H) / R',
    meaning: 'Number of equally loaded slots with the same entropy, as a part of all R.',
    format: 'percent',
    ideal: (load) => Math.exp(shannon(weightsOf(load))) / load.kinds.length,
    compute: (load) => Math.exp(shannon(Array.from(load.counts))) / load.kinds.length,
  },
  {
    id: 'dead',
    label: 'Dead experts',
    formula: '#{i : cᵢ = 0}',
    meaning: 'Slots that no token chose.',
    format: 'count',
    ideal: () => 0,
    compute: (load) => Array.from(load.counts).filter((count) => count === 0).length,
  },
  {
    id: 'dropRate',
    label: 'Drop rate',
    formula: 'Σ dropsᵢ / A',
    meaning: 'Part of all assignments that capacity dropped.',
    format: 'percent',
    ideal: () => 0,
    compute: (load) => sum(load.drops) / sum(load.counts),
  },
  {
    id: 'computingPerToken',
    label: 'Computing experts per token',
    formula: 'Σ_{i: ffn, negated} (cᵢ − dropsᵢ) / T',
    meaning:
      'FFN experts that run for a token, on average; the rest is zero, copy, constant or null.',
    format: 'decimal',
    ideal: () => null,
    compute: computingPerToken,
  },
];

function share(load: LayerLoad, slot: number): number {
  return load.counts[slot]! / sum(load.counts);
}

function idealShare(load: LayerLoad, slot: number): number {
  const weights = weightsOf(load);
  return weights[slot]! / sum(weights);
}

function idealLoad(load: LayerLoad, slot: number): number {
  return sum(load.counts) * idealShare(load, slot);
}

function ratio(load: LayerLoad, slot: number): number {
  return load.counts[slot]! / idealLoad(load, slot);
}

function ratios(load: LayerLoad): number[] {
  return load.kinds.map((_, slot) => ratio(load, slot));
}

function maxMin(load: LayerLoad): number {
  const counts = Array.from(load.counts);
  const least = extreme(counts, Math.min);
  return least === 0 ? Number.NaN : extreme(counts, Math.max) / least;
}

function coefficientOfVariation(load: LayerLoad): number {
  const values = ratios(load);
  const mean = sum(values) / values.length;
  const variance = sum(values.map((value) => (value - mean) ** 2)) / values.length;
  return Math.sqrt(variance) / mean;
}

function computingPerToken(load: LayerLoad): number {
  let assignments = 0;
  load.kinds.forEach((kind, slot) => {
    if (isComputing(kind)) assignments += load.counts[slot]! - load.drops[slot]!;
  });
  return assignments / load.tokens;
}

/** Entropy in nats of the distribution proportional to `values`; NaN when they sum to 0. */
function shannon(values: readonly number[]): number {
  const total = sum(values);
  if (total === 0) return Number.NaN;
  let entropy = 0;
  for (const value of values) {
    if (value > 0) entropy -= (value / total) * Math.log(value / total);
  }
  return entropy;
}

function weightsOf(load: LayerLoad): number[] {
  return load.weights ? Array.from(load.weights) : load.kinds.map(() => 1);
}

function extreme(values: readonly number[], pick: (a: number, b: number) => number): number {
  return values.reduce((a, b) => pick(a, b));
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
