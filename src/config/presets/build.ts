import { DEFAULTS_V1 } from '../defaults.ts';
import { applyChange } from '../edit.ts';
import type { Change, Experiment, Slot } from '../experiment.ts';

export type Paper = 'MoDSE' | 'MoE++' | 'TC-MoE' | 'EqualRes' | 'LaDiMo';

/** A system of a paper at a size that trains in the browser. */
export interface Preset {
  /** Stable id, e.g. `moepp-8+4`. */
  id: string;
  title: string;
  paper: Paper;
  /** Where it stands in the paper, what was kept and what scale changed. */
  remark: string;
  experiment: Experiment;
}

/** The default experiment with changes, later ones winning. */
export function withChanges(...changes: readonly Change[]): Experiment {
  return changes.reduce(applyChange, DEFAULTS_V1);
}

/** One FFN slot per width, in order. */
export function ffn(...widths: readonly number[]): Slot[] {
  return widths.map((hidden) => ({ kind: 'ffn', hidden }));
}

/** `count` FFN slots of one width. */
export function uniform(count: number, hidden: number): Slot[] {
  return Array.from({ length: count }, () => ({ kind: 'ffn', hidden }));
}
