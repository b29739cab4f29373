import index from '../../shaders/common/index.wgsl?raw';
import slotCodes from '../../shaders/common/slots.wgsl?raw';
import step from '../../shaders/common/step.wgsl?raw';
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
  preludes: [slotCodes, step],
  bindings: { ...read('load_R8', 'slots_R', 'state'), ...readWrite('bias_R', 'ring') },
  dims: {
    ...u32('R', 'is_budget', 'centre', 'record', 'offset'),
    ...f32('rate', 'target_share', 'count_share'),
  },
  step: true,
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
  preludes: [orderedKeys, step],
  bindings: { ...read('key_RT', 'state'), ...readWrite('bias_R', 'ring') },
  dims: { ...u32('T', 'R', 'low', 'record', 'offset'), ...f32('part', 'smoothing') },
  step: true,
} as const satisfies KernelSpec;

export interface BiasRuleDims {
  T: number;
  K: number;
  slots: readonly Slot[];
  /** Words of a telemetry record, and where b is in it. */
  record: number;
  offset: number;
}

/** Whether a rule sorts what its slots would need; where all slots are chosen b stays. */
function sorts(rule: BiasRule, { K, slots }: Pick<BiasRuleDims, 'K' | 'slots'>): boolean {
  return rule.kind === 'quantile' && K < slots.length;
}

/** Words of `key_RT` that a rule needs. */
export function biasRuleWords(
  rule: BiasRule,
  dims: Pick<BiasRuleDims, 'T' | 'K' | 'slots'>,
): number {
  return sorts(rule, dims) ? dims.slots.length * dims.T : 0;
}

/**
 * Moves b after a step that was not refused, and records it (docs/balancing.md, "Selection bias"): two
 * dispatches at most. `s_TR` are the step's scores, `load_R8` what `auxLossesForward` counted of it.
 */
export function moveBias(
  plan: PlanBuilder,
  io: {
    s_TR: Slice;
    load_R8: Slice;
    slots_R: Slice;
    state: Slice;
    bias_R: Slice;
    ring: Slice;
    /** Of `biasRuleWords`; null for 0. */
    key_RT: Slice | null;
  },
  rule: BiasRule,
  dims: BiasRuleDims,
): void {
  const { T, K, slots, record, offset } = dims;
  const R = slots.length;
  const { key_RT } = io;
  if (rule.kind === 'quantile' && key_RT !== null && sorts(rule, dims)) {
    plan.add(biasRuleKeys, { ...io, key_RT }, { T, R, R4: pad4(R) / 4, K }, Math.ceil(T / 64));
    const at = (K / R) * (T - 1);
    const low = Math.floor(at);
    const { smoothing } = rule;
    const values = { T, R, low, part: at - low, smoothing, record, offset };
    addRows(plan, biasRuleQuantile, { ...io, key_RT }, values, 1);
    return;
  }
  const most = Math.min(K, R);
  const N = slots.filter(({ kind }) => isComputing(kind)).length;
  const values = {
    ...{ R, record, offset, count_share: 1 / (most * T) },
    // A rule that moves nothing still records b.
    rate: 'rate' in rule ? rule.rate : 0,
    is_budget: rule.kind === 'budget' ? 1 : 0,
    centre: rule.kind === 'sign' && rule.centre ? 1 : 0,
    target_share: rule.kind === 'budget' ? rule.computing / (most * N) : 0,
  };
  plan.add(biasRuleCounts, io, values, 1);
}
