/** From what a pass leaves in its buffers to the plain arrays of an inspection. */
import type { InspectedLayer } from '../../analysis/inspection.ts';
import { hasSelectionBias, layerSelection } from '../../config/balancing.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import { selectionWidth, slotsOfLayer } from '../../config/layers.ts';
import { expertOfSlots, slotWidths } from '../../config/slots.ts';
import { readSlices } from '../../gpu/readback.ts';
import type { Slice } from '../../gpu/slice.ts';
import { REPORT_WORDS } from '../../kernels/interventions.ts';
import { pad4 } from '../../layout/sizes.ts';
import type { LayerInterventions } from '../../model/interventions.ts';
import type { MoeFfn } from '../../model/moeFfn.ts';

/** Slot of a token that selects no more. */
const NONE = -1;

/** The first rows of a padded activation [T, pad4(width)]. */
function firstRows(slice: Slice, rows: number, width: number): Slice {
  return { ...slice, size: rows * pad4(width) * 4 };
}

/** Copies rows [rows, pad4(width)] without their padding. */
function copyRows(bytes: ArrayBuffer, width: number, into: Float32Array): void {
  const padded = new Float32Array(bytes);
  if (pad4(width) === width) {
    into.set(padded);
    return;
  }
  for (let r = 0; r * width < into.length; r++) {
    into.set(padded.subarray(r * pad4(width), r * pad4(width) + width), r * width);
  }
}

/** [U, from] as [U, to], where nothing lies beyond. */
function narrowed<A extends Float32Array | Int32Array | Uint8Array>(
  values: A,
  from: number,
  to: number,
): A {
  if (from === to) return values;
  return values.filter((_, i) => i % from < to) as A;
}

/** One MoE layer over the passes of an inspection, filled batch by batch. */
export class LayerReader {
  private readonly device: GPUDevice;
  private readonly config: EngineConfig;
  readonly layer: number;
  private readonly R: number;
  /** Ranks that there may be. */
  private readonly W: number;
  private readonly logits: Float32Array<ArrayBuffer>;
  private readonly probs: Float32Array<ArrayBuffer>;
  /** v of docs/balancing.md [U, R]; null where slots rank by their logits. */
  private readonly ranking: Float32Array<ArrayBuffer> | null;
  private readonly selected: Int32Array<ArrayBuffer>;
  private readonly gates: Float32Array<ArrayBuffer>;
  private readonly dropped: Uint8Array<ArrayBuffer>;
  private readonly norms: Float32Array<ArrayBuffer>;

  /** @param U tokens of the inspection */
  constructor(device: GPUDevice, config: EngineConfig, layer: number, U: number) {
    this.device = device;
    this.config = config;
    this.layer = layer;
    this.R = slotsOfLayer(config.experts, layer).length;
    this.W = selectionWidth(config.router, this.R);
    this.logits = new Float32Array(U * this.R);
    this.probs = new Float32Array(U * this.R);
    const isRanked = this.isPooled || hasSelectionBias(config, layer);
    this.ranking = isRanked ? new Float32Array(U * this.R) : null;
    this.selected = new Int32Array(U * this.W).fill(NONE);
    this.gates = new Float32Array(U * this.W);
    this.dropped = new Uint8Array(U * this.W);
    this.norms = new Float32Array(U * this.W);
  }

  /**
   * Reads the first `rows` tokens of a pass as those from `first` on. The copies are queued at once,
   * before this returns its promise.
   */
  async read(
    ffn: MoeFfn,
    { report_WT, T }: LayerInterventions,
    { first, rows }: { first: number; rows: number },
  ): Promise<void> {
    const { R, logits, probs } = this;
    const slices = [ffn.logits.z_TR, ffn.p_TR].map((slice) => firstRows(slice, rows, R));
    const { bias_R, s_TR } = ffn.scores;
    const biased = bias_R === null ? [] : [firstRows(s_TR, rows, R), bias_R];
    const read = await readSlices(this.device, [...slices, report_WT, ...biased]);
    const [z, p, report, ...scores] = read as [ArrayBuffer, ArrayBuffer, ArrayBuffer];
    const range = [first * R, (first + rows) * R] as const;
    copyRows(z, R, logits.subarray(...range));
    copyRows(p, R, probs.subarray(...range));
    this.rank(scores, range);
    this.take(report, T, { first, rows });
  }

  /** Whether sequences have pools, outside of which p is 0. */
  private get isPooled(): boolean {
    const { pool } = this.config.router;
    return pool !== null && pool.evaluation !== null;
  }

  /** @param scores s and b; none without a bias */
  private rank([s, b]: readonly ArrayBuffer[], range: readonly [number, number]): void {
    const { R, isPooled } = this;
    const v = this.ranking?.subarray(...range);
    if (v === undefined) return;
    const probs = this.probs.subarray(...range);
    if (s === undefined || b === undefined) v.set(this.logits.subarray(...range));
    else {
      copyRows(s, R, v);
      const bias = new Float32Array(b);
      for (let i = 0; i < v.length; i++) v[i]! += bias[i % R]!;
    }
    if (!isPooled) return;
    for (let i = 0; i < v.length; i++) if (probs[i] === 0) v[i] = Number.NEGATIVE_INFINITY;
  }

  /** @param T tokens of the pass */
  private take(
    report: ArrayBuffer,
    T: number,
    { first, rows }: { first: number; rows: number },
  ): void {
    const { W, selected, gates, dropped, norms } = this;
    const words = new Int32Array(report);
    const floats = new Float32Array(report);
    for (let w = 0; w < W; w++) {
      for (let t = 0; t < rows; t++) {
        const from = (w * T + t) * REPORT_WORDS;
        const to = (first + t) * W + w;
        selected[to] = words[from]!;
        gates[to] = floats[from + 1]!;
        dropped[to] = words[from + 2]!;
        norms[to] = floats[from + 3]!;
      }
    }
  }

  /** Most slots that a token selects: as the selection says, or as they do where it leaves that open. */
  private get ranks(): number {
    const { W, selected } = this;
    const { selection } = this.config.router;
    if (selection !== 'topp' && selection !== 'expertChoice') return W;
    let most = 0;
    selected.forEach((slot, i) => {
      if (slot !== NONE) most = Math.max(most, (i % W) + 1);
    });
    return most;
  }

  layerOf(): InspectedLayer {
    const slots = slotsOfLayer(this.config.experts, this.layer);
    const W = this.ranks;
    return {
      layer: this.layer,
      kinds: slots.map(({ kind }) => kind),
      hidden: slotWidths(slots),
      experts: expertOfSlots(slots),
      selection: layerSelection(this.config, this.layer),
      W,
      logits: this.logits,
      probs: this.probs,
      ...(this.ranking && { ranking: this.ranking }),
      selected: narrowed(this.selected, this.W, W),
      gates: narrowed(this.gates, this.W, W),
      dropped: narrowed(this.dropped, this.W, W),
      norms: narrowed(this.norms, this.W, W),
    };
  }
}
