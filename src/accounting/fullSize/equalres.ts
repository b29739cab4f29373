import type { Arrangement } from '../../config/experiment.ts';
import type { CostConfig } from '../layerGroups.ts';
import { type FullSizeModel, MODEL, ROUTER, repeat } from './common.ts';

/** Backbone of a family of EqualRes models: depth, width, dense FFN, heads, context. */
export interface EqualResShape {
  L: number;
  D: number;
  denseHidden: number;
  H: number;
  S: number;
}

/** Expert space of an EqualRes model: E experts of width De, K chosen, shared expert of width Dse. */
export interface EqualResExperts {
  E: number;
  K: number;
  De: number;
  Dse: number;
}

/** A model of EqualRes: `1dense` with shared expert, gates not normalised, ALiBi (section 4, Table 4). */
export function equalResMoe(
  shape: EqualResShape,
  { E, K, De, Dse }: EqualResExperts,
  arrangement: Arrangement = '1dense',
): CostConfig {
  const { S, ...model } = shape;
  return {
    model: { ...MODEL, ...model, Hkv: shape.H, positions: 'alibi', arrangement },
    router: { ...ROUTER, K, gate: 'softmax' },
    experts: { slots: repeat(E, { kind: 'ffn', hidden: De }), sharedHidden: Dse },
    batch: { B: 1, S },
  };
}

/** A dense model of EqualRes (Table 14). */
export function equalResDense(shape: EqualResShape): CostConfig {
  return equalResMoe(shape, { E: 1, K: 1, De: 1, Dse: 0 }, 'dense');
}

/** Backbones of EqualRes by size: Tables 9 and 10 · 15 and 16 · 11, 12, 13 and 17. */
export const EQUALRES_SHAPES = {
  '2B': { L: 16, D: 1408, denseHidden: 3904, H: 11, S: 2048 },
  '3B': { L: 24, D: 1408, denseHidden: 3904, H: 11, S: 2048 },
  '7B': { L: 24, D: 2048, denseHidden: 5464, H: 16, S: 2048 },
} as const satisfies Record<string, EqualResShape>;

/** Dense baselines of EqualRes by size (Table 14). */
export const EQUALRES_DENSE_SHAPES = {
  '2B': { L: 28, D: 2176, denseHidden: 8848, H: 17, S: 2048 },
  '3B': { L: 44, D: 2432, denseHidden: 7008, H: 19, S: 2048 },
  '7B': { L: 32, D: 4096, denseHidden: 11008, H: 32, S: 2048 },
} as const satisfies Record<string, EqualResShape>;

/** E, K, De, Dse, printed Na by size, in order of activation rate. */
const EQUALRES_SWEEPS = {
  '2B': {
    source: 'EqualRes, Table 10',
    N: 2.15e9,
    rows: [
      [89, 1, 352, 352, 1.88e8],
      [88, 2, 352, 704, 2.33e8],
      [86, 4, 352, 1408, 3.24e8],
      [85, 5, 352, 1760, 3.68e8],
      [93, 6, 320, 1920, 3.89e8],
      [84, 6, 352, 2112, 4.11e8],
      [92, 7, 320, 2240, 4.29e8],
      [8, 1, 3528, 3528, 5.9e8],
      [84, 15, 320, 4800, 7.52e8],
      [8, 2, 3176, 6352, 9.48e8],
      [84, 26, 288, 7488, 1.09e9],
      [8, 3, 2888, 8664, 1.24e9],
    ],
  },
  '3B': {
    source: 'EqualRes, Table 15',
    N: 3.29e9,
    rows: [
      [89, 1, 352, 352, 2.78e8],
      [88, 2, 352, 704, 3.47e8],
      [86, 4, 352, 1408, 4.83e8],
      [84, 6, 352, 2112, 6.2e8],
      [8, 1, 3528, 3528, 8.93e8],
      [84, 15, 320, 4800, 1.14e9],
      [8, 2, 3176, 6352, 1.44e9],
      [84, 26, 288, 7488, 1.66e9],
      [8, 3, 2888, 8664, 1.89e9],
    ],
  },
  '7B': {
    source: 'EqualRes, Table 12',
    N: 6.52e9,
    rows: [
      [83, 1, 512, 512, 5.85e8],
      [82, 2, 512, 1024, 7.3e8],
      [81, 3, 512, 1536, 8.74e8],
      [80, 4, 512, 2048, 1.02e9],
      [78, 6, 512, 3072, 1.31e9],
      [86, 10, 448, 4480, 1.71e9],
      [84, 12, 448, 5376, 1.96e9],
      [84, 28, 384, 10752, 3.48e9],
    ],
  },
} as const;

const EQUALRES_SIZES = ['2B', '3B', '7B'] as const;

/** MoE and dense models of EqualRes at 2B, 3B and 7B. */
export function equalResModels(): FullSizeModel[] {
  return EQUALRES_SIZES.flatMap((size) => {
    const { source, N, rows } = EQUALRES_SWEEPS[size];
    const dense: FullSizeModel = {
      id: `equalres-${size}-dense`,
      label: `EqualRes ${size}, dense`,
      paper: 'EqualRes',
      source: 'EqualRes, Table 14',
      config: equalResDense(EQUALRES_DENSE_SHAPES[size]),
      printed: { total: size === '7B' ? 6.48e9 : N, active: null, withVocabulary: false },
    };
    const moe = rows.map(
      ([E, K, De, Dse, Na]): FullSizeModel => ({
        id: `equalres-${size}-${E}x${De}-top${K}`,
        label: `EqualRes ${size}, ${K} of ${E} × ${De}`,
        paper: 'EqualRes',
        source,
        config: equalResMoe(EQUALRES_SHAPES[size], { E, K, De, Dse }),
        printed: { total: N, active: Na, withVocabulary: false },
      }),
    );
    return [dense, ...moe];
  });
}
