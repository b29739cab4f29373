import type { GpuMemory } from '../gpu/memory.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { linearForward } from '../kernels/bodies.ts';
import type { CachedAttentionBody } from '../kernels/cached.ts';
import { embeddingForward } from '../kernels/embedding.ts';
import { pad4 } from '../layout/sizes.ts';
import { CachedAttention, type KeyValueCache } from './cachedAttention.ts';
import type { NetworkContext, Stream } from './context.ts';
import type { DenseBlock } from './denseBlock.ts';
import type { MoeBlock } from './moeBlock.ts';
import { ffnBlocks, makeContext, type NetworkInputs } from './network.ts';
import { NormBlock } from './normBlock.ts';

/** `Network` forward for T new tokens of sequences whose earlier tokens are in a cache. */
export class DecodeNetwork {
  readonly ffn: readonly (DenseBlock | MoeBlock)[];
  /** [T, Vp]; as good as nothing where there are none. */
  readonly logits_TV: Slice;
  /** [T] (first row of the token's sequence in the cache, its position), u32 each. */
  readonly places_T: Slice;
  private readonly context: NetworkContext;
  private readonly hasLogits: boolean;
  private readonly embedded_TD: Slice;
  private readonly attention: readonly CachedAttention[];
  private readonly finalNorm: NormBlock;

  /**
   * @param inputs of a configuration whose batch is T sequences of one token
   * @param hasLogits whether it goes on from keys and values to the logits
   */
  constructor(memory: GpuMemory, inputs: NetworkInputs, cache: KeyValueCache, hasLogits: boolean) {
    const context = { ...makeContext(memory, inputs), hasAuxLosses: false };
    const { config, T } = context;
    const { D, L, V } = config.model;
    this.context = context;
    this.hasLogits = hasLogits;
    this.embedded_TD = memory.storage('embedded_TD', T * pad4(D) * 4, 'activations');
    this.attention = Array.from({ length: L }, (_, l) => new CachedAttention(context, l, cache));
    this.ffn = ffnBlocks(context);
    this.finalNorm = new NormBlock(context, 'final_norm.weight');
    this.logits_TV = memory.storage('logits_TV', hasLogits ? T * pad4(V) * 4 : 0, 'activations');
    this.places_T = memory.storage('places_T', T * 8, 'other');
  }

  /** @param body attention that suits the plan's adapter */
  forward(plan: PlanBuilder, body: CachedAttentionBody): void {
    const { weights, batch, config, T } = this.context;
    const { D, V, L, tied } = config.model;
    const { embedded_TD, places_T, finalNorm, logits_TV } = this;
    const embed_VD = weights.weight('embed.weight');
    embeddingForward(plan, { tokens_T: batch.tokens_T, embed_VD, x_TD: embedded_TD }, { T, D, V });
    let stream: Stream = { x_TD: embedded_TD, y_TD: null };
    for (let l = 0; l < L; l++) {
      plan.layer = l;
      stream = (this.attention[l] as CachedAttention).forward(plan, stream, places_T, body);
      stream = (this.ffn[l] as DenseBlock | MoeBlock).forward(plan, stream);
    }
    plan.layer = null;
    if (!this.hasLogits) return;
    finalNorm.forward(plan, stream);
    const w_NK = weights.weight(tied ? 'embed.weight' : 'head.weight');
    const io = { x_TK: finalNorm.normed_TD, w_NK, y_TN: logits_TV };
    linearForward(plan, io, { T, N: V, K: D });
  }
}
