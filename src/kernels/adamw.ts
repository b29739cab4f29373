import index from '../../shaders/common/index.wgsl?raw';
import stepParams from '../../shaders/common/step.wgsl?raw';
import fwd from '../../shaders/optim/adamw.fwd.wgsl?raw';
import type { OptimizerConfig } from '../config/experiment.ts';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { DECAY_BLOCK, decayWords } from '../layout/sizes.ts';
import type { StepParams } from './step.ts';

export const adamwFwd = {
  name: 'adamw.fwd',
  source: fwd,
  preludes: [index, stepParams],
  bindings: {
    p_N: 'readWrite',
    grad_N: 'read',
    m_N: 'readWrite',
    v_N: 'readWrite',
    state: 'read',
    decay_B: 'read',
  },
  dims: { N4: 'u32' },
  step: true,
} as const satisfies KernelSpec;

/**
 * What AdamW weighs old moments and the gradient with. β is what float32 has of it and the rest: near 1 the
 * rest counts beside 1 − β, and near 0 v + (1 − β)(g² − v) would lose all digits of a small g².
 */
export function momentWeights({ beta1, beta2 }: Pick<OptimizerConfig, 'beta1' | 'beta2'>) {
  return {
    keep1: beta1,
    keep1_rest: beta1 - Math.fround(beta1),
    gain1: 1 - beta1,
    keep2: beta2,
    keep2_rest: beta2 - Math.fround(beta2),
    gain2: 1 - beta2,
  } satisfies Partial<StepParams>;
}

/**
 * The flags `decay_B` of a buffer of `floats` floats: bit b % 32 of word b / 32 is 1 where block b
 * of 64 floats decays. Ranges are in floats.
 * @throws RangeError where a range that decays does not start at a multiple of 64.
 */
export function decayFlags(
  floats: number,
  ranges: Iterable<{ offset: number; length: number; decays: boolean }>,
): Uint32Array<ArrayBuffer> {
  const flags = new Uint32Array(decayWords(floats));
  for (const { offset, length, decays } of ranges) {
    if (!decays) continue;
    if (offset % DECAY_BLOCK !== 0 || offset + length > floats) {
      throw new RangeError(
        `adamw: floats ${offset} … ${offset + length} of ${floats} do not start at a multiple of ${DECAY_BLOCK}`,
      );
    }
    for (let b = offset / DECAY_BLOCK; b * DECAY_BLOCK < offset + length; b++) {
      flags[b >> 5]! |= 1 << (b & 31);
    }
  }
  return flags;
}

export interface AdamwBuffers {
  p_N: Slice;
  grad_N: Slice;
  m_N: Slice;
  v_N: Slice;
  state: Slice;
  decay_B: Slice;
}

/**
 * One AdamW step of all parameters, `floats` in number (a multiple of 4), with the factor of
 * clipping from `state`. Changes p_N, m_N and v_N, and nothing where `state` says halted.
 */
export function adamw(plan: PlanBuilder, io: AdamwBuffers, { floats }: { floats: number }): void {
  if (floats % 4 !== 0) throw new RangeError(`adamw: ${floats} floats are not a multiple of 4`);
  plan.add(adamwFwd, io, { N4: floats / 4 }, Math.ceil(floats / 1024));
}
