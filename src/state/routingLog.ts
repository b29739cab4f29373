import type { SlotKind } from '../config/experiment.ts';
import { isComputing, SLOT_KINDS } from '../config/slots.ts';
import type { LayerLoads, StepRecords } from '../config/telemetry.ts';
import { StepTable } from './stepTable.ts';

/** A layer as the log needs it. */
export interface LoggedLayer {
  layer: number;
  kinds: readonly SlotKind[];
}

interface LayerSums {
  /** Assignments per kind, dropped ones included. */
  byKind: Record<SlotKind, number>;
  /** Kept assignments to slots that compute. */
  computing: number;
  drops: number;
}

function noSums(): LayerSums {
  const byKind = { ffn: 0, negated: 0, zero: 0, copy: 0, constant: 0 };
  return { byKind, computing: 0, drops: 0 };
}

/** Sums of row i of one layer's loads. */
function sumsOf({ R, W, assignments, drops }: LayerLoads, i: number, kinds: readonly SlotKind[]) {
  const sums = noSums();
  kinds.forEach((kind, r) => {
    let count = 0;
    for (let w = 0; w < W; w++) count += assignments[(i * W + w) * R + r]!;
    const dropped = drops[i * R + r]!;
    sums.byKind[kind] += count;
    sums.drops += dropped;
    if (isComputing(kind)) sums.computing += count - dropped;
  });
  return sums;
}

/**
 * What routing amounts to, per step: computing experts per token (kept assignments to `ffn` and
 * `negated` slots over the tokens) of every MoE layer and on average, the kinds' shares of all
 * assignments, and dropped assignments.
 */
export class RoutingLog {
  #layers: readonly LoggedLayer[];
  readonly #tokens: number;
  readonly #table: StepTable;

  /** @param tokens tokens of a batch, T */
  constructor(layers: readonly LoggedLayer[], tokens: number) {
    this.#layers = layers;
    this.#tokens = tokens;
    this.#table = new StepTable(layers.length + 1 + SLOT_KINDS.length + 1);
  }

  /** MoE layers with the slots that are counted now. */
  get layers(): readonly LoggedLayer[] {
    return this.#layers;
  }

  /** Other expert spaces of the same layers are in force for all steps to come. */
  begin(layers: readonly LoggedLayer[]): void {
    this.#layers = layers;
  }

  get firstStep(): number {
    return this.#table.firstStep;
  }

  /** Computing experts per token of a layer (by its place among the MoE layers), or the mean [length]. */
  computing(place: number | 'mean'): Float32Array {
    return this.#table.column(place === 'mean' ? this.layers.length : place);
  }

  /** Part of all assignments of all layers that goes to slots of a kind [length]. */
  share(kind: SlotKind): Float32Array {
    return this.#table.column(this.layers.length + 1 + SLOT_KINDS.indexOf(kind));
  }

  /** Dropped assignments of all layers [length]. */
  get drops(): Float32Array {
    return this.#table.column(this.layers.length + 1 + SLOT_KINDS.length);
  }

  append({ firstStep, n, layers }: StepRecords): void {
    const rows = Array.from({ length: n }, (_, i) => this.#row(layers, i));
    this.#table.append(firstStep, n, (c, i) => rows[i]![c]!);
  }

  #row(loads: readonly LayerLoads[], i: number): number[] {
    const perLayer = this.layers.map(({ layer, kinds }) => {
      const found = loads.find((entry) => entry.layer === layer);
      return found === undefined ? noSums() : sumsOf(found, i, kinds);
    });
    const total = (pick: (sums: LayerSums) => number) =>
      perLayer.reduce((sum, entry) => sum + pick(entry), 0);
    const assigned = SLOT_KINDS.map((kind) => total(({ byKind }) => byKind[kind]));
    const all = assigned.reduce((a, b) => a + b, 0);
    return [
      ...perLayer.map(({ computing }) => computing / this.#tokens),
      total(({ computing }) => computing) / this.#tokens / this.layers.length,
      ...assigned.map((count) => count / all),
      total(({ drops }) => drops),
    ];
  }
}
