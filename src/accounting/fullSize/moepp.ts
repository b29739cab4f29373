import type { Slot } from '../../config/experiment.ts';
import type { CostConfig } from '../layerGroups.ts';
import { type FullSizeModel, MODEL, ROUTER, repeat } from './common.ts';

interface MoeppShape {
  name: string;
  L: number;
  D: number;
  H: number;
  hidden: number;
  N: number;
  constants: number;
}

/** MoE++ and its plain baselines. */
export function moeppModels(): FullSizeModel[] {
  const small = { L: 12, D: 768, H: 12, hidden: 2048 };
  const sizes: MoeppShape[] = [
    { name: '0.6B', ...small, N: 8, constants: 2 },
    { name: '1B', ...small, N: 16, constants: 2 },
    { name: '2B', ...small, N: 32, constants: 6 },
    { name: '7B', L: 24, D: 1536, H: 16, hidden: 4096, N: 16, constants: 2 },
  ];
  return sizes.flatMap(({ name, N, constants, hidden, ...shape }): FullSizeModel[] => {
    const ffn = repeat(N, { kind: 'ffn', hidden });
    const plain: CostConfig = {
      model: { ...MODEL, ...shape, Hkv: shape.H },
      router: { ...ROUTER, gate: 'softmax' },
      experts: { slots: ffn, sharedHidden: 0 },
      batch: { B: 1, S: 2048 },
    };
    const zeroComputation: Slot[] = [
      ...repeat(constants, { kind: 'constant' }),
      { kind: 'copy' },
      { kind: 'zero' },
    ];
    const moepp: CostConfig = {
      ...plain,
      router: { ...plain.router, gatingResidual: true, capacity: 1.1, tau: 0.75 },
      experts: { slots: [...ffn, ...zeroComputation], sharedHidden: 0 },
    };
    const common = { paper: 'MoE++', source: 'MoE++, Table 2', printed: null } as const;
    const extra = zeroComputation.length;
    return [
      { ...common, id: `moepp-${name}-plain`, label: `MoE ${name}/${N}E`, config: plain },
      { ...common, id: `moepp-${name}`, label: `MoE++ ${name}/(${N}+${extra})E`, config: moepp },
    ];
  });
}
