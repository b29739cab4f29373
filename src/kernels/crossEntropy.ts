import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import reduce64 from '../../shaders/common/reduce64.wgsl?raw';
import fwd from '../../shaders/loss/crossEntropy.fwd.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows } from './bodies.ts';

export const crossEntropyFwd = {
  name: 'crossEntropy.fwd',
  source: fwd,
  preludes: [index, numbers, reduce64],
  bindings: { ...read('targets_T'), ...readWrite('logits_TV', 'loss_T') },
  dims: u32('T', 'V', 'V4', 'backward', 'tokens'),
} as const satisfies KernelSpec;

/**
 * loss_T: cross-entropy of every token in nats. With `backward`, logits_TV [T, Vp] becomes the
 * gradient of the mean loss over `mean` tokens, (softmax − 1[target])/mean, padding 0; without, it is left as it is.
 */
export function crossEntropy(
  plan: PlanBuilder,
  io: { targets_T: Slice; logits_TV: Slice; loss_T: Slice },
  { T, V, backward, mean = T }: { T: number; V: number; backward: boolean; mean?: number },
): void {
  const values = { T, V, V4: pad4(V) / 4, backward: backward ? 1 : 0, tokens: mean };
  addRows(plan, crossEntropyFwd, io, values, T);
}
