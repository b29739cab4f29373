import bwdKV from '../../shaders/attention/attention.bwdKV.wgsl?raw';
import bwdQ from '../../shaders/attention/attention.bwdQ.wgsl?raw';
import delta from '../../shaders/attention/attention.delta.wgsl?raw';
import fwd from '../../shaders/attention/attention.fwd.wgsl?raw';
import blocksBackward from '../../shaders/attention/blocks.backward.wgsl?raw';
import blocks from '../../shaders/attention/blocks.wgsl?raw';
import places from '../../shaders/attention/places.wgsl?raw';
import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import { f32, type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import type { HeadDims } from './heads.ts';

const DIMS = { ...u32('B', 'S', 'H', 'G'), ...f32('scale'), ...u32('C4') };

export const attentionFwd = {
  name: 'attention.fwd',
  source: fwd,
  preludes: [index, numbers, places, blocks],
  constants: ['CP4'],
  bindings: {
    ...read('q_TX', 'k_TX', 'qkv_TX', 'slopes_H'),
    ...readWrite('attn_TX', 'softmax_TH'),
  },
  dims: DIMS,
} as const satisfies KernelSpec;

export const attentionDelta = {
  name: 'attention.delta',
  source: delta,
  preludes: [index],
  constants: ['CP4'],
  bindings: { ...read('dattn_TX', 'attn_TX'), ...readWrite('delta_TH') },
  dims: u32('T', 'H'),
} as const satisfies KernelSpec;

const BACKWARD = {
  preludes: [index, places, blocks, blocksBackward],
  constants: ['CP4'],
  bindings: {
    ...read('q_TX', 'k_TX', 'qkv_TX', 'slopes_H', 'dattn_TX', 'softmax_TH', 'delta_TH'),
    ...readWrite('dqkv_TX'),
  },
  dims: DIMS,
} as const;

export const attentionBwdQ = {
  name: 'attention.bwdQ',
  source: bwdQ,
  ...BACKWARD,
} as const satisfies KernelSpec;

export const attentionBwdKV = {
  name: 'attention.bwdKV',
  source: bwdKV,
  ...BACKWARD,
} as const satisfies KernelSpec;

/**
 * ALiBi's slopes [H]: 2^(−8·head/H) for head = 1 … H where H is a power of two; else those of the
 * next lower power n, then those of 2n for its odd heads, as many as are missing.
 */
export function alibiSlopes(H: number): Float32Array {
  const n = 2 ** Math.floor(Math.log2(H));
  return Float32Array.from({ length: H }, (_, h) =>
    h < n ? 2 ** ((-8 * (h + 1)) / n) : 2 ** ((-8 * (2 * (h - n) + 1)) / (2 * n)),
  );
}

/** The kernels' dimensions, and the groups of `rows` positions of one head. @throws RangeError where the sizes do not divide each other. */
export function attentionSizes({ T, S, H, G, C }: HeadDims) {
  if (T % S !== 0) throw new RangeError(`attention: S=${S} does not divide T=${T}`);
  if (H % G !== 0) throw new RangeError(`attention: G=${G} does not divide H=${H}`);
  const CP4 = pad4(C) / 4;
  return {
    dims: { B: T / S, S, H, G, scale: 1 / Math.sqrt(C), C4: CP4 },
    CP4,
    groups: (rows: number) => (T / S) * Math.ceil(S / rows),
  };
}

/** Positions of a block (shaders/attention/blocks.wgsl). */
export const BLOCK_SIDE = 32;

export interface AttentionBuffers {
  q_TX: Slice;
  k_TX: Slice;
  qkv_TX: Slice;
  slopes_H: Slice;
  attn_TX: Slice;
  softmax_TH: Slice;
}

export interface AttentionGradients {
  dattn_TX: Slice;
  delta_TH: Slice;
  dqkv_TX: Slice;
}

/**
 * attn = causal attention of the prepared heads q_TX [T, H·Cp] and k_TX [T, G·Cp] over the v heads
 * of qkv_TX [T, (H + 2G)·Cp]. `slopes_H` is all 0 without ALiBi. Saves softmax_TH.
 */
export function attentionForward(plan: PlanBuilder, io: AttentionBuffers, sizes: HeadDims): void {
  const { dims, CP4, groups } = attentionSizes(sizes);
  plan.add(attentionFwd, io, dims, sizes.H * groups(BLOCK_SIDE), { CP4 });
}

/**
 * Overwrites all of dqkv_TX [T, (H + 2G)·Cp]: gradients of the prepared q and k heads, which
 * `headPrepareBackward` then turns into those of the raw heads, and of the v heads. delta_TH
 * [T, H] is scratch.
 */
export function attentionBackward(
  plan: PlanBuilder,
  io: AttentionBuffers & AttentionGradients,
  sizes: HeadDims,
): void {
  const { T, H, G } = sizes;
  const { dims, CP4, groups } = attentionSizes(sizes);
  plan.add(attentionDelta, io, { T, H }, Math.ceil((T * H) / 64), { CP4 });
  plan.add(attentionBwdQ, io, dims, H * groups(BLOCK_SIDE), { CP4 });
  plan.add(attentionBwdKV, io, dims, G * groups(BLOCK_SIDE), { CP4 });
}
