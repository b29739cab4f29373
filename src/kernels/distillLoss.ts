import index from '../../shaders/common/index.wgsl?raw';
import reduce64 from '../../shaders/common/reduce64.wgsl?raw';
import balance from '../../shaders/loss/distillLoss.balance.wgsl?raw';
import fwd from '../../shaders/loss/distillLoss.fwd.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { pad4, type Slice } from '../gpu/slice.ts';

export const distillLossFwd = {
  name: 'distillLoss.fwd',
  source: fwd,
  preludes: [index, reduce64],
  bindings: { y_TD: 'read', target_TD: 'read', dout_TD: 'readWrite', loss_T: 'readWrite' },
  dims: { T: 'u32', D4: 'u32', D: 'u32' },
} as const satisfies KernelSpec;

export const distillLossBalance = {
  name: 'distillLoss.balance',
  source: balance,
  preludes: [reduce64],
  bindings: { loss_T: 'read', load_R8: 'read', aux_5: 'readWrite', aux_dp_R: 'readWrite' },
  dims: { T: 'u32', R: 'u32', alpha: 'f32' },
} as const satisfies KernelSpec;

/**
 * Loss of one converted layer alone and its gradients: mse + α·|mse|·Σ f·P (LaDiMo 4.3).
 *
 * loss_T gets the squared error of every token, whose mean is the mse; aux_5 the balance term in
 * the first of its five terms, so that `clip` adds the two up; dout_TD the gradient of y_TD
 * [T, Dp]; aux_dp_R that of every p. `load_R8` is what `auxLossesForward` counted.
 */
export function distillLoss(
  plan: PlanBuilder,
  io: {
    y_TD: Slice;
    target_TD: Slice;
    load_R8: Slice;
    dout_TD: Slice;
    loss_T: Slice;
    aux_5: Slice;
    aux_dp_R: Slice;
  },
  { T, D, R, alpha }: { T: number; D: number; R: number; alpha: number },
): void {
  plan.add(distillLossFwd, io, { T, D4: pad4(D) / 4, D }, T);
  plan.add(distillLossBalance, io, { T, R, alpha }, 1);
}
