/** z-loss and balance loss of a MoE layer (docs/balancing.md, "Losses"). */
import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import reduce64 from '../../shaders/common/reduce64.wgsl?raw';
import row from '../../shaders/common/row.wgsl?raw';
import step from '../../shaders/common/step.wgsl?raw';
import bwdSource from '../../shaders/loss/balanceLoss.bwd.wgsl?raw';
import fwdSource from '../../shaders/loss/balanceLoss.fwd.wgsl?raw';
import historySource from '../../shaders/loss/balanceLoss.history.wgsl?raw';
import loadSource from '../../shaders/loss/balanceLoss.load.wgsl?raw';
import historyWords from '../../shaders/loss/historyWords.wgsl?raw';
import terms from '../../shaders/loss/terms.wgsl?raw';
import zlossBwdSource from '../../shaders/loss/zloss.bwd.wgsl?raw';
import zlossFwdSource from '../../shaders/loss/zloss.fwd.wgsl?raw';
import zlossSumSource from '../../shaders/loss/zloss.sum.wgsl?raw';
import scores from '../../shaders/router/scores.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows } from './bodies.ts';
import { historyStride } from './codes.ts';

export const zlossFwd = {
  name: 'zloss.fwd',
  source: zlossFwdSource,
  preludes: [index, numbers],
  bindings: { ...read('z_TR'), ...readWrite('lse_T') },
  dims: u32('T', 'R', 'R4'),
} as const satisfies KernelSpec;

export const zlossSum = {
  name: 'zloss.sum',
  source: zlossSumSource,
  preludes: [index, step, terms, row, reduce64],
  bindings: { ...read('lse_T'), ...readWrite('aux_LA') },
  dims: u32('T', 'layer'),
  step: true,
} as const satisfies KernelSpec;

export const zlossBwd = {
  name: 'zloss.bwd',
  source: zlossBwdSource,
  preludes: [index, step],
  bindings: { ...read('z_TR', 'lse_T'), ...readWrite('dz_TR') },
  dims: u32('T', 'R', 'R4'),
  step: true,
} as const satisfies KernelSpec;

interface Rows {
  T: number;
  R: number;
}

/** lse_T = log Σ exp z over the slots that are left. */
export function logSumExp(
  plan: PlanBuilder,
  io: { z_TR: Slice; lse_T: Slice },
  { T, R }: Rows,
): void {
  plan.add(zlossFwd, io, { T, R, R4: pad4(R) / 4 }, Math.ceil(T / 64));
}

/**
 * The layer's router z-loss into its row of aux_LA (docs/balancing.md, "Losses").
 * @param dims `layer` counts MoE layers
 */
export function zlossForward(
  plan: PlanBuilder,
  io: { z_TR: Slice; lse_T: Slice; aux_LA: Slice },
  dims: Rows & { layer: number },
): void {
  const { T, layer } = dims;
  logSumExp(plan, io, dims);
  addRows(plan, zlossSum, io, { T, layer }, 1);
}

/** Adds the z-loss's gradient to dz_TR. */
export function zlossBackward(
  plan: PlanBuilder,
  io: { z_TR: Slice; lse_T: Slice; dz_TR: Slice },
  { T, R }: Rows,
): void {
  plan.add(zlossBwd, io, { T, R, R4: pad4(R) / 4 }, Math.ceil(T / 64));
}

export const balanceLossLoad = {
  name: 'balanceLoss.load',
  source: loadSource,
  preludes: [index, row, reduce64],
  bindings: { ...read('p_TR', 'z_TR', 'selected_WT'), ...readWrite('load_BR2') },
  dims: u32('T', 'R', 'R4', 'W', 'S', 'groups', 'is_unbiased'),
} as const satisfies KernelSpec;

export const balanceLossFwd = {
  name: 'balanceLoss.fwd',
  source: fwdSource,
  preludes: [index, step, terms, historyWords, row, reduce64],
  bindings: { ...read('load_BR2', 'history'), ...readWrite('weight_BR', 'aux_LA') },
  dims: u32('T', 'R', 'groups', 'layer', 'stride', 'accumulate'),
  step: true,
} as const satisfies KernelSpec;

export const balanceLossBwd = {
  name: 'balanceLoss.bwd',
  source: bwdSource,
  preludes: [index, scores],
  bindings: { ...read('p_TR', 'z_TR', 'weight_BR'), ...readWrite('dz_TR') },
  dims: u32('T', 'R', 'R4', 'S', 'score'),
} as const satisfies KernelSpec;

export const balanceLossHistory = {
  name: 'balanceLoss.history',
  source: historySource,
  preludes: [index, historyWords],
  bindings: { ...read('load_BR2', 'state'), ...readWrite('history') },
  dims: u32('R', 'stride'),
} as const satisfies KernelSpec;

/**
 * The layer's balance loss into its row of aux_LA, and the gradient of p: added to `aux_dp_R` where
 * the batch is one group, else in `weight_BR`, for `balanceLossBackward` (docs/balancing.md, "Losses").
 * @param dims `S` tokens of a group; `layer` counts MoE layers; `steps` of the history
 */
export function balanceLossForward(
  plan: PlanBuilder,
  io: {
    p_TR: Slice;
    z_TR: Slice;
    selected_WT: Slice;
    load_BR2: Slice;
    history: Slice | null;
    weight_BR: Slice;
    aux_dp_R: Slice;
    aux_LA: Slice;
  },
  dims: {
    T: number;
    R: number;
    W: number;
    S: number;
    layer: number;
    steps: number;
    isUnbiased: boolean;
  },
): void {
  const { T, R, W, S, layer, steps } = dims;
  const groups = T / S;
  const counted = { T, R, R4: pad4(R) / 4, W, S, groups, is_unbiased: dims.isUnbiased ? 1 : 0 };
  addRows(plan, balanceLossLoad, io, counted, groups * R);
  const isWhole = groups === 1;
  const buffers = {
    ...io,
    history: io.history ?? io.load_BR2,
    weight_BR: isWhole ? io.aux_dp_R : io.weight_BR,
  };
  const stride = io.history === null ? 0 : historyStride(steps);
  const values = { T, R, groups, layer, stride, accumulate: isWhole ? 1 : 0 };
  addRows(plan, balanceLossFwd, buffers, values, 1);
}

/** Adds to dz_TR what the losses of the sequences are due. */
export function balanceLossBackward(
  plan: PlanBuilder,
  io: { p_TR: Slice; z_TR: Slice; weight_BR: Slice; dz_TR: Slice },
  dims: { T: number; R: number; S: number; score: number },
): void {
  const { T, R, S, score } = dims;
  plan.add(balanceLossBwd, io, { T, R, R4: pad4(R) / 4, S, score }, Math.ceil(T / 64));
}

/** Puts the counts of a step that is done into the layer's history. */
export function keepCounts(
  plan: PlanBuilder,
  io: { load_BR2: Slice; state: Slice; history: Slice },
  { R, steps }: { R: number; steps: number },
): void {
  plan.add(balanceLossHistory, io, { R, stride: historyStride(steps) }, Math.ceil(R / 64));
}
