import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { rmsNormBackward, rmsNormForward } from '../kernels/rmsNorm.ts';
import { pad4 } from '../layout/sizes.ts';
import type { NetworkContext, Stream } from './context.ts';

/** A norm at the head of a sublayer: adds the previous sublayer's output to the stream on the way. */
export class NormBlock {
  readonly x_sum_TD: Slice;
  readonly normed_TD: Slice;
  private readonly rstd_T: Slice;
  private readonly context: NetworkContext;
  private readonly group: string;

  constructor(context: NetworkContext, group: string) {
    const { memory, T, config } = context;
    const bytes = T * pad4(config.model.D) * 4;
    this.context = context;
    this.group = group;
    this.x_sum_TD = memory.storage(`${group}:x_sum_TD`, bytes, 'activations');
    this.normed_TD = memory.storage(`${group}:normed_TD`, bytes, 'activations');
    this.rstd_T = memory.storage(`${group}:rstd_T`, T * 4, 'activations');
    context.scratch.reserve('dnormed_TD', T * pad4(config.model.D));
  }

  forward(plan: PlanBuilder, { x_TD, y_TD }: Stream): void {
    const { T, config, weights } = this.context;
    const { x_sum_TD, normed_TD, rstd_T } = this;
    const w_D = weights.weight(this.group);
    const dims = { T, D: config.model.D, eps: config.model.normEps };
    rmsNormForward(plan, { x_TD, y_TD, w_D, x_sum_TD, normed_TD, rstd_T }, dims);
  }

  /** dx (+)= the gradient of the scratch `dnormed_TD` through the norm. */
  backward(plan: PlanBuilder, dx_TD: Slice, accumulate: boolean): void {
    const { T, config, weights, scratch } = this.context;
    const io = {
      dnormed_TD: scratch.slice('dnormed_TD'),
      x_TD: this.x_sum_TD,
      rstd_T: this.rstd_T,
      w_D: weights.weight(this.group),
      dw_D: weights.gradient(this.group),
      dx_TD,
    };
    rmsNormBackward(plan, io, { T, D: config.model.D, accumulate });
  }
}
