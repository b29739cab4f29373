/** Attention of new tokens to the keys and values that are kept of their sequences. */
import cachedAttention from '../../shaders/attention/attention.cached.wgsl?raw';
import cachedPrepare from '../../shaders/attention/headPrepare.cached.wgsl?raw';
import rotated from '../../shaders/attention/rotated.wgsl?raw';
import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import { f32, type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import type { HeadDims, RopeSlices } from './heads.ts';

export const headPrepareCached = {
  name: 'headPrepare.cached',
  source: cachedPrepare,
  preludes: [index, rotated],
  bindings: {
    ...read('qkv_TX', 'cos_SP', 'sin_SP', 'w_C', 'places_T'),
    ...readWrite('q_TX', 'keys_BSX', 'values_BSX'),
  },
  dims: { ...u32('T', 'H', 'G', 'C', 'rotate', 'key_norm'), ...f32('eps') },
} as const satisfies KernelSpec;

export const attentionCached = {
  name: 'attention.cached',
  source: cachedAttention,
  preludes: [index, numbers],
  constants: ['CP4', 'CHANNELS'],
  bindings: {
    ...read('q_TX', 'keys_BSX', 'values_BSX', 'slopes_H', 'places_T'),
    ...readWrite('attn_TX'),
  },
  dims: { ...u32('T', 'H', 'G'), ...f32('scale') },
} as const satisfies KernelSpec;

/** Keys and values [B, S, G·Cp] of a layer, and where the tokens' own are: [T] (first row of the sequence, position). */
export interface CacheSlices {
  keys_BSX: Slice;
  values_BSX: Slice;
  places_T: Slice;
}

export interface CachedBuffers extends CacheSlices {
  q_TX: Slice;
  slopes_H: Slice;
  attn_TX: Slice;
  /** Scores [T, H, pad4(S)], asked for where a body needs them. */
  scores: () => Slice;
}

/** T tokens of any sequences of at most S positions. */
type Operation = (plan: PlanBuilder, io: CachedBuffers, dims: HeadDims) => void;
/** Attention to a cache, in the body that suits the adapter (bodies.ts, `cachedAttention`). */
export interface CachedAttentionBody {
  attentionCachedForward: Operation;
}

/** headPrepare.ts for the tokens' places; their keys and values go where those of their sequences are. */
export function headPrepareCachedForward(
  plan: PlanBuilder,
  io: CacheSlices & { qkv_TX: Slice; rope: RopeSlices | null; w_C: Slice | null; q_TX: Slice },
  { T, H, G, C, eps }: HeadDims & { eps: number },
): void {
  const { rope, qkv_TX, w_C, ...rest } = io;
  const { cos_SP, sin_SP } = rope ?? { cos_SP: qkv_TX, sin_SP: qkv_TX };
  plan.add(
    headPrepareCached,
    { ...rest, qkv_TX, cos_SP, sin_SP, w_C: w_C ?? qkv_TX },
    { T, H, G, C, rotate: rope ? 1 : 0, key_norm: w_C ? 1 : 0, eps },
    Math.ceil((T * (H + 2 * G)) / 64),
  );
}

/** attn_TX = attention of the heads q_TX [T, H·Cp] to their sequences, up to and with their own positions. */
export function attentionCachedForward(
  plan: PlanBuilder,
  io: CachedBuffers,
  { T, H, G, C }: HeadDims,
): void {
  const CP4 = pad4(C) / 4;
  const CHANNELS = Math.min(64, 2 ** Math.ceil(Math.log2(CP4)));
  plan.add(attentionCached, io, { T, H, G, scale: 1 / Math.sqrt(C) }, T * H, { CP4, CHANNELS });
}
