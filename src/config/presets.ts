/** Systems and baselines of the five papers, and today's balancing, at a size that trains in the browser. */
import { balancingPresets } from './presets/balancing.ts';
import type { Preset } from './presets/build.ts';
import { equalresPresets } from './presets/equalres.ts';
import { ladimoPresets } from './presets/ladimo.ts';
import { modsePresets } from './presets/modse.ts';
import { moeppPresets } from './presets/moepp.ts';
import { tcmoePresets } from './presets/tcmoe.ts';

export type { Paper, Preset } from './presets/build.ts';

/** All presets, paper by paper. */
export const PRESETS: readonly Preset[] = [
  ...modsePresets,
  ...moeppPresets,
  ...tcmoePresets,
  ...equalresPresets,
  ...ladimoPresets,
  ...balancingPresets,
];

/** Preset of an id, or undefined. */
export function presetById(id: string): Preset | undefined {
  return PRESETS.find((preset) => preset.id === id);
}
