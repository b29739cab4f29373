import type { Slot } from '../../config/experiment.ts';
import type { CostConfig } from '../layerGroups.ts';
import { type FullSizeModel, MODEL, ROUTER, repeat } from './common.ts';

/** TC-MoE's vocabulary, tied (section 4.1). */
const TCMOE_VOCABULARY = 50257;

interface TcmoeShape {
  L: number;
  D: number;
  H: number;
  hidden: number;
  K: number;
  N: number;
}

function tcmoeConfig({ L, D, H, hidden, K, N }: TcmoeShape, ternary: boolean): CostConfig {
  const plain = repeat(N, { kind: 'ffn', hidden });
  const negated = Array.from({ length: N }, (_, of): Slot => ({ kind: 'negated', of }));
  const slots = ternary ? [...plain, ...negated, ...repeat(K, { kind: 'zero' })] : plain;
  return {
    model: { ...MODEL, V: TCMOE_VOCABULARY, D, L, H, Hkv: 2, keyNorm: true, tied: true },
    router: {
      ...ROUTER,
      K,
      gate: ternary ? 'renormalizedWithNull' : 'renormalized',
      bias: ternary,
    },
    experts: { slots, sharedHidden: 0 },
    batch: { B: 1, S: 2048 },
  };
}

/** TC-MoE and its Top-K baselines. */
export function tcmoeModels(): FullSizeModel[] {
  const sizes: [string, TcmoeShape, number, number][] = [
    ['tiny', { L: 24, D: 768, H: 12, hidden: 2048, K: 2, N: 8 }, 977.6e6, 298.1e6],
    ['base', { L: 32, D: 1024, H: 16, hidden: 2816, K: 2, N: 8 }, 2341.6e6, 680.6e6],
    ['fine-grained', { L: 32, D: 1024, H: 16, hidden: 1280, K: 4, N: 16 }, 2140.2e6, 630.3e6],
  ];
  return sizes.flatMap(([name, shape, total, active]): FullSizeModel[] => [
    {
      id: `tcmoe-${name}-topk`,
      label: `Top-K baseline of TC-MoE, ${name}`,
      paper: 'TC-MoE',
      source: 'TC-MoE, Table 2',
      config: tcmoeConfig(shape, false),
      printed: { total, active, withVocabulary: true },
    },
    {
      id: `tcmoe-${name}`,
      label: `TC-MoE, ${name}`,
      paper: 'TC-MoE',
      source: 'TC-MoE, Table 2',
      config: tcmoeConfig(shape, true),
      printed: null,
    },
  ]);
}
