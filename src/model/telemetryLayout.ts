import type { EngineConfig } from '../config/experiment.ts';
import { isMoeLayer, selectionWidth, slotsOfLayer } from '../config/layers.ts';
import { RECORD } from '../kernels/codes.ts';

/** Where one MoE layer's figures lie in a record of the telemetry ring, in 4-byte words. */
export interface LayerSection {
  layer: number;
  R: number;
  W: number;
  /** u32 [W, R] assignments by rank. */
  assignments: number;
  /** u32 [R] */
  drops: number;
  /** f32 [R] */
  meanProb: number;
  /** f32 [R] */
  meanGate: number;
  /** u32 [R, domains] */
  domains: number;
}

/** One record per step: scalars, refusal flag and step number, then one section per MoE layer. */
export interface TelemetryLayout {
  /** Words of a record. */
  record: number;
  domains: number;
  sections: readonly LayerSection[];
}

/** Words before the first section: 9 scalars, the refused flag, the step, one unused. */
export const RECORD_HEADER = 12;
export const REFUSED_WORD = RECORD.refused;
export const STEP_WORD = RECORD.step;

export function telemetryLayout(config: EngineConfig, domains: number): TelemetryLayout {
  let word = RECORD_HEADER;
  const take = (n: number) => {
    const at = word;
    word += n;
    return at;
  };
  const sections: LayerSection[] = [];
  for (let layer = 0; layer < config.model.L; layer++) {
    if (!isMoeLayer(config.model, layer)) continue;
    const R = slotsOfLayer(config.experts, layer).length;
    const W = selectionWidth(config.router, R);
    sections.push({
      layer,
      R,
      W,
      assignments: take(W * R),
      drops: take(R),
      meanProb: take(R),
      meanGate: take(R),
      domains: take(R * domains),
    });
  }
  return { record: word, domains, sections };
}
