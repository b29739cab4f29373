/** c. Kinds of slots (docs/analysis.md). */
import { SLOT_KINDS } from '../../config/slots.ts';
import { byKind, slotCounts } from './assignments.ts';
import { type FigureTensor, figureOf, real } from './figure.ts';
import { quotient, sum } from './numbers.ts';

const K = SLOT_KINDS.length;

export interface LayerKinds {
  U: number;
  A: number;
  /** Assignments by kind [5]. */
  byKind: Int32Array;
  /** Assignments to E_i and to −E_i, by FFN expert [N, 2]. */
  pairs: Int32Array;
}

/** Pair sums of a layer whose experts take equal parts: the mean of Eᵢ and −Eᵢ together. */
export function equalPair({ data }: FigureTensor): number {
  return quotient(sum(data), data.length / 2);
}

const RATIO = {
  label: 'Share of the kind',
  formula: 'assignments to slots of the kind / A',
  meaning: 'Part of all assignments that goes to slots of a kind.',
  source: 'TC-MoE Fig. 6, 8',
  format: 'percent',
  axes: ['K'],
} as const;

const layerRows = {
  ratio: {
    ...RATIO,
    compute: (of: LayerKinds) => real([K], (kind) => of.byKind[kind]! / of.A),
  },
  perToken: {
    label: 'Slots of the kind per token',
    formula: 'assignments to slots of the kind / U',
    meaning: 'Slots of a kind that a token chooses, on average.',
    source: 'MoE++ Fig. 4, A to F',
    format: 'decimal',
    axes: ['K'],
    compute: (of: LayerKinds) => real([K], (kind) => of.byKind[kind]! / of.U),
  },
  pairs: {
    label: 'E and −E',
    formula: '[assignments to Eᵢ, to −Eᵢ] / A',
    meaning: 'Each expert’s part as it is and with its sign turned; balanced where the sums agree.',
    source: 'TC-MoE Fig. 7',
    format: 'percent',
    axes: ['N', 'sign'],
    compute: ({ pairs, A }: LayerKinds) => real([pairs.length / 2, 2], (i) => pairs[i]! / A),
  },
} as const;

const rows = {
  ratio: {
    ...RATIO,
    compute: (layers: readonly LayerKinds[]) => {
      const A = layers.reduce((total, layer) => total + layer.A, 0);
      const count = (kind: number) =>
        layers.reduce((total, layer) => total + layer.byKind[kind]!, 0);
      return real([K], (kind) => count(kind) / A);
    },
  },
} as const;

export const kinds = figureOf<object, LayerKinds, readonly LayerKinds[]>()({
  id: 'kinds',
  title: 'Kinds of slots',
  ofLayer: ({ inspection }, _, place) => {
    const layer = inspection.layers[place]!;
    const counts = slotCounts(layer);
    const N = layer.kinds.filter((kind) => kind === 'ffn').length;
    const pairs = new Int32Array(2 * N);
    layer.experts.forEach((expert, slot) => {
      if (expert >= 0) pairs[2 * expert + (layer.kinds[slot] === 'ffn' ? 0 : 1)]! += counts[slot]!;
    });
    const U = inspection.tokens.length;
    return { U, A: sum(counts), byKind: byKind(counts, layer), pairs };
  },
  layerRows,
  over: (_, _args, layers) => layers,
  rows,
});
