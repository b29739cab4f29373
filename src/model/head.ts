import type { PlanBuilder } from '../gpu/plan.ts';
import { type Slice, subslice } from '../gpu/slice.ts';
import { linearBackwardW, linearBackwardX, linearForward } from '../kernels/bodies.ts';
import { crossEntropy } from '../kernels/crossEntropy.ts';
import { type HeadChunk, headChunks, logitsBytes } from '../layout/headChunks.ts';
import { pad4 } from '../layout/sizes.ts';
import { weightSliceFloats } from '../layout/weightSlices.ts';
import type { NetworkContext } from './context.ts';

/** Rows [rows, width] of an activation [T, width]. */
function rowsOf(slice: Slice, { first, rows }: HeadChunk, width: number): Slice {
  return subslice(slice, `${slice.label}:${first}`, first * width * 4, rows * width * 4);
}

/**
 * From the last norm to logits and losses, and back. Where the logits of a batch do not fit one binding, tokens go
 * through in chunks that share one buffer: each up to its gradients before the next, in their order.
 */
export class Head {
  readonly chunks: readonly HeadChunk[];
  /** Logits [rows, Vp] of the chunk that came last; their gradient once the training loss is computed. */
  readonly logits_TV: Slice;
  readonly loss_T: Slice;
  private readonly context: NetworkContext;
  private readonly normed_TD: Slice;

  /** @param normed_TD what the last norm gives */
  constructor(context: NetworkContext, normed_TD: Slice) {
    const { T, config, memory, scratch } = context;
    const { D, V } = config.model;
    const { maxStorageBufferBindingSize, maxBufferSize } = memory.device.limits;
    this.context = context;
    this.normed_TD = normed_TD;
    this.chunks = headChunks(T, V, Math.min(maxStorageBufferBindingSize, maxBufferSize));
    const [{ rows } = { rows: T }] = this.chunks;
    this.logits_TV = memory.storage('logits_TV', logitsBytes(rows, V), 'activations');
    this.loss_T = memory.storage('loss_T', T * 4, 'activations');
    for (const chunk of this.chunks)
      scratch.reserve('weightSlices', weightSliceFloats({ T: chunk.rows, N: V, K: D }));
  }

  /** Whether all logits of a batch are there at once. */
  get isWhole(): boolean {
    return this.chunks.length === 1;
  }

  private get group(): string {
    return this.context.config.model.tied ? 'embed.weight' : 'head.weight';
  }

  private dims({ rows }: HeadChunk) {
    const { V, D } = this.context.config.model;
    return { T: rows, N: V, K: D };
  }

  /** The logits of a chunk, in place of what was there. */
  logits(plan: PlanBuilder, chunk: HeadChunk): void {
    const { context, logits_TV } = this;
    const w_NK = context.weights.weight(this.group);
    const x_TK = this.normedOf(chunk);
    linearForward(plan, { x_TK, w_NK, y_TN: logits_TV }, this.dims(chunk));
  }

  /** All logits, where they fit. */
  forward(plan: PlanBuilder): void {
    if (this.isWhole) for (const chunk of this.chunks) this.logits(plan, chunk);
  }

  /**
   * Cross-entropy per token; in training the logits become their gradient.
   * In chunks the logits come with it, and their gradients go where `backward` would bring them.
   */
  loss(plan: PlanBuilder, backward: boolean): void {
    const { batch, config, T } = this.context;
    const { logits_TV, isWhole } = this;
    for (const chunk of this.chunks) {
      if (!isWhole) this.logits(plan, chunk);
      const targets_T = isWhole ? batch.targets_T : rowsOf(batch.targets_T, chunk, 1);
      const loss_T = isWhole ? this.loss_T : rowsOf(this.loss_T, chunk, 1);
      const sizes = { T: chunk.rows, V: config.model.V, backward, mean: T };
      crossEntropy(plan, { targets_T, logits_TV, loss_T }, sizes);
      if (backward && !isWhole) this.gradients(plan, chunk);
    }
  }

  /** Gradients of the last norm's output, in the scratch `dnormed_TD`, and of the head. */
  backward(plan: PlanBuilder): void {
    if (this.isWhole) for (const chunk of this.chunks) this.gradients(plan, chunk);
  }

  private gradients(plan: PlanBuilder, chunk: HeadChunk): void {
    const { weights, scratch, config } = this.context;
    const { logits_TV, group } = this;
    const dims = this.dims(chunk);
    const dx_TD = scratch.slice('dnormed_TD');
    const dx_TK = this.isWhole ? dx_TD : rowsOf(dx_TD, chunk, pad4(config.model.D));
    const w_NK = weights.weight(group);
    const dw_NK = weights.gradient(group);
    linearBackwardX(plan, { dy_TN: logits_TV, w_NK, dx_TK }, dims);
    const io = { dy_TN: logits_TV, x_TK: this.normedOf(chunk), dw_NK };
    const added = { ...dims, accumulate: chunk.first > 0 };
    linearBackwardW(plan, io, added, () => scratch.slice('weightSlices'));
  }

  private normedOf(chunk: HeadChunk): Slice {
    const { normed_TD, context } = this;
    return this.isWhole ? normed_TD : rowsOf(normed_TD, chunk, pad4(context.config.model.D));
  }
}
