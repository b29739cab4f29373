import { mostAssignments } from '../config/balancing.ts';
import type { RouterConfig, Slot } from '../config/experiment.ts';
import { selectionWidth, slotsOfLayer } from '../config/layers.ts';
import { expertWidths } from '../config/slots.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { type Slice, subslice } from '../gpu/slice.ts';
import { auxLossesForward } from '../kernels/auxLosses.ts';
import {
  expertsBackward,
  expertsForward,
  linearBackwardW,
  linearBackwardX,
  linearForward,
} from '../kernels/bodies.ts';
import { combineBackward, combineBackwardX, combineForward } from '../kernels/combine.ts';
import { dispatchChunks, dispatchForward, placesTable } from '../kernels/dispatch.ts';
import { routerTopkBackward, routerTopkForward } from '../kernels/router.ts';
import { slotRecords } from '../kernels/slots.ts';
import { alignBind, pad4 } from '../layout/sizes.ts';
import { weightSliceFloats } from '../layout/weightSlices.ts';
import type { NetworkContext } from './context.ts';
import { DenseFfn } from './denseBlock.ts';
import { constantBuffer, type ExpertStore, expertStore } from './experts.ts';
import type { LayerInterventions } from './interventions.ts';
import { MoeBalancing } from './moeBalancing.ts';
import { MoeScores } from './moeScores.ts';
import { RouterLogits } from './routerLogits.ts';

/** Buffers of the constant slots: mixing logits, and their gradients with g·a₂ after them. */
interface Constants {
  C: number;
  mix_TC: Slice;
  dmix: Slice;
  /** Where g·a₂ [T, Cp] starts in dmix, in floats. */
  vOffset: number;
}

/**
 * The MoE layer (docs/model.md, "MoE layer") on inputs m that are normalised already: router,
 * dispatch, experts, combination.
 */
export class MoeFfn {
  readonly slots: readonly Slot[];
  readonly W: number;
  readonly logits: RouterLogits;
  readonly p_TR: Slice;
  readonly g_TR: Slice;
  readonly selected_WT: Slice;
  readonly route_WT: Slice;
  readonly out_TD: Slice;
  readonly experts: ExpertStore;
  private readonly context: NetworkContext;
  private readonly layer: number;
  private readonly prefix: string;
  private readonly slots_R: Slice;
  private readonly places: { aMin: number; slice: Slice };
  private readonly rows: { row_token_J: Slice; row_coef_J: Slice };
  private readonly count_NR: Slice;
  /** Sums over the tokens per slot (auxLosses.load). */
  readonly load_R8: Slice;
  /** Gradient of every p_i(t) from the losses; read by `backward`. */
  readonly aux_dp_R: Slice;
  private readonly dg_WT: Slice;
  /** What of the balancing lab is set. */
  readonly balancing: MoeBalancing;
  readonly scores: MoeScores;
  private readonly constants: Constants;
  private readonly shared: DenseFfn | null;

  constructor(context: NetworkContext, layer: number, previous: MoeFfn | null) {
    const { config, T, memory, scratch } = context;
    const { D } = config.model;
    this.context = context;
    this.layer = layer;
    this.prefix = `layers.${layer}.moe`;
    this.slots = slotsOfLayer(config.experts, layer);
    const R = this.slots.length;
    const W = selectionWidth(config.router, R);
    this.W = W;
    this.logits = new RouterLogits(context, this.prefix, R, previous?.logits ?? null);
    const store = (name: string, words: number, use = 'routing') =>
      memory.storage(`${this.prefix}:${name}`, words * 4, use);
    this.p_TR = store('p_TR', T * pad4(R));
    this.g_TR = store('g_TR', T * pad4(R));
    this.selected_WT = store('selected_WT', W * T);
    this.route_WT = store('route_WT', W * T * 2);
    this.count_NR = store('count_NR', W * dispatchChunks(T) * R);
    this.rows = {
      row_token_J: store('row_token_J', W * T),
      row_coef_J: store('row_coef_J', W * T),
    };
    this.out_TD = store('out_TD', T * pad4(D), 'activations');
    this.load_R8 = store('load_R8', R * 8);
    this.aux_dp_R = store('aux_dp_R', R);
    this.dg_WT = store('dg_WT', W * T);
    this.balancing = new MoeBalancing(context, layer, { T, R, W });
    this.scores = new MoeScores(context, layer, { T, R, W }, this.p_TR);
    const places = placesTable(this.slots, config.router, T);
    this.slots_R = constantBuffer(memory, `${this.prefix}:slots_R`, slotRecords(this.slots));
    this.places = {
      aMin: places.aMin,
      slice: constantBuffer(memory, `${this.prefix}:places_A2`, places.words),
    };
    const maxRows = mostAssignments(config.router, T, R);
    const shape = { D, hidden: expertWidths(this.slots), R, maxRows };
    this.experts = expertStore(context, `${this.prefix}.experts`, shape, false);
    this.constants = this.makeConstants();
    const { C } = this.constants;
    for (const N of [4 * C, C]) scratch.reserve('weightSlices', weightSliceFloats({ T, N, K: D }));
    const { sharedHidden } = config.experts;
    this.shared =
      sharedHidden > 0 ? new DenseFfn(context, `${this.prefix}.shared`, sharedHidden) : null;
    if (this.shared) scratch.reserve('dshared_TD', T * pad4(D));
  }

