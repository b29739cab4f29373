import type { EngineConfig, GateMode, RouterConfig, Slot } from '../config/experiment.ts';
import { isMoeLayer, selectionWidth, slotsOfLayer } from '../config/layers.ts';
import type { GpuMemory } from '../gpu/memory.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import type { ConstantBuffers } from '../kernels/combine.ts';
import { placesTable } from '../kernels/dispatch.ts';
import {
  encodeRequests,
  FORCED_WORDS,
  forceSlots,
  type LayerDims,
  type LayerRequest,
  maskLogits,
  REPORT_WORDS,
  reportAssignments,
  requestWords,
  scaleRoutes,
} from '../kernels/interventions.ts';
import { pad4 } from '../layout/sizes.ts';

/** What a pass is asked to do otherwise in one MoE layer; tokens count within the batch. */
export interface LayerAsk extends LayerRequest {
  scaled: readonly { token: number; slot: number; factor: number }[];
}

interface SharedBuffers {
  requests: Slice;
  refused: Slice;
  /** Logits that are left, of one layer at a time. */
  left_TR: Slice;
}

/** One MoE layer of an inspection's plan: `MoeFfn.forward` calls each where its turn is. */
export class LayerInterventions {
  readonly layer: number;
  readonly W: number;
  readonly R: number;
  readonly T: number;
  /** [W, T, 4]: slot, gate, dropped, norm. */
  readonly report_WT: Slice;
  /** Places for any number of assignments, where there is capacity. */
  readonly places: { aMin: number; slice: Slice } | null;
  private readonly slots: readonly Slot[];
  private readonly memory: GpuMemory;
  private readonly shared: SharedBuffers;
  private readonly dims: LayerDims;
  private readonly factor_TR: Slice;
  private readonly factors: Float32Array<ArrayBuffer>;
  /** Whether the GPU's factors are all 1. */
  private isPlain = false;

  constructor(
    memory: GpuMemory,
    { router, experts }: EngineConfig,
    layer: number,
    shared: SharedBuffers,
    dims: Pick<LayerDims, 'T' | 'request' | 'forced'>,
  ) {
    const { T } = dims;
    this.T = T;
    this.memory = memory;
    this.shared = shared;
    this.layer = layer;
    this.slots = slotsOfLayer(experts, layer);
    this.R = this.slots.length;
    this.W = selectionWidth(router, this.R);
    this.dims = { ...dims, R: this.R, W: this.W };
    const store = (name: string, words: number) =>
      memory.storage(`layers.${layer}.inspection:${name}`, words * 4, 'inspection');
    this.report_WT = store('report_WT', this.W * T * REPORT_WORDS);
    this.factors = new Float32Array(T * pad4(this.R)).fill(1);
    this.factor_TR = store('factor_TR', this.factors.length);
    this.places =
      router.capacity === null
        ? null
        : { aMin: 0, slice: store('places_A2', (this.W * T + 1) * 2) };
    this.writePlaces(router);
  }

  writePlaces(router: RouterConfig): void {
    if (this.places === null) return;
    const { words } = placesTable(this.slots, router, this.dims.T, false);
    const { buffer } = this.places.slice;
    this.memory.device.queue.writeBuffer(buffer, 0, words as BufferSource);
  }

  /** Uploads the factors where they are others. */
  writeFactors(scaled: LayerAsk['scaled']): void {
    if (this.isPlain && scaled.length === 0) return;
    const { factors, factor_TR, R } = this;
    if (!this.isPlain) factors.fill(1);
    for (const { token, slot, factor } of scaled) factors[token * pad4(R) + slot]! *= factor;
    this.memory.device.queue.writeBuffer(factor_TR.buffer, factor_TR.offset, factors);
    this.isPlain = scaled.length === 0;
  }

  /** The logits by which slots are selected. */
  mask(plan: PlanBuilder, z_TR: Slice): Slice {
    const { left_TR } = this.shared;
    maskLogits(plan, { z_TR, ...this.shared }, this.dims);
    return left_TR;
  }

  force(
    plan: PlanBuilder,
    io: { z_TR: Slice; slots_R: Slice; p_TR: Slice; g_TR: Slice; selected_WT: Slice },
    gate: GateMode,
  ): void {
    forceSlots(plan, { ...io, ...this.shared }, { ...this.dims, gate });
  }

  scale(plan: PlanBuilder, io: { selected_WT: Slice; route_WT: Slice }): void {
    scaleRoutes(plan, { ...io, factor_TR: this.factor_TR }, this.dims);
  }

  report(
    plan: PlanBuilder,
    io: {
      selected_WT: Slice;
      g_TR: Slice;
      route_WT: Slice;
      y_JD: Slice;
      m_TD: Slice;
      constants: ConstantBuffers | null;
    },
    { D, C }: { D: number; C: number },
  ): void {
    reportAssignments(plan, { ...io, report_WT: this.report_WT }, { ...this.dims, D, C });
  }
}

/** Buffers of an inspection's plan beside those of the network that it runs. */
export class Interventions {
  readonly layers: readonly LayerInterventions[];
  /** Most forced slots of one pass. */
  readonly mostForced: number;
  private readonly memory: GpuMemory;
  private readonly shared: SharedBuffers;

  constructor(memory: GpuMemory, config: EngineConfig, mostForced: number) {
    const { model, experts, batch } = config;
    const T = batch.B * batch.S;
    const indices = Array.from({ length: model.L }, (_, layer) => layer);
    const moe = indices.filter((layer) => isMoeLayer(model, layer));
    const widths = moe.map((layer) => slotsOfLayer(experts, layer).length);
    const begins = widths.map((_, i) =>
      widths.slice(0, i).reduce((sum, R) => sum + requestWords(R), 0),
    );
    const forced = widths.reduce((sum, R) => sum + requestWords(R), 0);
    const store = (name: string, words: number) =>
      memory.storage(`inspection:${name}`, words * 4, 'inspection');
    this.memory = memory;
    this.mostForced = mostForced;
    this.shared = {
      requests: store('requests', forced + mostForced * FORCED_WORDS),
      refused: store('refused', mostForced),
      left_TR: store('left_TR', T * pad4(Math.max(0, ...widths))),
    };
    this.layers = moe.map(
      (layer, i) =>
        new LayerInterventions(memory, config, layer, this.shared, {
          T,
          request: begins[i]!,
          forced,
        }),
    );
  }

  /** Of each forced slot of the last pass, in order of layers: 1 + k_u where its rank was refused. */
  get refused(): Slice {
    return this.shared.refused;
  }

  /** @throws Error for a layer that is no MoE layer */
  of(layer: number): LayerInterventions {
    const found = this.layers.find((one) => one.layer === layer);
    if (found === undefined) throw new Error(`inspection: layer ${layer} is no MoE layer`);
    return found;
  }

  writePlaces(router: RouterConfig): void {
    for (const layer of this.layers) layer.writePlaces(router);
  }

  /** What the next pass is asked, MoE layer by MoE layer. */
  write(asks: readonly LayerAsk[]): void {
    const { buffer, offset } = this.shared.requests;
    if (asks.length > 0) {
      this.memory.device.queue.writeBuffer(buffer, offset, encodeRequests(asks));
    }
    this.layers.forEach((layer, i) => {
      layer.writeFactors(asks[i]!.scaled);
    });
  }
}
