import { expertChoicePlaces, hashTable, layerSelection } from '../config/balancing.ts';
import { historySteps } from '../config/countHistory.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { SCORE_CODES } from '../kernels/codes.ts';
import { pad4 } from '../layout/sizes.ts';
import type { NetworkContext } from './context.ts';
import { constantBuffer } from './experts.ts';
import { lab } from './lab.ts';

/** What a router leaves of a batch. */
interface Routed {
  /** The logits by which slots are selected. */
  z_TR: Slice;
  p_TR: Slice;
  g_TR: Slice;
  selected_WT: Slice;
}

interface Dims {
  T: number;
  R: number;
  W: number;
}

/** What the balancing lab adds to the passes of a MoE layer (docs/balancing.md); nothing unless it is set. */
export class MoeBalancing {
  /** Whether the layer selects by hash: of the losses it has the z-loss only. */
  readonly isHash: boolean;
  /** Slots of every token id by rank [V, W]; null but in a hash layer. */
  readonly table_VW: Slice | null;
  /** Slots of the pool of every sequence [B, R]; null without pools. */
  readonly pool_BR: Slice | null;
  private readonly context: NetworkContext;
  private readonly layer: number;
  private readonly dims: Dims;
  private readonly store: (name: string, words: number) => Slice;
  private readonly pool: { lse_T: Slice; pi_BR: Slice; pool_BR: Slice; left_TR: Slice } | null;
  private readonly choice: { key_RT: Slice; threshold_R: Slice } | null;
  private readonly lse_T: Slice | null;
  private readonly balance: { load_BR2: Slice; weight_BR: Slice; history: Slice | null } | null;
  /** Zeros in place of a gradient that does not count, and room for what does not. */
  private readonly silent: { dp_R: Slice; aux_LA: Slice; unused_R: Slice } | null;

  constructor(context: NetworkContext, layer: number, dims: Dims) {
    const { config, memory } = context;
    const { router, losses, batch, model } = config;
    const { T, R } = dims;
    const prefix = `layers.${layer}.moe`;
    const selection = layerSelection(config, layer);
    this.context = context;
    this.layer = layer;
    this.dims = dims;
    this.isHash = selection === 'hash';
    this.store = (name, words) => memory.storage(`${prefix}:${name}`, words * 4, 'routing');
    const { store, isHash } = this;
    const table = () => hashTable(router.hashSeed, { l: layer, R, K: router.K, V: model.V });
    this.table_VW = isHash
      ? constantBuffer(memory, `${prefix}:table_VW`, Uint32Array.from(table()))
      : null;
    this.pool = router.pool && {
      lse_T: store('pool:lse_T', T),
      pi_BR: store('pi_BR', batch.B * R),
      pool_BR: store('pool_BR', batch.B * R),
      left_TR: store('pool:left_TR', T * pad4(R)),
    };
    this.pool_BR = this.pool?.pool_BR ?? null;
    this.choice =
      selection === 'expertChoice'
        ? { key_RT: store('key_RT', R * T), threshold_R: store('threshold_R', R * 2) }
        : null;
    this.lse_T = losses.zloss ? store('lse_T', T) : null;
    this.balance = losses.balance && !isHash ? this.makeBalance() : null;
    this.silent = isHash
      ? {
          dp_R: store('silent:dp_R', R),
          aux_LA: memory.storage(`${prefix}:silent:aux_LA`, context.aux_LA.size, 'routing'),
          unused_R: store('silent:unused_R', R),
        }
      : null;
  }

  private makeBalance() {
    const { store, groups, layer, dims, context } = this;
    return {
      load_BR2: store('load_BR2', groups * dims.R * 2),
      weight_BR: store('weight_BR', groups * dims.R),
      history: context.histories?.of(layer) ?? null,
    };
  }

  /** Tokens that the balance loss takes together: a sequence, or the batch. */
  private get groupTokens(): number {
    const { losses, batch } = this.context.config;
    return losses.balance?.scope === 'sequence' ? batch.S : this.dims.T;
  }

  private get groups(): number {
    return this.dims.T / this.groupTokens;
  }

  /** The logits that pools leave, once they are chosen; null without pools. */
  get left_TR(): Slice | null {
    return this.pool?.left_TR ?? null;
  }

  choosePools(plan: PlanBuilder, z_TR: Slice): void {
    const { pool, layer, dims } = this;
    const { router, batch } = this.context.config;
    if (pool === null || router.pool === null) return;
    lab().poolForward(plan, { z_TR, ...pool }, { ...batch, R: dims.R, layer, pool: router.pool });
  }

  /** Selections that are not by rank, in place of the one by rank. @param io logits of p, and those of ranks */
  select(plan: PlanBuilder, io: Routed & { slots_R: Slice; order_TR: Slice }): void {
    const { table_VW, choice, dims, context } = this;
    const { router } = context.config;
    const { gate } = router;
    if (table_VW !== null) {
      const { tokens_T } = context.batch;
      lab().hashForward(plan, { ...io, tokens_T, table_VW }, { ...dims, gate });
    }
    if (choice === null) return;
    const most = expertChoicePlaces(router, dims.T, dims.R);
    const isSoftmax = router.score === 'softmax';
    lab().expertChoiceForward(plan, { ...io, ...choice }, { ...dims, most, gate, isSoftmax });
  }

  /** Where the auxiliary losses of model.md go: nowhere in a hash layer. */
  auxiliary(aux_LA: Slice, aux_dp_R: Slice): { aux_LA: Slice; aux_dp_R: Slice } {
    const { silent } = this;
    return silent ? { aux_LA: silent.aux_LA, aux_dp_R: silent.unused_R } : { aux_LA, aux_dp_R };
  }

  /** z-loss and balance loss, behind the auxiliary losses. @param index of the layer among MoE layers */
  losses(plan: PlanBuilder, io: Routed & { aux_dp_R: Slice }, index: number): void {
    const { lse_T, balance, dims, groupTokens: S } = this;
    const { aux_LA, config } = this.context;
    if (lse_T !== null)
      lab().zlossForward(plan, { ...io, lse_T, aux_LA }, { ...dims, layer: index });
    if (balance === null) return;
    const steps = historySteps(config.losses);
    const isUnbiased = config.losses.balance?.counts === 'unbiased';
    const values = { ...dims, S, layer: index, steps, isUnbiased };
    lab().balanceLossForward(plan, { ...io, ...balance, aux_LA }, values);
  }

  /** What the router's backward reads: zeros where the layer's losses do not count. */
  upstream<G extends { aux_dp_R: Slice }>(given: G): G {
    return this.silent === null ? given : { ...given, aux_dp_R: this.silent.dp_R };
  }

  /** Adds to dz what the router's backward does not know. */
  backward(plan: PlanBuilder, io: { z_TR: Slice; p_TR: Slice; dz_TR: Slice }): void {
    const { lse_T, balance, dims, groupTokens: S } = this;
    if (lse_T !== null) lab().zlossBackward(plan, { ...io, lse_T }, dims);
    if (balance === null || this.groups === 1) return;
    const score = SCORE_CODES[this.context.config.router.score];
    lab().balanceLossBackward(plan, { ...io, ...balance }, { ...dims, S, score });
  }

  /** Keeps the counts of a step that is done. */
  keepCounts(plan: PlanBuilder, state: Slice): void {
    const { balance, dims, context } = this;
    const history = balance?.history ?? null;
    if (balance === null || history === null) return;
    const steps = historySteps(context.config.losses);
    lab().keepCounts(plan, { load_BR2: balance.load_BR2, state, history }, { R: dims.R, steps });
  }
}
