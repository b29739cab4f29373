import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import {
  attentionBackward,
  attentionForward,
  linearBackwardW,
  linearBackwardX,
  linearForward,
} from '../kernels/bodies.ts';
import { headPrepareBackward, headPrepareForward } from '../kernels/headPrepare.ts';
import { pad4 } from '../layout/sizes.ts';
import { weightSliceFloats } from '../layout/weightSlices.ts';
import type { NetworkContext, Stream } from './context.ts';
import { NormBlock } from './normBlock.ts';

/** attention_l(rmsnorm(x, attn_norm)) of one layer (docs/model.md, "Network"). */
export class AttentionBlock {
  readonly norm: NormBlock;
  /** After the output projection, before the residual sum [T, Dp]. */
  readonly out_TD: Slice;
  private readonly context: NetworkContext;
  private readonly prefix: string;
  private readonly qkv_TX: Slice;
  private readonly q_TX: Slice;
  private readonly k_TX: Slice;
  private readonly attn_TX: Slice;
  private readonly softmax_TH: Slice;
  private readonly rstd_TG: Slice;

  constructor(context: NetworkContext, layer: number) {
    const { memory, T, config, scratch } = context;
    const { H, Hkv, D } = config.model;
    const C = pad4(D / H);
    this.context = context;
    this.prefix = `layers.${layer}.attn`;
    this.norm = new NormBlock(context, `layers.${layer}.attn_norm.weight`);
    const store = (name: string, floats: number) =>
      memory.storage(`${this.prefix}:${name}`, floats * 4, 'activations');
    this.qkv_TX = store('qkv_TX', T * (H + 2 * Hkv) * C);
    this.q_TX = store('q_TX', T * H * C);
    this.k_TX = store('k_TX', T * Hkv * C);
    this.attn_TX = store('attn_TX', T * H * C);
    this.softmax_TH = store('softmax_TH', T * H * 2);
    this.rstd_TG = store('rstd_TG', T * Hkv);
    this.out_TD = store('out_TD', T * pad4(D));
    scratch.reserve('dattn_TX', T * H * C);
    scratch.reserve('dqkv_TX', T * (H + 2 * Hkv) * C);
    scratch.reserve('delta_TH', T * H);
    for (const dims of [this.dims.qkv, this.dims.output]) {
      scratch.reserve('weightSlices', weightSliceFloats(dims));
    }
  }

  private get dims() {
    const { config, T } = this.context;
    const { H, Hkv, D, normEps } = config.model;
    const C = D / H;
    const Cp = pad4(C);
    return {
      D,
      head: { T, S: config.batch.S, H, G: Hkv, C, eps: normEps },
      qkv: { T, N: (H + 2 * Hkv) * Cp, K: D },
      output: { T, N: D, K: H * Cp },
    };
  }

  private get keyNormGroup(): string | null {
    return this.context.config.model.keyNorm ? `${this.prefix}.k_norm.weight` : null;
  }

  forward(plan: PlanBuilder, stream: Stream): Stream {
    const { weights, rope, slopes_H } = this.context;
    const { norm, qkv_TX, q_TX, k_TX, attn_TX, softmax_TH, rstd_TG, out_TD, dims } = this;
    norm.forward(plan, stream);
    const w_qkv = weights.weight(`${this.prefix}.qkv`);
    linearForward(plan, { x_TK: norm.normed_TD, w_NK: w_qkv, y_TN: qkv_TX }, dims.qkv);
    const w_C = this.keyNormGroup ? weights.weight(this.keyNormGroup) : null;
    headPrepareForward(plan, { qkv_TX, rope, w_C, q_TX, k_TX, rstd_TG }, dims.head);
    attentionForward(plan, { q_TX, k_TX, qkv_TX, slopes_H, attn_TX, softmax_TH }, dims.head);
    const w_NK = weights.weight(`${this.prefix}.o.weight`);
    linearForward(plan, { x_TK: attn_TX, w_NK, y_TN: out_TD }, dims.output);
    return { x_TD: norm.x_sum_TD, y_TD: out_TD };
  }

  backward(plan: PlanBuilder, dx_TD: Slice): void {
    const { weights, rope, slopes_H, scratch } = this.context;
    const { norm, qkv_TX, q_TX, k_TX, attn_TX, softmax_TH, rstd_TG, dims } = this;
    const dattn_TX = scratch.slice('dattn_TX');
    const dqkv_TX = scratch.slice('dqkv_TX');
    const delta_TH = scratch.slice('delta_TH');
    const o = `${this.prefix}.o.weight`;
    linearBackwardX(plan, { dy_TN: dx_TD, w_NK: weights.weight(o), dx_TK: dattn_TX }, dims.output);
    const slices = () => scratch.slice('weightSlices');
    const ofOutput = { dy_TN: dx_TD, x_TK: attn_TX, dw_NK: weights.gradient(o) };
    linearBackwardW(plan, ofOutput, dims.output, slices);
    attentionBackward(
      plan,
      { q_TX, k_TX, qkv_TX, slopes_H, attn_TX, dattn_TX, softmax_TH, delta_TH, dqkv_TX },
      dims.head,
    );
    const keyNorm = this.keyNormGroup;
    const keyNormSlices = keyNorm
      ? { w_C: weights.weight(keyNorm), dw_C: weights.gradient(keyNorm), rstd_TG }
      : null;
    headPrepareBackward(plan, { qkv_TX, rope, norm: keyNormSlices, dqkv_TX }, dims.head);
    const qkv = `${this.prefix}.qkv`;
    linearBackwardW(
      plan,
      { dy_TN: dqkv_TX, x_TK: norm.normed_TD, dw_NK: weights.gradient(qkv) },
      dims.qkv,
      slices,
    );
    linearBackwardX(
      plan,
      { dy_TN: dqkv_TX, w_NK: weights.weight(qkv), dx_TK: scratch.slice('dnormed_TD') },
      dims.qkv,
    );
    norm.backward(plan, dx_TD, true);
  }
}
