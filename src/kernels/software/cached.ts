/** cached.ts for adapters without a GPU: two kernels without barriers and workgroup memory. */
import mix from '../../../shaders/attention/software/attention.cachedMix.wgsl?raw';
import scores from '../../../shaders/attention/software/attention.cachedScores.wgsl?raw';
import index from '../../../shaders/common/index.wgsl?raw';
import numbers from '../../../shaders/common/numbers.wgsl?raw';
import { f32, type KernelSpec, read, readWrite, u32 } from '../../gpu/kernel.ts';
import type { PlanBuilder } from '../../gpu/plan.ts';
import { pad4 } from '../../layout/sizes.ts';
import type { CachedBuffers } from '../cached.ts';
import type { HeadDims } from '../heads.ts';

export const attentionCachedScores = {
  name: 'attention.cachedScores',
  source: scores,
  preludes: [index, numbers],
  constants: ['CP4'],
  bindings: {
    ...read('q_TX', 'keys_BSX', 'slopes_H', 'places_T'),
    ...readWrite('scores_THS'),
  },
  dims: { ...u32('T', 'H', 'G', 'S4'), ...f32('scale') },
} as const satisfies KernelSpec;

export const attentionCachedMix = {
  name: 'attention.cachedMix',
  source: mix,
  preludes: [index, numbers],
  constants: ['CP4'],
  bindings: { ...read('scores_THS', 'values_BSX', 'places_T'), ...readWrite('attn_TX') },
  dims: u32('T', 'H', 'G', 'S4'),
} as const satisfies KernelSpec;

export function attentionCachedForward(
  plan: PlanBuilder,
  { scores, ...rest }: CachedBuffers,
  { T, S, H, G, C }: HeadDims,
): void {
  const CP4 = pad4(C) / 4;
  const S4 = pad4(S) / 4;
  const io = { ...rest, scores_THS: scores() };
  const dims = { T, H, G, S4 };
  const fours = Math.ceil((T * H * S4) / 64);
  plan.add(attentionCachedScores, io, { ...dims, scale: 1 / Math.sqrt(C) }, fours, { CP4 });
  plan.add(attentionCachedMix, io, dims, Math.ceil((T * H * CP4) / 64), { CP4 });
}
