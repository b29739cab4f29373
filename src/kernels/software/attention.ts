/** attention.ts for adapters without a GPU: four neighbours share the channels of narrow heads. */

import places from '../../../shaders/attention/places.wgsl?raw';
import bwdKV from '../../../shaders/attention/software/attention.bwdKV.quad.wgsl?raw';
import bwdQ from '../../../shaders/attention/software/attention.bwdQ.quad.wgsl?raw';
import fwd from '../../../shaders/attention/software/attention.fwd.quad.wgsl?raw';
import backward from '../../../shaders/attention/software/quad.backward.wgsl?raw';
import rows from '../../../shaders/attention/software/quad.rows.wgsl?raw';
import quad from '../../../shaders/attention/software/quad.wgsl?raw';
import numbers from '../../../shaders/common/numbers.wgsl?raw';
import { f32, type KernelSpec, u32 } from '../../gpu/kernel.ts';
import type { PlanBuilder } from '../../gpu/plan.ts';
import { pad4 } from '../../layout/sizes.ts';
import {
  type AttentionBuffers,
  type AttentionGradients,
  attentionBwdKV,
  attentionBwdQ,
  attentionDelta,
  attentionFwd,
  attentionSizes,
} from '../attention.ts';
import type { HeadDims } from '../heads.ts';
import { QUAD_DIRECTIVES, QUAD_PRELUDES } from './quads.ts';

const QUAD = {
  directives: QUAD_DIRECTIVES,
  preludes: [...QUAD_PRELUDES, numbers, places, quad, rows],
  constants: ['CP4', 'BLOCKS'],
  dims: { ...u32('B', 'S', 'H', 'G'), ...f32('scale') },
} as const;
const BACKWARD = { ...QUAD, preludes: [...QUAD.preludes, backward] } as const;

export const attentionFwdQuad = {
  ...attentionFwd,
  ...QUAD,
  name: 'attention.fwd.quad',
  source: fwd,
} as const satisfies KernelSpec;

export const attentionBwdQQuad = {
  ...attentionBwdQ,
  ...BACKWARD,
  name: 'attention.bwdQ.quad',
  source: bwdQ,
} as const satisfies KernelSpec;

export const attentionBwdKVQuad = {
  ...attentionBwdKV,
  ...BACKWARD,
  name: 'attention.bwdKV.quad',
  source: bwdKV,
} as const satisfies KernelSpec;

/** Widest head, in vec4s, of these bodies. */
const MOST_CP4 = 8;

export function isNarrow({ C }: HeadDims): boolean {
  return pad4(C) / 4 <= MOST_CP4;
}

/** Dimensions, constants and workgroups: sixteen quads each, one per head and `rows` positions. */
function resolve(sizes: HeadDims) {
  const { dims, CP4, groups } = attentionSizes(sizes);
  return {
    dims,
    constants: { CP4, BLOCKS: Math.ceil(CP4 / 4) },
    quads: (heads: number, rows: number) => Math.ceil((heads * groups(rows)) / 16),
  };
}

export function attentionForward(plan: PlanBuilder, io: AttentionBuffers, sizes: HeadDims): void {
  const { dims, constants, quads } = resolve(sizes);
  plan.add(attentionFwdQuad, io, dims, quads(sizes.H, 8), constants);
}

export function attentionBackward(
  plan: PlanBuilder,
  io: AttentionBuffers & AttentionGradients,
  sizes: HeadDims,
): void {
  const { T, H, G } = sizes;
  const { dims, constants, quads } = resolve(sizes);
  const { CP4 } = constants;
  plan.add(attentionDelta, io, { T, H }, Math.ceil((T * H) / 64), { CP4 });
  plan.add(attentionBwdQQuad, io, dims, quads(H, 8), constants);
  plan.add(attentionBwdKVQuad, io, dims, quads(G, 4), constants);
}