  /** Writes the places that another γ or τ gives every slot. */
  writePlaces(router: RouterConfig): void {
    const { words } = placesTable(this.slots, router, this.context.T);
    const { buffer, offset } = this.places.slice;
    this.context.memory.device.queue.writeBuffer(buffer, offset, words as BufferSource);
  }

  private makeConstants(): Constants {
    const { memory, T } = this.context;
    const C = this.slots.filter((slot) => slot.kind === 'constant').length;
    const mixBytes = alignBind(T * 4 * C * 4);
    return {
      C,
      mix_TC: memory.storage(`${this.prefix}:mix_TC`, mixBytes, 'routing'),
      dmix: memory.storage(`${this.prefix}:dmix`, mixBytes + alignBind(T * pad4(C) * 4), 'routing'),
      vOffset: mixBytes / 4,
    };
  }

  /** Mixing logits and vectors as `combine` binds them; null without constant slots. */
  private get constantBuffers() {
    if (this.constants.C === 0) return null;
    const v_CD = this.context.weights.weight(`${this.prefix}.vectors`);
    return { mix_TC: this.constants.mix_TC, v_CD };
  }

  private get dims() {
    const { config, T } = this.context;
    const { D } = config.model;
    const hasCopy = this.slots.some(({ kind }) => kind === 'copy');
    return { T, D, W: this.W, R: this.slots.length, C: this.constants.C, hasCopy };
  }

  private get expertBuffers() {
    const { weights, scratch } = this.context;
    const group = `${this.prefix}.experts`;
    return {
      ...this.experts,
      ...this.rows,
      w: weights.weight(group),
      dw: weights.gradient(group),
      hidden_JF: scratch.slice('hidden_JF'),
    };
  }

  private get hasExperts(): boolean {
    return this.experts.shape.hidden.length > 0;
  }

  private get section() {
    const { sections } = this.context.telemetry;
    const index = sections.findIndex((section) => section.layer === this.layer);
    const section = sections[index];
    if (!section) throw new Error(`${this.prefix}: no telemetry section for layer ${this.layer}`);
    return { ...section, index };
  }

  /** The logits by which slots are selected: those of the pool, where there is one. */
  private get left_TR(): Slice {
    return this.balancing.left_TR ?? this.logits.z_TR;
  }

  private route(plan: PlanBuilder, inspected: LayerInterventions | null): void {
    const { config, telemetry, ring } = this.context;
    const { slots_R, p_TR, g_TR, selected_WT, route_WT, layer, dims } = this;
    const { selection, gate, K, policy, capacity } = config.router;
    this.balancing.choosePools(plan, this.logits.z_TR);
    const { left_TR } = this;
    const z_TR = inspected?.mask(plan, left_TR) ?? left_TR;
    const l_TR = this.scores.logits(plan, z_TR);
    const routed = { z_TR: l_TR, slots_R, p_TR, g_TR, selected_WT };
    routerTopkForward(
      plan,
      routed,
      { ...dims, K, selection, gate, layer, policy: policy?.[layer] ?? null },
      this.scores.ranks(z_TR),
    );
    this.balancing.select(plan, { ...routed, order_TR: z_TR });
    inspected?.force(plan, routed, gate);
    this.scores.gates(plan, { selected_WT, g_TR });
    const places = inspected?.places ?? this.places;
    dispatchForward(
      plan,
      {
        selected_WT,
        slots_R,
        g_TR,
        ring,
        ...this.rows,
        experts_E: this.experts.experts_E,
        places_A2: places.slice,
        count_NR: this.count_NR,
        table: this.experts.table,
        route_WT,
      },
      {
        ...dims,
        slots: this.slots,
        hasCapacity: capacity !== null && selection !== 'expertChoice',
        aMin: places.aMin,
        record: telemetry.record,
        offset: this.section.assignments,
      },
    );
    inspected?.scale(plan, { selected_WT, route_WT });
  }

  private losses(plan: PlanBuilder): void {
    const { telemetry, ring, aux_LA, batch } = this.context;
    const { slots_R, p_TR, g_TR, selected_WT, load_R8, dims, section, balancing } = this;
    const { record, domains } = telemetry;
    const { table } = this.experts;
    const routed = { z_TR: this.left_TR, p_TR, g_TR, selected_WT, aux_dp_R: this.aux_dp_R };
    const into = balancing.auxiliary(aux_LA, this.aux_dp_R);
    const io = { p_TR, g_TR, selected_WT, slots_R, table, load_R8, ring, ...into };
    auxLossesForward(
      plan,
      { ...io, domain_T: batch.domain_T },
      {
        ...dims,
        E: this.experts.shape.hidden.length,
        layer: section.index,
        domains,
        record,
        meansOffset: section.meanProb,
        domainsOffset: section.domains,
      },
    );
    balancing.losses(plan, routed, section.index);
  }

