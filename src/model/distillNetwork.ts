import type { GpuMemory } from '../gpu/memory.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { type Slice, subslice } from '../gpu/slice.ts';
import { distillLoss } from '../kernels/distillLoss.ts';
import { alignBind, pad4 } from '../layout/sizes.ts';
import type { NetworkContext } from './context.ts';
import { MoeFfn } from './moeFfn.ts';
import { makeContext, type NetworkInputs } from './network.ts';

/** Inputs m and outputs f(m) of a dense FFN, row-major [T, D] each. */
export interface VectorBatch {
  inputs: Float32Array;
  targets: Float32Array;
}

/** One MoE layer alone, on recorded inputs m and towards recorded outputs f(m) (LaDiMo 4.3). */
export class DistillNetwork {
  readonly context: NetworkContext;
  readonly ffn: MoeFfn;
  readonly m_TD: Slice;
  /** Squared error per token, averaged over features [T]. */
  readonly loss_T: Slice;
  private readonly target_TD: Slice;
  private readonly dout_TD: Slice;
  private readonly dm_TD: Slice;
  private readonly batch: Slice;
  /** Image of the batch's buffer: one write per step. */
  private readonly image: Float32Array<ArrayBuffer>;

  /** @param inputs of a configuration in which this layer is the only MoE layer */
  constructor(memory: GpuMemory, inputs: NetworkInputs, layer: number) {
    const context = makeContext(memory, inputs);
    const bytes = context.T * pad4(context.config.model.D) * 4;
    const part = alignBind(bytes);
    this.context = context;
    this.ffn = new MoeFfn(context, layer, null);
    this.batch = memory.storage('distill:batch', 2 * part, 'other');
    this.image = new Float32Array((2 * part) / 4);
    this.m_TD = subslice(this.batch, 'distill:m_TD', 0, bytes);
    this.target_TD = subslice(this.batch, 'distill:target_TD', part, bytes);
    this.loss_T = memory.storage('distill:loss_T', context.T * 4, 'activations');
    this.dout_TD = memory.storage('distill:dout_TD', bytes, 'activations');
    this.dm_TD = memory.storage('distill:dm_TD', bytes, 'activations');
  }

  /** @throws RangeError for a batch of another size. */
  write({ inputs, targets }: VectorBatch): void {
    const { T, memory, config } = this.context;
    const { D } = config.model;
    if (inputs.length !== T * D || targets.length !== T * D) {
      throw new RangeError(
        `distillation: ${inputs.length} inputs and ${targets.length} outputs; a batch has T·D = ${T * D} of each`,
      );
    }
    const width = pad4(D);
    for (let t = 0; t < T; t++) {
      this.image.set(inputs.subarray(t * D, (t + 1) * D), t * width);
      this.image.set(targets.subarray(t * D, (t + 1) * D), this.image.length / 2 + t * width);
    }
    memory.device.queue.writeBuffer(this.batch.buffer, this.batch.offset, this.image);
  }

  /** Output, loss and gradients of the layer's parameters. */
  pass(plan: PlanBuilder, alpha: number): void {
    const { T, config, aux_LA } = this.context;
    const { ffn, m_TD, target_TD, dout_TD, loss_T } = this;
    const { load_R8, aux_dp_R, out_TD, slots } = ffn;
    ffn.forward(plan, m_TD);
    distillLoss(
      plan,
      { y_TD: out_TD, target_TD, load_R8, dout_TD, loss_T, aux_A: aux_LA, aux_dp_R },
      { T, D: config.model.D, R: slots.length, alpha },
    );
    ffn.backward(plan, m_TD, dout_TD, this.dm_TD);
  }
}
