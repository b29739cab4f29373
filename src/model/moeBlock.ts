import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import type { NetworkContext, Stream } from './context.ts';
import type { LayerInterventions } from './interventions.ts';
import { MoeFfn } from './moeFfn.ts';
import { NormBlock } from './normBlock.ts';

/** ffn_l(rmsnorm(x, ffn_norm)) of a MoE layer. */
export class MoeBlock {
  readonly norm: NormBlock;
  readonly ffn: MoeFfn;
  private readonly context: NetworkContext;

  constructor(context: NetworkContext, layer: number, previous: MoeBlock | null) {
    this.context = context;
    this.norm = new NormBlock(context, `layers.${layer}.ffn_norm.weight`);
    this.ffn = new MoeFfn(context, layer, previous?.ffn ?? null);
  }

  get out_TD(): Slice {
    return this.ffn.out_TD;
  }

  forward(plan: PlanBuilder, stream: Stream, inspected: LayerInterventions | null = null): Stream {
    this.norm.forward(plan, stream);
    this.ffn.forward(plan, this.norm.normed_TD, inspected);
    return { x_TD: this.norm.x_sum_TD, y_TD: this.out_TD };
  }

  backward(plan: PlanBuilder, dx_TD: Slice): void {
    const dnormed_TD = this.context.scratch.slice('dnormed_TD');
    this.ffn.backward(plan, this.norm.normed_TD, dx_TD, dnormed_TD);
    this.norm.backward(plan, dx_TD, true);
  }
}
