/** MoE++ Table C as printed: WinoGrande accuracy of MoE++ 7B/(16+4)E in %, by the kinds that are removed. */
import type { SlotKind } from '../../../config/experiment.ts';

export const TABLE_C: readonly (readonly [removed: readonly SlotKind[], accuracy: number])[] = [
  [[], 63.1],
  [['zero'], 62.0],
  [['copy'], 62.2],
  [['constant'], 61.9],
  [['zero', 'copy'], 61.8],
  [['zero', 'constant'], 61.4],
  [['copy', 'constant'], 61.7],
  [['zero', 'copy', 'constant'], 61.0],
];
