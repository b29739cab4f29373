import type { ModelConfig, RouterConfig, Slot } from '../../config/experiment.ts';
import { plainRouter } from '../../config/plainRouter.ts';
import type { CostConfig } from '../layerGroups.ts';

/** A model of a paper at full size, for accounting only. */
export interface FullSizeModel {
  id: string;
  label: string;
  paper: 'MoDSE' | 'MoE++' | 'EqualRes' | 'TC-MoE';
  /** Table of the paper. */
  source: string;
  config: CostConfig;
  /** Parameter counts as printed; `withVocabulary` where they include one vocabulary table. */
  printed: { total: number; active: number | null; withVocabulary: boolean } | null;
}

/** Fields that a paper leaves open or that no count depends on. */
export const MODEL: ModelConfig = {
  V: 65536,
  D: 1,
  L: 1,
  H: 1,
  Hkv: 1,
  positions: 'rope',
  ropeBase: 10000,
  keyNorm: false,
  normEps: 1e-5,
  tied: false,
  denseHidden: 1,
  arrangement: 'full',
};

export const ROUTER: RouterConfig = plainRouter();

export function repeat(count: number, slot: Slot): Slot[] {
  return Array.from({ length: count }, () => slot);
}
