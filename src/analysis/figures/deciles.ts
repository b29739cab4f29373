/** f. Deciles by loss: easy tokens and difficult ones (docs/analysis.md). */
import { valueAt } from '../../config/ladimo.ts';
import type { Inspection } from '../inspection.ts';
import { computingByToken, countsBy, type Work, workOf } from './assignments.ts';
import { figureOf, perInputs, whole } from './figure.ts';
import { meansBy, membersOf } from './numbers.ts';

const DECILES = 10;

interface Split {
  /** θ_j, j = 1 … 9 */
  thresholds: Float64Array;
  /** Decile of every token, 0 the easiest [U]. */
  decile: Int32Array;
}

/** Deciles of the tokens of an inspection by their loss. */
export function decilesOf({ ce }: Pick<Inspection, 'ce'>): Split {
  const sorted = Float64Array.from(ce).sort();
  const U = sorted.length;
  const thresholds = Float64Array.from({ length: DECILES - 1 }, (_, i) =>
    U === 0 ? Number.NaN : valueAt(sorted, ((i + 1) * (U - 1)) / DECILES),
  );
  const decile = Int32Array.from(ce, (loss) => thresholds.filter((theta) => loss > theta).length);
  return { thresholds, decile };
}

const decilesIn = perInputs(({ inspection }) => decilesOf(inspection));

interface LayerDeciles {
  R: number;
  counts: Int32Array;
  decile: Int32Array;
  work: Work;
}

/** Σ h of the decile's kept assignments over their number. */
function widths(works: readonly Work[], decile: Int32Array): Float64Array {
  const width = new Float64Array(DECILES);
  const kept = new Float64Array(DECILES);
  for (const work of works) {
    decile.forEach((d, u) => {
      width[d]! += work.width[u]!;
      kept[d]! += work.kept[u]!;
    });
  }
  return width.map((total, d) => total / kept[d]!);
}

const WIDTH = {
  label: 'Width by decile',
  formula: 'Σ h / kept assignments of the decile',
  meaning: 'Hidden width that tokens of the decile are given, on average.',
  source: 'MoDSE, difficult tokens',
  format: 'units',
  axes: ['decile'],
} as const;
const COMPUTING = {
  label: 'Computing experts by decile',
  formula: 'mean of κ_u over the decile',
  meaning: 'Slots that compute for a token of the decile, on average.',
  source: 'MoE++, simple tokens',
  format: 'decimal',
  axes: ['decile'],
} as const;

const layerRows = {
  counts: {
    label: 'Assignments by decile',
    formula: 'assignments of tokens of the decile to slot i',
    meaning: 'Which slots take the easy tokens, which the difficult ones.',
    source: 'MoDSE, difficult tokens',
    format: 'count',
    axes: ['decile', 'R'],
    compute: ({ R, counts }: LayerDeciles) => whole([DECILES, R], counts),
  },
  width: {
    ...WIDTH,
    compute: ({ work, decile }: LayerDeciles) => ({
      shape: [DECILES],
      data: widths([work], decile),
    }),
  },
  computing: {
    ...COMPUTING,
    compute: ({ work, decile }: LayerDeciles) => ({
      shape: [DECILES],
      data: meansBy(work.computing, decile, DECILES),
    }),
  },
} as const;

interface Deciles extends Split {
  ce: Float32Array;
  works: readonly Work[];
  byToken: Float64Array;
}

const rows = {
  thresholds: {
    label: 'Thresholds',
    formula: 'θ_j: quantile of ce at position j·(U − 1)/10',
    meaning: 'Losses that part the deciles.',
    source: 'own',
    format: 'nats',
    axes: ['decile'],
    compute: ({ thresholds }: Deciles) => ({ shape: [DECILES - 1], data: thresholds }),
  },
  decile: {
    label: 'Decile',
    formula: '#{j : ce_u > θ_j}',
    meaning: 'From 0, the easiest tokens, to 9, the most difficult.',
    source: 'own',
    format: 'index',
    axes: ['U'],
    compute: ({ decile }: Deciles) => whole([decile.length], decile),
  },
  tokens: {
    label: 'Tokens',
    formula: '#{u of the decile}',
    meaning: 'Tokens of the decile; equal losses may leave one empty.',
    source: 'own',
    format: 'count',
    axes: ['decile'],
    compute: ({ decile }: Deciles) => whole([DECILES], membersOf(decile, DECILES)),
  },
  ce: {
    label: 'Loss by decile',
    formula: 'mean of ce_u over the decile',
    meaning: 'Mean next-token loss of the decile.',
    source: 'own',
    format: 'nats',
    axes: ['decile'],
    compute: ({ ce, decile }: Deciles) => ({
      shape: [DECILES],
      data: meansBy(ce, decile, DECILES),
    }),
  },
  width: {
    ...WIDTH,
    compute: ({ works, decile }: Deciles) => ({ shape: [DECILES], data: widths(works, decile) }),
  },
  computing: {
    ...COMPUTING,
    compute: ({ byToken, decile }: Deciles) => ({
      shape: [DECILES],
      data: meansBy(byToken, decile, DECILES),
    }),
  },
} as const;

export const deciles = figureOf<object, LayerDeciles, Deciles>()({
  id: 'deciles',
  title: 'Deciles by loss',
  dense: true,
  ofLayer: (inputs, _, place) => {
    const { inspection } = inputs;
    const layer = inspection.layers[place]!;
    const { decile } = decilesIn(inputs);
    const counts = countsBy(layer, decile, DECILES);
    return { R: layer.kinds.length, counts, decile, work: workOf(layer, inspection) };
  },
  layerRows,
  over: (inputs) => {
    const { inspection } = inputs;
    const works = inspection.layers.map((layer) => workOf(layer, inspection));
    const { ce } = inspection;
    return { ...decilesIn(inputs), ce, works, byToken: computingByToken(inspection, works) };
  },
  rows,
});
