import { DEFAULTS_V1 } from '../defaults.ts';
import { applyChange } from '../edit.ts';
import type { Change, Experiment, Slot } from '../experiment.ts';

export type Paper = 'MoDSE' | 'MoE++' | 'TC-MoE' | 'EqualRes' | 'LaDiMo';

/** A system of a paper, or how a model of today balances its routers, at a size that trains in the browser. */
export interface Preset {
  /** Stable id, e.g. `moepp-8+4`. */
  id: string;
  title: string;
  paper: Paper | 'Balancing';
  /** Where it stands in the paper, what was kept and what scale changed. */
  remark: string;
  experiment: Experiment;
}

/** Size of the papers' systems here: large enough for their differences, small enough for a browser. */
const PRESET_SIZE: Change = {
  'model.D': 128,
  'model.L': 4,
  'model.denseHidden': 512,
  'experts.slots': uniform(8, 256),
  'batch.B': 16,
  'batch.S': 128,
};

/** The default experiment at the presets' size with changes, later ones winning. */
export function withChanges(...changes: readonly Change[]): Experiment {
  return [PRESET_SIZE, ...changes].reduce(applyChange, DEFAULTS_V1);
}

/** One FFN slot per width, in order. */
export function ffn(...widths: readonly number[]): Slot[] {
  return widths.map((hidden) => ({ kind: 'ffn', hidden }));
}

/** `count` FFN slots of one width. */
export function uniform(count: number, hidden: number): Slot[] {
  return Array.from({ length: count }, () => ({ kind: 'ffn', hidden }));
}
