import index from '../../shaders/common/index.wgsl?raw';
import slotCodes from '../../shaders/common/slots.wgsl?raw';
import countsSource from '../../shaders/router/biasRule.counts.wgsl?raw';
import keysSource from '../../shaders/router/biasRule.keys.wgsl?raw';
import quantileSource from '../../shaders/router/biasRule.quantile.wgsl?raw';
import orderedKeys from '../../shaders/router/orderedKeys.wgsl?raw';
import type { BiasRule, Slot } from '../config/experiment.ts';
import { isComputing } from '../config/slots.ts';
import { f32, type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows } from './bodies.ts';

export const biasRuleCounts = {
  name: 'biasRule.counts',
  source: countsSource,
  preludes: [slotCodes],
  bindings: { ...read('load_R8', 'slots_R', 'state'), ...readWrite('bias_R') },
  dims: { ...u32('R', 'is_budget', 'centre'), ...f32('rate', 'target_share', 'count_share') },
} as const satisfies KernelSpec;

export const biasRuleKeys = {
  name: 'biasRule.keys',
  source: keysSource,
  preludes: [index, orderedKeys],
  bindings: { ...read('s_TR', 'bias_R'), ...readWrite('key_RT') },
  dims: u32('T', 'R', 'R4', 'K'),
} as const satisfies KernelSpec;

export const biasRuleQuantile = {
  name: 'biasRule.quantile',
  source: quantileSource,
  preludes: [orderedKeys],
  bindings: { ...read('key_RT', 'state'), ...readWrite('bias_R') },
  dims: { ...u32('T', 'R', 'low'), ...f32('part', 'smoothing') },
} as const satisfies KernelSpec;

export interface BiasRuleDims {
  T: number;
  K: number;
  slots: readonly Slot[];
}

/** Words of `key_RT` that a rule needs. */
export function biasRuleWords(
  rule: BiasRule,
  { T, slots }: Pick<BiasRuleDims, 'T' | 'slots'>,
): number {
  return rule.kind === 'quantile' ? slots.length * T : 0;
}

/**
 * Moves b after a step that was not refused (docs/balancing.md, "Selection bias"): two dispatches at
 * most. `s_TR` are the step's scores, `load_R8` what `auxLossesForward` counted of it.
 */
export function moveBias(
  plan: PlanBuilder,
  io: {
    s_TR: Slice;
    load_R8: Slice;
    slots_R: Slice;
    state: Slice;
    bias_R: Slice;
    /** For the rule `quantile`. */
    key_RT: Slice | null;
  },
  rule: BiasRule,
  { T, K, slots }: BiasRuleDims,
): void {
  const R = slots.length;
  if (rule.kind === 'none') return;
  if (rule.kind === 'quantile') {
    const { key_RT } = io;
    if (K >= R || key_RT === null) return;
    plan.add(biasRuleKeys, { ...io, key_RT }, { T, R, R4: pad4(R) / 4, K }, Math.ceil(T / 64));
    const at = (K / R) * (T - 1);
    const low = Math.floor(at);
    const values = { T, R, low, part: at - low, smoothing: rule.smoothing };
    addRows(plan, biasRuleQuantile, { ...io, key_RT }, values, 1);
    return;
  }
  const most = Math.min(K, R);
  const N = slots.filter(({ kind }) => isComputing(kind)).length;
  const values = {
    ...{ R, rate: rule.rate, count_share: 1 / (most * T) },
    is_budget: rule.kind === 'budget' ? 1 : 0,
    centre: rule.kind === 'sign' && rule.centre ? 1 : 0,
    target_share: rule.kind === 'budget' ? rule.computing / (most * N) : 0,
  };
  plan.add(biasRuleCounts, io, values, 1);
}
