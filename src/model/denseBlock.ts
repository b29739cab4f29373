import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { expertsBackward, expertsForward } from '../kernels/bodies.ts';
import type { NetworkContext, Stream } from './context.ts';
import { type ExpertStore, expertStore } from './experts.ts';
import { NormBlock } from './normBlock.ts';

/**
 * One SwiGLU over all tokens: a dense layer's FFN or a MoE layer's shared expert. It is the
 * one-expert case of the grouped experts, with rows in the order of tokens.
 */
export class DenseFfn {
  readonly store: ExpertStore;
  private readonly context: NetworkContext;
  private readonly group: string;

  constructor(context: NetworkContext, group: string, hidden: number) {
    const shape = { D: context.config.model.D, hidden: [hidden], R: 0, maxRows: context.T };
    this.context = context;
    this.group = group;
    this.store = expertStore(context, group, shape, true);
  }

  private get buffers() {
    const { weights, scratch, identity } = this.context;
    return {
      ...this.store,
      ...identity,
      w: weights.weight(this.group),
      dw: weights.gradient(this.group),
      hidden_JF: scratch.slice('hidden_JF'),
    };
  }

  /** Output [T, Dp] in `store.y_JD`. */
  forward(plan: PlanBuilder, m_TD: Slice): void {
    expertsForward(plan, { ...this.buffers, m_TD }, this.store.shape);
  }

  backward(plan: PlanBuilder, m_TD: Slice, dout_TD: Slice, dm_TD: Slice): void {
    const io = { ...this.buffers, m_TD, dout_TD, dm_JD: dm_TD };
    expertsBackward(plan, io, this.store.shape);
  }
}

/** ffn_l(rmsnorm(x, ffn_norm)) of a dense layer. */
export class DenseBlock {
  readonly norm: NormBlock;
  private readonly ffn: DenseFfn;
  private readonly context: NetworkContext;

  constructor(context: NetworkContext, layer: number) {
    this.context = context;
    this.norm = new NormBlock(context, `layers.${layer}.ffn_norm.weight`);
    this.ffn = new DenseFfn(context, `layers.${layer}.ffn`, context.config.model.denseHidden);
  }

  get out_TD(): Slice {
    return this.ffn.store.y_JD;
  }

  forward(plan: PlanBuilder, stream: Stream): Stream {
    this.norm.forward(plan, stream);
    this.ffn.forward(plan, this.norm.normed_TD);
    return { x_TD: this.norm.x_sum_TD, y_TD: this.out_TD };
  }

  backward(plan: PlanBuilder, dx_TD: Slice): void {
    const dnormed_TD = this.context.scratch.slice('dnormed_TD');
    this.ffn.backward(plan, this.norm.normed_TD, dx_TD, dnormed_TD);
    this.norm.backward(plan, dx_TD, true);
  }
}