  /**
   * Output [T, Dp] in `out_TD`.
   * @param inspected what an inspection does on the way; it leaves out the auxiliary losses
   */
  forward(plan: PlanBuilder, m_TD: Slice, inspected: LayerInterventions | null = null): void {
    const { weights } = this.context;
    const { dims, out_TD, route_WT, constantBuffers: constants } = this;
    const { y_JD } = this.experts;
    this.logits.forward(plan, m_TD);
    this.route(plan, inspected);
    if (inspected === null && this.context.hasAuxLosses) this.losses(plan);
    if (this.hasExperts) {
      expertsForward(plan, { ...this.expertBuffers, m_TD }, this.experts.shape);
    }
    if (dims.C > 0) {
      const w_NK = weights.weight(`${this.prefix}.mixes`);
      const io = { x_TK: m_TD, w_NK, y_TN: this.constants.mix_TC };
      linearForward(plan, io, { T: dims.T, N: 4 * dims.C, K: dims.D });
    }
    this.shared?.forward(plan, m_TD);
    const { selected_WT, g_TR } = this;
    inspected?.report(plan, { selected_WT, g_TR, route_WT, y_JD, m_TD, constants }, dims);
    const shared_TD = this.shared?.store.y_JD ?? null;
    combineForward(plan, { route_WT, y_JD, m_TD, constants, shared_TD, out_TD }, dims);
  }

  /** Moves what rules move of the layer once a step is done. @param state of clip.finish */
  moveStates(plan: PlanBuilder, state: Slice): void {
    const { load_R8, slots_R, slots, section } = this;
    const place = { record: this.context.telemetry.record, offset: section.bias };
    this.scores.moveBias(plan, { load_R8, slots_R, state }, slots, place);
    this.balancing.keepCounts(plan, state);
  }

  /** Overwrites dm_TD with the gradient of m, from dout_TD of the output. */
  backward(plan: PlanBuilder, m_TD: Slice, dout_TD: Slice, dm_TD: Slice): void {
    const { config, scratch } = this.context;
    const { dims, route_WT, dg_WT, constantBuffers } = this;
    const { y_JD } = this.experts;
    const { dmix, vOffset } = this.constants;
    combineBackward(
      plan,
      { route_WT, dout_TD, y_JD, m_TD, constants: constantBuffers, dg_WT, dmix },
      { ...dims, vOffset },
    );
    const dm_JD = scratch.slice('dm_JD');
    if (this.hasExperts) {
      const io = { ...this.expertBuffers, m_TD, dout_TD, dm_JD };
      expertsBackward(plan, io, this.experts.shape);
    }
    const { p_TR, g_TR, selected_WT, slots_R, aux_dp_R, left_TR: z_TR, balancing } = this;
    const { dz_TR, feedsNext: accumulate } = this.logits;
    const given = { z_TR, p_TR, g_TR, selected_WT, slots_R, dg_WT, aux_dp_R, dz_TR };
    const io = balancing.upstream(given);
    if (!this.scores.backward(plan, io, { accumulate, hasLosses: !balancing.isHash }))
      routerTopkBackward(plan, io, { ...dims, gate: config.router.gate, accumulate });
    balancing.backward(plan, { z_TR, p_TR, dz_TR });
    this.logits.backward(plan, m_TD, dm_TD);
    this.constantsBackward(plan, m_TD, dout_TD, dm_TD);
    const dshared_TD = this.shared ? scratch.slice('dshared_TD') : null;
    if (dshared_TD) this.shared?.backward(plan, m_TD, dout_TD, dshared_TD);
    combineBackwardX(
      plan,
      { route_WT, dm_JD, dout_TD, constants: constantBuffers, dshared_TD, dm_TD },
      dims,
    );
  }

  /** Mixing weights and vectors of the constant slots, and their part of dm. */
  private constantsBackward(plan: PlanBuilder, m_TD: Slice, dout_TD: Slice, dm_TD: Slice): void {
    const { T, D, C } = this.dims;
    if (C === 0) return;
    const { weights, scratch } = this.context;
    const slices = () => scratch.slice('weightSlices');
    const { dmix, vOffset } = this.constants;
    const mixes = `${this.prefix}.mixes`;
    const dims = { T, N: 4 * C, K: D };
    const dlogits = subslice(dmix, 'dmix_TC', 0, vOffset * 4);
    const dvCoef = subslice(dmix, 'vcoef_TC', vOffset * 4, alignBind(T * pad4(C) * 4));
    linearBackwardX(
      plan,
      { dy_TN: dlogits, w_NK: weights.weight(mixes), dx_TK: dm_TD },
      { ...dims, accumulate: true },
    );
    const mixing = { dy_TN: dlogits, x_TK: m_TD, dw_NK: weights.gradient(mixes) };
    linearBackwardW(plan, mixing, dims, slices);
    const vectors = {
      dy_TN: dvCoef,
      x_TK: dout_TD,
      dw_NK: weights.gradient(`${this.prefix}.vectors`),
    };
    linearBackwardW(plan, vectors, { T, N: C, K: D }, slices);
  }
}
