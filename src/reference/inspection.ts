import type { InspectedLayer, Inspection, Intervention } from '../analysis/inspection.ts';
import { checkInterventions } from '../analysis/interventions.ts';
import { layerSelection } from '../config/balancing.ts';
import type { EngineConfig, Selection } from '../config/experiment.ts';
import { layerSpaces } from '../config/layerSpaces.ts';
import { expertOfSlots } from '../config/slots.ts';
import type { LayerSpace } from '../config/telemetry.ts';
import type { Real, RealTensors } from './arrays.ts';
import * as combine from './combine.ts';
import { layerChanges } from './interventions.ts';
import { forward, type Trace } from './model.ts';
import type { MoeLayerSaved } from './moeLayer.ts';

/** A batch of an inspection: token, next token and domain of each position [B·S]. */
export interface InspectedBatch {
  tokens: ArrayLike<number>;
  targets: ArrayLike<number>;
  domains: ArrayLike<number>;
}

export interface InspectionOptions {
  /** Whether capacity drops assignments (`evaluation.capacity`). */
  capacity: boolean;
  interventions?: readonly Intervention[];
  domainNames: readonly string[];
}

/** Lists [T, W] of all batches side by side, made as wide as the widest. */
function widened<A extends Real | Int32Array | Uint8Array>(
  lists: readonly { values: A; W: number }[],
  width: number,
  fill: number,
): number[] {
  return lists.flatMap(({ values, W }) => {
    const rows = W === 0 ? 0 : values.length / W;
    return Array.from({ length: rows * width }, (_, i) => {
      const w = i % width;
      return w < W ? values[Math.floor(i / width) * W + w]! : fill;
    });
  });
}

/** What slots rank by where it is not z: s + b, −∞ outside a pool [T, R]. */
function rankingOf({ z_TR, bias_R, pool_BR, routing, slots }: MoeLayerSaved): number[] | null {
  if (bias_R === null && pool_BR === null) return null;
  const R = slots.length;
  const inSequence = pool_BR === null ? z_TR.length : z_TR.length / (pool_BR.length / R);
  return Array.from(z_TR, (z, i) => {
    const place = Math.floor(i / inSequence) * R + (i % R);
    if (pool_BR !== null && pool_BR[place] === 0) return Number.NEGATIVE_INFINITY;
    return bias_R === null ? z : routing.s_TR[i]! + bias_R[i % R]!;
  });
}

function layerOf(
  { layer, kinds, hidden }: LayerSpace,
  selection: Selection,
  passes: readonly { saved: MoeLayerSaved; norms_TW: Real }[],
): InspectedLayer {
  const W = Math.max(...passes.map(({ saved }) => saved.routing.W));
  const R = kinds.length;
  const listed = <A extends Real | Int32Array | Uint8Array>(
    of: (pass: (typeof passes)[number]) => A,
    fill = 0,
  ) => {
    const lists = passes.map((pass) => ({ values: of(pass), W: pass.saved.routing.W }));
    return widened(lists, W, fill);
  };
  const gates = ({ saved: { routing } }: (typeof passes)[number]) =>
    Float64Array.from(routing.selected_TW, (slot, i) =>
      slot < 0 ? 0 : routing.gates_TR[Math.floor(i / routing.W) * R + slot]!,
    );
  const ranking = passes.map(({ saved }) => rankingOf(saved)).filter((list) => list !== null);
  return {
    layer,
    kinds,
    hidden,
    experts: expertOfSlots(passes[0]!.saved.slots),
    selection,
    W,
    logits: Float32Array.from(passes.flatMap(({ saved }) => [...saved.z_TR])),
    probs: Float32Array.from(passes.flatMap(({ saved }) => [...saved.routing.p_TR])),
    selected: Int32Array.from(listed(({ saved }) => saved.routing.selected_TW, -1)),
    gates: Float32Array.from(listed(gates)),
    dropped: Uint8Array.from(listed(({ saved }) => saved.dispatch.dropped_TW)),
    norms: Float32Array.from(listed(({ norms_TW }) => norms_TW)),
    ...(ranking.length > 0 && { ranking: Float32Array.from(ranking.flat()) }),
  };
}

/**
 * Passes over batches in evaluation mode with interventions (docs/analysis.md, "Inspection").
 * @returns the inspection as figures read it, `ce` in the parameters' precision, and every batch's pass
 * @throws RangeError for an intervention that is refused
 */
export function inspect(
  { params, batches }: { params: RealTensors; batches: readonly InspectedBatch[] },
  config: EngineConfig,
  { capacity, interventions = [], domainNames }: InspectionOptions,
): { inspection: Inspection; ce: Real; traces: Trace[] } {
  const spaces = layerSpaces(config);
  const { S } = config.batch;
  const all = (of: (batch: InspectedBatch) => ArrayLike<number>) =>
    Int32Array.from(batches.flatMap((batch) => Array.from(of(batch))));
  const tokens = all((batch) => batch.tokens);
  checkInterventions(interventions, spaces, tokens.length, config.router.selection);
  const T = tokens.length / batches.length;
  const changesIn = (b: number) => (l: number) =>
    layerChanges(interventions, spaces.find(({ layer }) => layer === l)!, b * T);
  const traces = batches.map((batch, b) => {
    const mode = { step: 0, capacity, randomDrop: true, changes: changesIn(b) };
    return forward({ params, batch }, config, mode).trace;
  });
  const ce = Float64Array.from(traces.flatMap(({ ce_T }) => [...ce_T]));
  const savedOf = (trace: Trace, b: number, layer: number) => {
    const { ffn } = trace.layers[layer]!;
    if (ffn.kind !== 'moe') throw new Error(`reference: layer ${layer} is no MoE layer`);
    const { saved } = ffn;
    const { W } = saved.routing;
    const { D } = config.model;
    const { factor } = changesIn(b)(layer);
    const dims = { T, D, R: saved.slots.length, W, slots: saved.slots, factor };
    return { saved, norms_TW: combine.norms(saved.combine, dims) };
  };
  const inspection: Inspection = {
    n: batches.length,
    B: T / S,
    S,
    tokens,
    targets: all((batch) => batch.targets),
    domains: all((batch) => batch.domains),
    domainNames,
    ce: Float32Array.from(ce),
    layers: spaces.map((space) =>
      layerOf(
        space,
        layerSelection(config, space.layer),
        traces.map((trace, b) => savedOf(trace, b, space.layer)),
      ),
    ),
  };
  return { inspection, ce, traces };
}
