import type { EngineConfig } from '../config/experiment.ts';
import { isMoeLayer, selectionWidth, slotsOfLayer } from '../config/layers.ts';
import {
  fieldLength,
  STEP_WORD,
  TELEMETRY_FIELDS,
  type TelemetryName,
} from '../config/telemetry.ts';

/** Steps that the ring holds before the oldest record is overwritten. */
export const RING_STEPS = 64;

/** Record that passes outside training steps write. */
export const SPARE_SLOT = RING_STEPS;

/** Words before the first section; whole vec4s. */
export const RECORD_HEADER = Math.ceil((STEP_WORD + 1) / 4) * 4;

/** Where one MoE layer's fields lie in a record, in 4-byte words. */
export type LayerSection = { layer: number; R: number; W: number } & Record<TelemetryName, number>;

/** One record per step: scalars, refusal flag and step number, then one section per MoE layer. */
export interface TelemetryLayout {
  /** Words of a record. */
  record: number;
  domains: number;
  sections: readonly LayerSection[];
}

/** What lies where in the ring; `config` says which layers are MoE layers and how wide they select. */
export function telemetryLayout(
  config: Pick<EngineConfig, 'model' | 'router' | 'experts'>,
  domains: number,
): TelemetryLayout {
  let word = RECORD_HEADER;
  const sections: LayerSection[] = [];
  for (let layer = 0; layer < config.model.L; layer++) {
    if (!isMoeLayer(config.model, layer)) continue;
    const R = slotsOfLayer(config.experts, layer).length;
    const W = selectionWidth(config.router, R);
    const offsets = TELEMETRY_FIELDS.map(({ name, shape }) => {
      const at = word;
      word += fieldLength(shape, { R, W, domains });
      return [name, at] as const;
    });
    const fields = Object.fromEntries(offsets) as Record<TelemetryName, number>;
    sections.push({ layer, R, W, ...fields });
  }
  return { record: word, domains, sections };
}

/** Bytes of a ring: its records and one more, for passes that nobody records. */
export function ringBytes(layout: TelemetryLayout): number {
  return (RING_STEPS + 1) * layout.record * 4;
}
