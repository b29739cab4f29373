/** Parameter counts: exact, and the papers' N, Na, ra, M, C (docs/model.md, "Accounting"). */
import { expertWidths } from '../config/slots.ts';
import { type Architecture, type CostConfig, layerGroups } from './layerGroups.ts';
import { nominalExpertShare, nominalSetSizes } from './slotUse.ts';

export const PARAMETER_CLASSES = [
  'embedding',
  'head',
  'attention',
  'router',
  'norms',
  'experts',
  'shared',
  'dense',
  'constants',
] as const;
export type ParameterClass = (typeof PARAMETER_CLASSES)[number];

/** Number of parameters by use. `head` is 0 when tied; `norms` holds every norm weight. */
export type ParameterCounts = Record<ParameterClass | 'total', number>;

/** Weights of the four attention maps of one layer. */
export function attentionWeights(model: Architecture['model']): number {
  const { D, H, Hkv } = model;
  return 2 * D * D + 2 * D * Hkv * (D / H);
}

/** Weights of one SwiGLU of the given hidden width. */
export function swigluWeights(D: number, hidden: number): number {
  return 3 * D * hidden;
}

/** Exact number of parameters of the model by class; equals the sum over the parameter table. */
export function countParameters(config: Architecture): ParameterCounts {
  const { V, D, L, H, tied, keyNorm, denseHidden } = config.model;
  const counts: ParameterCounts = {
    embedding: V * D,
    head: tied ? 0 : V * D,
    attention: L * attentionWeights(config.model),
    router: 0,
    norms: D + L * (2 * D + (keyNorm ? D / H : 0)),
    experts: 0,
    shared: 0,
    dense: 0,
    constants: 0,
    total: 0,
  };
  for (const { layers, isMoe, slots, previousR } of layerGroups(config)) {
    const n = layers.length;
    if (!isMoe) {
      counts.dense += n * swigluWeights(D, denseHidden);
      continue;
    }
    const R = slots.length;
    counts.router += n * routerWeights(config, R, previousR);
    if (config.router.noise) counts.norms += n * R;
    counts.experts += n * swigluWeights(D, sum(expertWidths(slots)));
    counts.shared += n * swigluWeights(D, config.experts.sharedHidden);
    counts.constants += n * 3 * D * slots.filter((slot) => slot.kind === 'constant').length;
  }
  counts.total = PARAMETER_CLASSES.reduce((total, name) => total + counts[name], 0);
  return counts;
}

function routerWeights(config: Architecture, R: number, previousR: number | null): number {
  const { bias, noise } = config.router;
  const scores = R * config.model.D * (noise ? 2 : 1);
  return scores + (bias ? R : 0) + R * (previousR ?? 0);
}

/** The papers' figures of a configuration; FLOPs per token are M (forward) and 3·M (training). */
export interface PaperCounts {
  /** Attention and FFN weights; no vocabulary table, router, norm or constant (EqualRes 1, 4). */
  N: number;
  /** Those of N that a token uses, the shared expert included (EqualRes 5). */
  Na: number;
  /** Activation rate Na/N. */
  ra: number;
  /** Forward FLOPs per token, 2·Na + 4·D·S·L (EqualRes 6 as its tables have it). */
  M: number;
  /** Training FLOPs per token, 3·M. */
  trainingM: number;
}

/** Measured part of the tokens that use each FFN expert [N], by layer index. */
export type ExpertShares = ReadonlyMap<number, ArrayLike<number>>;

/**
 * N, Na, ra, M. Na is nominal (every set of K slots equally likely) except in layers for which
 * `measured` has shares from `expertShareFromRouting` or `expertShareFromLoads`.
 */
export function paperCounts(config: CostConfig, measured?: ExpertShares): PaperCounts {
  const { D, L, denseHidden } = config.model;
  const attention = L * attentionWeights(config.model);
  let N = attention;
  let Na = attention;
  for (const { layers, isMoe, slots, policy } of layerGroups(config)) {
    if (!isMoe) {
      N += layers.length * swigluWeights(D, denseHidden);
      Na += layers.length * swigluWeights(D, denseHidden);
      continue;
    }
    const widths = expertWidths(slots);
    const shared = config.experts.sharedHidden;
    const sizes = nominalSetSizes(config.router, slots.length, policy);
    const nominal = usedWidth(widths, nominalExpertShare(slots, sizes));
    N += layers.length * swigluWeights(D, sum(widths) + shared);
    for (const layer of layers) {
      const shares = measured?.get(layer);
      Na += swigluWeights(D, (shares ? usedWidth(widths, shares) : nominal) + shared);
    }
  }
  const M = 2 * Na + 4 * D * config.batch.S * L;
  return { N, Na, ra: Na / N, M, trainingM: 3 * M };
}

/** Na over measured routing: the parameters that a token uses, on average. */
export function measuredActive(config: CostConfig, perLayerUsage: ExpertShares): number {
  return paperCounts(config, perLayerUsage).Na;
}

/** Training compute C = 3·M·tokens in FLOPs (EqualRes, section 3.1). */
export function trainingCompute(M: number, tokens: number): number {
  return 3 * M * tokens;
}

/** TC-MoE's way of counting: N and Na with one vocabulary table (tied embedding). */
export function countsWithVocabulary(config: CostConfig): { total: number; active: number } {
  const { N, Na } = paperCounts(config);
  const table = config.model.V * config.model.D;
  return { total: N + table, active: Na + table };
}

/**
 * Part of the FFN work of a plain MoE that a MoE++ layer does when loads are balanced as its
 * heterogeneous loss asks, τ·Nf/(τ·Nf + Nzc) (MoE++, Table 1).
 */
export function zeroComputationComplexity(
  slots: CostConfig['experts']['slots'],
  tau: number,
): number {
  const computing = slots.filter((slot) => slot.kind === 'ffn' || slot.kind === 'negated').length;
  return (tau * computing) / (tau * computing + slots.length - computing);
}

/** Data reuse of EqualRes 6: unique tokens and epochs for a budget of `tokens`. */
export function dataReuse(
  scheme: 'unique' | 'strict' | 'loose',
  tokens: number,
  strictUnique: number,
): { uniqueTokens: number; epochs: number } {
  switch (scheme) {
    case 'unique':
      return { uniqueTokens: tokens, epochs: 1 };
    case 'loose':
      return { uniqueTokens: tokens / 2, epochs: 2 };
    case 'strict':
      return { uniqueTokens: strictUnique, epochs: tokens / strictUnique };
  }
}

function usedWidth(widths: readonly number[], shares: ArrayLike<number>): number {
  return widths.reduce((used, width, i) => used + width * shares[i]!, 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
