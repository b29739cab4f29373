import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import reduce64 from '../../shaders/common/reduce64.wgsl?raw';
import fwdSerial from '../../shaders/loss/crossEntropy.fwd.serial.wgsl?raw';
import fwd from '../../shaders/loss/crossEntropy.fwd.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { pad4, type Slice } from '../gpu/slice.ts';

export const crossEntropyFwd = {
  name: 'crossEntropy.fwd',
  source: fwd,
  preludes: [index, numbers, reduce64],
  bindings: { targets_T: 'read', logits_TV: 'readWrite', loss_T: 'readWrite' },
  dims: { T: 'u32', V: 'u32', V4: 'u32', backward: 'u32' },
} as const satisfies KernelSpec;

export const crossEntropyFwdSerial = {
  ...crossEntropyFwd,
  name: 'crossEntropy.fwd.serial',
  source: fwdSerial,
  preludes: [index, numbers],
} as const satisfies KernelSpec;

/**
 * loss_T: cross-entropy of every token in nats. With `backward`, logits_TV [T, Vp] becomes the
 * gradient of the mean loss, (softmax − 1[target])/T, padding 0; without, it is left as it is.
 */
export function crossEntropy(
  plan: PlanBuilder,
  io: { targets_T: Slice; logits_TV: Slice; loss_T: Slice },
  { T, V, backward }: { T: number; V: number; backward: boolean },
): void {
  const values = { T, V, V4: pad4(V) / 4, backward: backward ? 1 : 0 };
  if (plan.adapterClass === 'software') {
    plan.add(crossEntropyFwdSerial, io, values, Math.ceil(T / 64));
  } else {
    plan.add(crossEntropyFwd, io, values, T);
  }
}
