import type { Slot } from '../../config/experiment.ts';
import type { CostConfig } from '../layerGroups.ts';
import { type FullSizeModel, MODEL, ROUTER } from './common.ts';

/** Widths of MoDSE's experts as multiples of D, in pairs of equal sum (section 4.1). */
export const MODSE_RATIOS = [4.5, 0.5, 4, 1, 3, 2, 2.5, 2.5] as const;

/** MoDSE and its uniform baselines; the paper does not print its context (2048 assumed). */
export function modseModels(): FullSizeModel[] {
  const sizes = [
    { name: '300M × 8', id: '300M', L: 8, D: 1536, H: 12 },
    { name: '700M × 8', id: '700M', L: 12, D: 2048, H: 32 },
  ];
  return sizes.flatMap(({ name, id, ...shape }): FullSizeModel[] => {
    const config = (ratios: readonly number[], noise: boolean): CostConfig => ({
      model: { ...MODEL, ...shape, V: 30064, Hkv: shape.H },
      router: { ...ROUTER, noise },
      experts: {
        slots: ratios.map((ratio): Slot => ({ kind: 'ffn', hidden: ratio * shape.D })),
        sharedHidden: 0,
      },
      batch: { B: 1, S: 2048 },
    });
    const common = { paper: 'MoDSE', source: 'MoDSE, Tables 1 and 2', printed: null } as const;
    const uniform = MODSE_RATIOS.map(() => 2.5);
    return [
      {
        ...common,
        id: `modse-${id}-uniform`,
        label: `Uniform ${name}`,
        config: config(uniform, true),
      },
      { ...common, id: `modse-${id}`, label: `MoDSE ${name}`, config: config(MODSE_RATIOS, true) },
    ];
  });
}
