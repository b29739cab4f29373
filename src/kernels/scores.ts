import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import slots from '../../shaders/common/slots.wgsl?raw';
import step from '../../shaders/common/step.wgsl?raw';
import codes from '../../shaders/router/codes.wgsl?raw';
import topkBwd from '../../shaders/router/routerTopk.scored.bwd.wgsl?raw';
import fwd from '../../shaders/router/scores.fwd.wgsl?raw';
import gates from '../../shaders/router/scores.gates.wgsl?raw';
import scores from '../../shaders/router/scores.wgsl?raw';
import type { GateMode, ScoreFunction } from '../config/experiment.ts';
import { f32, type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { GATE_CODES, SCORE_CODES } from './codes.ts';

export const scoresFwd = {
  name: 'scores.fwd',
  source: fwd,
  preludes: [index, numbers, scores],
  bindings: { ...read('z_TR'), ...readWrite('l_TR', 's_TR') },
  dims: u32('T', 'R', 'R4', 'score'),
} as const satisfies KernelSpec;

export const scoresGates = {
  name: 'scores.gates',
  source: gates,
  preludes: [index],
  bindings: { ...read('s_TR', 'selected_WT'), ...readWrite('g_TR') },
  dims: { ...u32('T', 'R', 'R4', 'W', 'is_raw'), ...f32('scale') },
} as const satisfies KernelSpec;

export const routerTopkScoredBwd = {
  name: 'routerTopk.scored.bwd',
  source: topkBwd,
  preludes: [index, numbers, slots, codes, step, scores],
  bindings: {
    ...read('z_TR', 'p_TR', 'g_TR', 'selected_WT', 'slots_R', 'dg_WT', 'aux_dp_R'),
    ...readWrite('dz_TR'),
  },
  dims: {
    ...u32('T', 'R', 'R4', 'W', 'gate', 'accumulate', 'score', 'has_losses'),
    ...f32('scale'),
  },
  step: true,
} as const satisfies KernelSpec;

/** s and log s of the logits (docs/balancing.md, "Step 1½: scores"). */
export function scoresForward(
  plan: PlanBuilder,
  io: { z_TR: Slice; l_TR: Slice; s_TR: Slice },
  { T, R, score }: { T: number; R: number; score: ScoreFunction },
): void {
  const R4 = pad4(R) / 4;
  const values = { T, R, R4, score: SCORE_CODES[score] };
  plan.add(scoresFwd, io, values, Math.ceil((T * R4 * 4) / 64));
}

export interface ScoredGates {
  T: number;
  R: number;
  W: number;
  gate: GateMode;
  score: ScoreFunction;
  routeScale: number;
}

/** Makes of g, as the gate mode gives them of log s, those of raw scores, and multiplies all. */
export function scoreGates(
  plan: PlanBuilder,
  io: { s_TR: Slice; selected_WT: Slice; g_TR: Slice },
  { T, R, W, gate, score, routeScale: scale }: ScoredGates,
): void {
  const is_raw = gate === 'softmax' && score !== 'softmax' ? 1 : 0;
  plan.add(scoresGates, io, { T, R, R4: pad4(R) / 4, W, is_raw, scale }, Math.ceil(T / 64));
}

/**
 * As `routerTopkBackward`, through the scores and the factor on g.
 * @param dims `hasLosses`: whether the losses of gates and of single p count in the layer
 */
export function scoredBackward(
  plan: PlanBuilder,
  io: {
    z_TR: Slice;
    p_TR: Slice;
    g_TR: Slice;
    selected_WT: Slice;
    slots_R: Slice;
    dg_WT: Slice;
    aux_dp_R: Slice;
    dz_TR: Slice;
  },
  dims: ScoredGates & { accumulate: boolean; hasLosses: boolean },
): void {
  const { T, R, W, routeScale: scale } = dims;
  const values = {
    ...{ T, R, R4: pad4(R) / 4, W, scale },
    gate: GATE_CODES[dims.gate],
    accumulate: dims.accumulate ? 1 : 0,
    score: SCORE_CODES[dims.score],
    has_losses: dims.hasLosses ? 1 : 0,
  };
  plan.add(routerTopkScoredBwd, io, values, Math.ceil(T / 64));
}
