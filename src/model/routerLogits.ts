import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { linearBackwardW, linearBackwardX, linearForward } from '../kernels/bodies.ts';
import { columnSum } from '../kernels/columnSum.ts';
import { routerLogitsForward, routerNoiseBackward } from '../kernels/router.ts';
import { pad4 } from '../layout/sizes.ts';
import { weightSliceFloats } from '../layout/weightSlices.ts';
import type { NetworkContext } from './context.ts';

/**
 * Router logits of one MoE layer with bias, noise branch and gating residual
 * (docs/model.md, "1. Router logits"; MoDSE 3–5, MoE++ 6).
 */
export class RouterLogits {
  /** Complete logits [T, Rp]. */
  readonly z_TR: Slice;
  readonly dz_TR: Slice;
  /** Whether the next MoE layer's gating residual adds to dz before this layer's backward. */
  feedsNext = false;
  readonly R: number;
  private readonly context: NetworkContext;
  private readonly group: string;
  private readonly previous: RouterLogits | null;
  private readonly noise: { n_TR: Slice; dw_term_TR: Slice } | null;

  /** @param previous logits of the previous MoE layer, null for the first */
  constructor(context: NetworkContext, prefix: string, R: number, previous: RouterLogits | null) {
    const { memory, T, config } = context;
    this.context = context;
    this.group = `${prefix}.router`;
    this.R = R;
    this.previous = config.router.gatingResidual ? previous : null;
    context.scratch.reserve('weightSlices', weightSliceFloats(this.dims));
    if (this.previous) {
      this.previous.feedsNext = true;
      const residual = { ...this.dims, K: this.previous.R };
      context.scratch.reserve('weightSlices', weightSliceFloats(residual));
    }
    const store = (name: string) =>
      memory.storage(`${this.group}:${name}`, T * pad4(R) * 4, 'routing');
    this.z_TR = store('z_TR');
    this.dz_TR = store('dz_TR');
    this.noise = config.router.noise
      ? { n_TR: store('n_TR'), dw_term_TR: store('dw_term_TR') }
      : null;
  }

  /** Where weights' gradients are summed in slices. */
  private readonly slices = (): Slice => this.context.scratch.slice('weightSlices');

  private get dims() {
    const { T, config } = this.context;
    const { D, normEps } = config.model;
    return { T, N: this.R, K: D, R: this.R, eps: normEps };
  }

  forward(plan: PlanBuilder, m_TD: Slice): void {
    const { weights, config } = this.context;
    const { group, dims, z_TR, noise, previous } = this;
    const w_NK = weights.weight(`${group}.weight`);
    linearForward(plan, { x_TK: m_TD, w_NK, y_TN: z_TR }, dims);
    if (previous) {
      const residual = weights.weight(`${group}.residual.weight`);
      const io = { x_TK: previous.z_TR, w_NK: residual, y_TN: z_TR };
      linearForward(plan, io, { ...dims, K: previous.R, accumulate: true });
    }
    if (noise) {
      const w_noise = weights.weight(`${group}.noise.weight`);
      linearForward(plan, { x_TK: m_TD, w_NK: w_noise, y_TN: noise.n_TR }, dims);
    }
    const io = {
      z_TR,
      bias_R: config.router.bias ? weights.weight(`${group}.bias`) : null,
      noise: noise && { n_TR: noise.n_TR, w_R: weights.weight(`${group}.noise_norm.weight`) },
    };
    routerLogitsForward(plan, io, dims);
  }

  /**
   * Overwrites dm_TD with the router's part, and the previous layer's dz with the residual's. Writes no
   * gradient of a frozen router's parameters.
   */
  backward(plan: PlanBuilder, m_TD: Slice, dm_TD: Slice): void {
    const { weights, config } = this.context;
    const { group, dims, dz_TR, previous } = this;
    const weight = `${group}.weight`;
    linearBackwardX(plan, { dy_TN: dz_TR, w_NK: weights.weight(weight), dx_TK: dm_TD }, dims);
    if (!config.router.frozen) {
      const io = { dy_TN: dz_TR, x_TK: m_TD, dw_NK: weights.gradient(weight) };
      linearBackwardW(plan, io, dims, this.slices);
    }
    if (config.router.bias && !config.router.frozen) {
      const out_C = weights.gradient(`${group}.bias`);
      columnSum(plan, { x_TC: dz_TR, out_C }, { T: dims.T, C: this.R });
    }
    if (previous) this.residualBackward(plan, previous);
    this.noiseBackward(plan, m_TD, dm_TD);
  }

  private residualBackward(plan: PlanBuilder, previous: RouterLogits): void {
    const { weights, config } = this.context;
    const group = `${this.group}.residual.weight`;
    const dims = { ...this.dims, K: previous.R };
    const w_NK = weights.weight(group);
    linearBackwardX(plan, { dy_TN: this.dz_TR, w_NK, dx_TK: previous.dz_TR }, dims);
    if (config.router.frozen) return;
    const io = { dy_TN: this.dz_TR, x_TK: previous.z_TR, dw_NK: weights.gradient(group) };
    linearBackwardW(plan, io, dims, this.slices);
  }

  private noiseBackward(plan: PlanBuilder, m_TD: Slice, dm_TD: Slice): void {
    const { noise, group, dims, dz_TR } = this;
    if (!noise) return;
    const { weights, config } = this.context;
    const { n_TR, dw_term_TR } = noise;
    const w_R = weights.weight(`${group}.noise_norm.weight`);
    routerNoiseBackward(plan, { dz_TR, w_R, n_TR, dw_term_TR }, dims);
    const weight = `${group}.noise.weight`;
    const io = { dy_TN: n_TR, w_NK: weights.weight(weight), dx_TK: dm_TD };
    linearBackwardX(plan, io, { ...dims, accumulate: true });
    if (config.router.frozen) return;
    const out_C = weights.gradient(`${group}.noise_norm.weight`);
    columnSum(plan, { x_TC: dw_term_TR, out_C }, { T: dims.T, C: this.R });
    const sum = { dy_TN: n_TR, x_TK: m_TD, dw_NK: weights.gradient(weight) };
    linearBackwardW(plan, sum, dims, this.slices);
  }
}
