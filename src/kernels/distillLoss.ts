import index from '../../shaders/common/index.wgsl?raw';
import reduce64 from '../../shaders/common/reduce64.wgsl?raw';
import balance from '../../shaders/loss/distillLoss.balance.wgsl?raw';
import fwd from '../../shaders/loss/distillLoss.fwd.wgsl?raw';
import terms from '../../shaders/loss/terms.wgsl?raw';
import { f32, type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';

export const distillLossFwd = {
  name: 'distillLoss.fwd',
  source: fwd,
  preludes: [index, reduce64],
  bindings: { ...read('y_TD', 'target_TD'), ...readWrite('dout_TD', 'loss_T') },
  dims: u32('T', 'D4', 'D'),
} as const satisfies KernelSpec;

export const distillLossBalance = {
  name: 'distillLoss.balance',
  source: balance,
  preludes: [reduce64, terms],
  bindings: { ...read('loss_T', 'load_R8'), ...readWrite('aux_A', 'aux_dp_R') },
  dims: { ...u32('T', 'R'), ...f32('alpha') },
} as const satisfies KernelSpec;

/**
 * Loss of one converted layer alone and its gradients: mse + α·|mse|·Σ f·P (LaDiMo 4.3).
 *
 * loss_T gets the squared error of every token, whose mean is the mse; aux_A the balance term in
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
    aux_A: Slice;
    aux_dp_R: Slice;
  },
  { T, D, R, alpha }: { T: number; D: number; R: number; alpha: number },
): void {
  plan.add(distillLossFwd, io, { T, D4: pad4(D) / 4, D }, T);
  plan.add(distillLossBalance, io, { T, R, alpha }, 1);
}
