import { hasSelectionBias, selectionBiasName } from '../config/balancing.ts';
import type { Slot } from '../config/experiment.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import type { Ranks } from '../kernels/router.ts';
import type { scoredBackward } from '../kernels/scores.ts';
import { pad4 } from '../layout/sizes.ts';
import type { NetworkContext } from './context.ts';
import { lab } from './lab.ts';

interface Dims {
  T: number;
  R: number;
  W: number;
}

/**
 * Scores, route scale and selection bias of a MoE layer (docs/balancing.md): between its logits and its
 * selection, and behind its gates. Adds no dispatch where they are those of docs/model.md.
 */
export class MoeScores {
  private readonly context: NetworkContext;
  private readonly layer: number;
  private readonly dims: Dims;
  private readonly p_TR: Slice;
  /** Scores other than p, and their logarithms. */
  private readonly own: { l_TR: Slice; s_TR: Slice } | null;
  readonly bias_R: Slice | null;

  constructor(context: NetworkContext, layer: number, dims: Dims, p_TR: Slice) {
    const { config, memory, weights } = context;
    const store = (name: string) =>
      memory.storage(`layers.${layer}.moe:${name}`, dims.T * pad4(dims.R) * 4, 'routing');
    this.context = context;
    this.layer = layer;
    this.dims = dims;
    this.p_TR = p_TR;
    this.own =
      config.router.score === 'softmax' ? null : { l_TR: store('l_TR'), s_TR: store('s_TR') };
    this.bias_R = hasSelectionBias(config, layer) ? weights.weight(selectionBiasName(layer)) : null;
  }

  /** s [T, Rp]: p for the score `softmax`. */
  get s_TR(): Slice {
    return this.own?.s_TR ?? this.p_TR;
  }

  private get settings() {
    const { gate, score, routeScale } = this.context.config.router;
    return { ...this.dims, gate, score, routeScale };
  }

  /** Whether gates or their gradients are not those of p alone. */
  private get isScored(): boolean {
    return this.own !== null || this.settings.routeScale !== 1;
  }

  /** log s of the logits, of which p, ranks and gates are made. */
  logits(plan: PlanBuilder, z_TR: Slice): Slice {
    if (this.own === null) return z_TR;
    lab().scoresForward(plan, { z_TR, ...this.own }, this.settings);
    return this.own.l_TR;
  }

  /** What slots rank by; null where it is what `logits` gave. */
  ranks(z_TR: Slice): Ranks | null {
    const { own, bias_R } = this;
    if (bias_R === null) return own && { by: 'logit', order_TR: z_TR, bias_R };
    return { by: own ? 'score' : 'probability', order_TR: own?.s_TR ?? null, bias_R };
  }

  /** Behind the gates of log s: raw scores where the mode has them, and the factor on all. */
  gates(plan: PlanBuilder, io: { selected_WT: Slice; g_TR: Slice }): void {
    if (this.isScored) lab().scoreGates(plan, { ...io, s_TR: this.s_TR }, this.settings);
  }

  /** In place of the router's backward where it does not suffice; whether it did. */
  backward(
    plan: PlanBuilder,
    io: Parameters<typeof scoredBackward>[1],
    how: { accumulate: boolean; hasLosses: boolean },
  ): boolean {
    const suffices = !this.isScored && how.hasLosses;
    if (!suffices) lab().scoredBackward(plan, io, { ...this.settings, ...how });
    return !suffices;
  }

  /** Moves the selection bias by what the step left, once it is done. */
  moveBias(
    plan: PlanBuilder,
    io: { load_R8: Slice; slots_R: Slice; state: Slice },
    slots: readonly Slot[],
    place: { record: number; offset: number },
  ): void {
    const { biasRule, K } = this.context.config.router;
    const { bias_R, s_TR, context, layer } = this;
    if (biasRule === null || bias_R === null) return;
    const dims = { T: this.dims.T, K, slots, ...place };
    const words = lab().biasRuleWords(biasRule, dims);
    const name = `layers.${layer}.moe:key_RT`;
    const key_RT = words > 0 ? context.memory.storage(name, words * 4, 'routing') : null;
    const { ring } = context;
    lab().moveBias(plan, { ...io, bias_R, s_TR, key_RT, ring }, biasRule, dims);
  }
}
