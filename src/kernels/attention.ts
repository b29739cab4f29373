import bwdKVQuad from '../../shaders/attention/attention.bwdKV.quad.wgsl?raw';
import bwdKV from '../../shaders/attention/attention.bwdKV.wgsl?raw';
import bwdQQuad from '../../shaders/attention/attention.bwdQ.quad.wgsl?raw';
import bwdQ from '../../shaders/attention/attention.bwdQ.wgsl?raw';
import delta from '../../shaders/attention/attention.delta.wgsl?raw';
import fwdQuad from '../../shaders/attention/attention.fwd.quad.wgsl?raw';
import fwd from '../../shaders/attention/attention.fwd.wgsl?raw';
import quadQueries from '../../shaders/attention/quad.queries.wgsl?raw';
import quad from '../../shaders/attention/quad.wgsl?raw';
import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import rowOf from '../../shaders/matmul/rowOf.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { pad4, type Slice } from '../gpu/slice.ts';
import type { HeadDims } from './headPrepare.ts';
import { withQuads } from './quads.ts';

const QUAD_DIMS = { B: 'u32', S: 'u32', H: 'u32', G: 'u32', scale: 'f32' } as const;
const DIMS = { ...QUAD_DIMS, C4: 'u32' } as const;

export const attentionFwd = {
  name: 'attention.fwd',
  source: fwd,
  preludes: [index, numbers],
  constants: ['CP4'],
  bindings: {
    q_TX: 'read',
    k_TX: 'read',
    qkv_TX: 'read',
    slopes_H: 'read',
    attn_TX: 'readWrite',
    softmax_TH: 'readWrite',
  },
  dims: DIMS,
} as const satisfies KernelSpec;

export const attentionDelta = {
  name: 'attention.delta',
  source: delta,
  preludes: [index],
  constants: ['CP4'],
  bindings: { dattn_TX: 'read', attn_TX: 'read', delta_TH: 'readWrite' },
  dims: { T: 'u32', H: 'u32' },
} as const satisfies KernelSpec;

const BACKWARD = {
  preludes: [index],
  constants: ['CP4'],
  bindings: {
    q_TX: 'read',
    k_TX: 'read',
    qkv_TX: 'read',
    slopes_H: 'read',
    dattn_TX: 'read',
    softmax_TH: 'read',
    delta_TH: 'read',
    dqkv_TX: 'readWrite',
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

const QUAD = {
  preludes: [index, numbers, rowOf, quad],
  constants: ['CP4', 'BLOCKS'],
  dims: QUAD_DIMS,
} as const;

/** Of the bodies whose quads own queries. */
const QUERIES = { ...QUAD, preludes: [...QUAD.preludes, quadQueries] } as const;

export const attentionFwdQuad = {
  ...attentionFwd,
  name: 'attention.fwd.quad',
  source: fwdQuad,
  ...QUERIES,
} as const satisfies KernelSpec;

export const attentionBwdQQuad = {
  ...attentionBwdQ,
  name: 'attention.bwdQ.quad',
  source: bwdQQuad,
  ...QUERIES,
} as const satisfies KernelSpec;

export const attentionBwdKVQuad = {
  ...attentionBwdKV,
  name: 'attention.bwdKV.quad',
  source: bwdKVQuad,
  ...QUAD,
} as const satisfies KernelSpec;

/** Widest head, in vec4s, of the bodies that quads share. */
const QUAD_CP4 = 8;

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

/** The kernels' dimensions. @throws RangeError where the sizes do not divide each other. */
function resolve({ T, S, H, G, C }: HeadDims) {
  if (T % S !== 0) throw new RangeError(`attention: S=${S} does not divide T=${T}`);
  if (H % G !== 0) throw new RangeError(`attention: G=${G} does not divide H=${H}`);
  const CP4 = pad4(C) / 4;
  return {
    dims: { B: T / S, S, H, G, scale: 1 / Math.sqrt(C), C4: CP4 },
    CP4,
    /** Workgroups for one head: 64 positions of one sequence each. */
    tiles: (T / S) * Math.ceil(S / 64),
    /** Workgroups for `heads` heads where a quad has `rows` positions. */
    quads: (heads: number, rows: number) => Math.ceil(((T / S) * heads * Math.ceil(S / rows)) / 16),
  };
}

/** Constants of the bodies that quads share, where the plan uses quads and the heads are narrow enough. */
function quadConstants(plan: PlanBuilder, CP4: number) {
  return plan.usesQuads && CP4 <= QUAD_CP4 ? { CP4, BLOCKS: Math.ceil(CP4 / 4) } : null;
}

/**
 * attn = causal attention of the prepared heads q_TX [T, H·Cp] and k_TX [T, G·Cp] over the v heads
 * of qkv_TX [T, (H + 2G)·Cp]. `slopes_H` is all 0 without ALiBi. Saves softmax_TH.
 */
export function attentionForward(
  plan: PlanBuilder,
  io: {
    q_TX: Slice;
    k_TX: Slice;
    qkv_TX: Slice;
    slopes_H: Slice;
    attn_TX: Slice;
    softmax_TH: Slice;
  },
  sizes: HeadDims,
): void {
  const { dims, CP4, tiles, quads } = resolve(sizes);
  const shared = quadConstants(plan, CP4);
  if (shared) plan.add(withQuads(attentionFwdQuad), io, dims, quads(sizes.H, 8), shared);
  else plan.add(attentionFwd, io, dims, sizes.H * tiles, { CP4 });
}

/**
 * Overwrites all of dqkv_TX [T, (H + 2G)·Cp]: gradients of the prepared q and k heads, which
 * `headPrepareBackward` then turns into those of the raw heads, and of the v heads. delta_TH
 * [T, H] is scratch.
 */
export function attentionBackward(
  plan: PlanBuilder,
  io: {
    q_TX: Slice;
    k_TX: Slice;
    qkv_TX: Slice;
    slopes_H: Slice;
    attn_TX: Slice;
    dattn_TX: Slice;
    softmax_TH: Slice;
    delta_TH: Slice;
    dqkv_TX: Slice;
  },
  sizes: HeadDims,
): void {
  const { T, H, G } = sizes;
  const { dims, CP4, tiles, quads } = resolve(sizes);
  const shared = quadConstants(plan, CP4);
  plan.add(attentionDelta, io, { T, H }, Math.ceil((T * H) / 64), { CP4 });
  if (shared) {
    plan.add(withQuads(attentionBwdQQuad), io, dims, quads(H, 8), shared);
    plan.add(withQuads(attentionBwdKVQuad), io, dims, quads(G, 4), shared);
  } else {
    plan.add(attentionBwdQ, io, dims, H * tiles, { CP4 });
    plan.add(attentionBwdKV, io, dims, G * tiles, { CP4 });
  }
}
