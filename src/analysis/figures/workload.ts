/** b. Workload: what tokens compute, kept assignments only (docs/analysis.md). */
import { computingByToken, type Work, workOf } from './assignments.ts';
import { figureOf, whole } from './figure.ts';
import { mean, sum } from './numbers.ts';

export interface LayerWorkload extends Work {
  U: number;
  W: number;
}

/** Tokens with 0 … W computing experts. */
function histogramOf({ computing, W }: LayerWorkload): Int32Array {
  const tokens = new Int32Array(W + 1);
  for (const experts of computing) tokens[experts]!++;
  return tokens;
}

const widthMean = (works: readonly Work[]) =>
  works.reduce((total, { width }) => total + sum(width), 0) /
  works.reduce((total, { kept }) => total + sum(kept), 0);
const widthPerToken = ({ width, U }: LayerWorkload) => sum(width) / U;
const computingMean = ({ computing, U }: LayerWorkload) => sum(computing) / U;

/** `widthMean` of a layer whose slots all get the same: Σ h(i)/R. */
export function evenWidth(hidden: readonly number[]): number {
  return mean(hidden);
}

interface Workload {
  layers: readonly LayerWorkload[];
  byToken: Float64Array;
}

const WIDTH_MEAN = {
  label: 'Width per assignment',
  formula: 'Σ h / number of kept assignments',
  meaning: 'Hidden width of the chosen slot, on average; zero-computation slots count with 0.',
  source: 'MoDSE 4.2',
  format: 'units',
} as const;
const WIDTH_PER_TOKEN = {
  label: 'Width per token',
  formula: 'Σ h / U',
  meaning: 'Hidden units that a token runs through, on average.',
  source: 'MoDSE',
  format: 'units',
} as const;
const COMPUTING_MEAN = {
  label: 'Computing experts per token',
  formula: 'mean of κ_u',
  meaning: 'FFN and negated slots that compute for a token, on average; E and −E count as two.',
  source: 'MoE++ Fig. 5; TC-MoE Fig. 9',
  format: 'decimal',
} as const;
const HISTOGRAM = {
  label: 'Tokens by computing experts',
  formula: '#{u : κ_u = 0 … W}',
  meaning: 'Tokens for which so many slots compute.',
  source: 'MoE++ Fig. 5; TC-MoE Fig. 9',
  format: 'count',
  axes: ['computing'],
} as const;

const layerRows = {
  widthMean: { ...WIDTH_MEAN, compute: (layer: LayerWorkload) => widthMean([layer]) },
  widthPerToken: { ...WIDTH_PER_TOKEN, compute: widthPerToken },
  computingMean: { ...COMPUTING_MEAN, compute: computingMean },
  histogram: {
    ...HISTOGRAM,
    compute: (layer: LayerWorkload) => whole([layer.W + 1], histogramOf(layer)),
  },
} as const;

const rows = {
  widthMean: { ...WIDTH_MEAN, compute: ({ layers }: Workload) => widthMean(layers) },
  widthPerToken: {
    ...WIDTH_PER_TOKEN,
    compute: ({ layers }: Workload) => mean(layers.map(widthPerToken)),
  },
  computingMean: {
    ...COMPUTING_MEAN,
    compute: ({ layers }: Workload) => mean(layers.map(computingMean)),
  },
  histogram: {
    ...HISTOGRAM,
    compute: ({ layers }: Workload) => {
      const tokens = new Int32Array(1 + Math.max(...layers.map(({ W }) => W)));
      for (const layer of layers) {
        histogramOf(layer).forEach((count, experts) => {
          tokens[experts]! += count;
        });
      }
      return whole([tokens.length], tokens);
    },
  },
  byToken: {
    label: 'Computing experts of a token',
    formula: 'mean over layers of κ_u',
    meaning: 'Slots that compute for this token, on average over the MoE layers.',
    source: 'MoE++ Fig. 5',
    format: 'decimal',
    axes: ['U'],
    compute: ({ byToken }: Workload) => ({ shape: [byToken.length], data: byToken }),
  },
} as const;

export const workload = figureOf<object, LayerWorkload, Workload>()({
  id: 'workload',
  title: 'Workload',
  ofLayer: ({ inspection }, _, place) => {
    const layer = inspection.layers[place]!;
    return { ...workOf(layer, inspection), U: inspection.tokens.length, W: layer.W };
  },
  layerRows,
  over: ({ inspection }, _, layers) => ({
    layers,
    byToken: computingByToken(inspection, layers),
  }),
  rows,
});
