import type { EngineConfig } from '../config/experiment.ts';
import type { GpuMemory } from '../gpu/memory.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { linearForward } from '../kernels/bodies.ts';
import { type CachedAttentionBody, headPrepareCachedForward } from '../kernels/cached.ts';
import { ropeTables } from '../kernels/headPrepare.ts';
import type { RopeSlices } from '../kernels/heads.ts';
import { pad4 } from '../layout/sizes.ts';
import type { NetworkContext, Stream } from './context.ts';
import { constantBuffer } from './experts.ts';
import { NormBlock } from './normBlock.ts';

/** Keys and values of every layer for so many sequences of S tokens, and the turns of their positions. */
export class KeyValueCache {
  /** Positions of a sequence. */
  readonly S: number;
  readonly layers: readonly { keys_BSX: Slice; values_BSX: Slice }[];
  readonly rope: RopeSlices | null;

  constructor(memory: GpuMemory, { model, batch }: EngineConfig, sequences: number) {
    const { L, D, H, Hkv, positions, ropeBase } = model;
    const bytes = sequences * batch.S * Hkv * pad4(D / H) * 4;
    const rope = positions === 'rope' ? ropeTables(batch.S, D / H, ropeBase) : null;
    const table = (label: string, values: Float32Array) =>
      constantBuffer(memory, `cache:${label}`, new Uint32Array(values.buffer));
    this.S = batch.S;
    this.layers = Array.from({ length: L }, (_, l) => ({
      keys_BSX: memory.storage(`cache:keys_BSX:${l}`, bytes, 'cache'),
      values_BSX: memory.storage(`cache:values_BSX:${l}`, bytes, 'cache'),
    }));
    this.rope = rope && { cos_SP: table('cos_SP', rope.cos), sin_SP: table('sin_SP', rope.sin) };
  }
}

/** `AttentionBlock` for tokens of any sequences and positions, whose earlier ones are in a cache. */
export class CachedAttention {
  private readonly context: NetworkContext;
  private readonly prefix: string;
  private readonly norm: NormBlock;
  private readonly qkv_TX: Slice;
  private readonly q_TX: Slice;
  private readonly attn_TX: Slice;
  private readonly out_TD: Slice;
  private readonly cache: KeyValueCache;

  constructor(context: NetworkContext, layer: number, cache: KeyValueCache) {
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
    this.attn_TX = store('attn_TX', T * H * C);
    this.out_TD = store('out_TD', T * pad4(D));
    this.cache = cache;
    scratch.reserve('scores_THS', T * H * pad4(cache.S));
  }

  /**
   * @param places_T where the tokens are in the cache
   * @param body of the plan's adapter
   */
  forward(plan: PlanBuilder, stream: Stream, places_T: Slice, body: CachedAttentionBody): Stream {
    const { weights, slopes_H, T, config, scratch } = this.context;
    const { norm, prefix, qkv_TX, q_TX, attn_TX, out_TD } = this;
    const { H, Hkv: G, D, keyNorm, normEps: eps } = config.model;
    const C = D / H;
    const heads = { T, S: this.cache.S, H, G, C };
    const { rope, layers } = this.cache;
    const kept = { ...(layers[plan.layer ?? 0] as (typeof layers)[0]), places_T };
    norm.forward(plan, stream);
    const w_qkv = weights.weight(`${prefix}.qkv`);
    const qkv = { T, N: (H + 2 * G) * pad4(C), K: D };
    linearForward(plan, { x_TK: norm.normed_TD, w_NK: w_qkv, y_TN: qkv_TX }, qkv);
    const w_C = keyNorm ? weights.weight(`${prefix}.k_norm.weight`) : null;
    headPrepareCachedForward(plan, { ...kept, qkv_TX, rope, w_C, q_TX }, { ...heads, eps });
    const scores = () => scratch.slice('scores_THS');
    body.attentionCachedForward(plan, { ...kept, q_TX, slopes_H, attn_TX, scores }, heads);
    const w_NK = weights.weight(`${prefix}.o.weight`);
    linearForward(plan, { x_TK: attn_TX, w_NK, y_TN: out_TD }, { T, N: D, K: H * pad4(C) });
    return { x_TD: norm.x_sum_TD, y_TD: out_TD };
  }
}
