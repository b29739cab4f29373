/** o. Maximal routing weights, as LaDiMo's policies read them (docs/analysis.md). */
import { figureOf, whole } from './figure.ts';
import { quantiles } from './numbers.ts';
import { highestProbability, probabilityHistogram, SCORE_BINS } from './scores.ts';

export interface MaxWeightsArgs {
  quantiles: readonly number[];
}

interface Asked {
  at: readonly number[];
}

export interface LayerMaxWeights extends Asked {
  /** w = p₍₀₎ of all tokens, and of those of every domain. */
  weights: Float64Array;
  byDomain: readonly Float64Array[];
}

const QUANTILES = {
  label: 'Quantiles of the highest score',
  formula: 'quantiles of w = p₍₀₎',
  meaning: 'How large the routing weight of the first slot is, before any renormalisation.',
  source: 'LaDiMo Fig. 8, 9, 10',
  format: 'decimal',
  axes: ['quantile'],
} as const;

const layerRows = {
  quantiles: {
    ...QUANTILES,
    compute: ({ at, weights }: LayerMaxWeights) => ({
      shape: [at.length],
      data: quantiles(weights, at),
    }),
  },
  histogram: {
    label: 'Tokens by highest score',
    formula: '#{u : ⌊20·w⌋ = bin}',
    meaning: 'Tokens by the routing weight of their first slot, in bins of 0.05.',
    source: 'LaDiMo Fig. 8, 9, 10',
    format: 'count',
    axes: ['bin'],
    compute: ({ weights }: LayerMaxWeights) => whole([SCORE_BINS], probabilityHistogram(weights)),
  },
  byDomain: {
    label: 'Quantiles by domain',
    formula: 'quantiles of w over the tokens of d',
    meaning: 'The same for the tokens of each domain.',
    source: 'LaDiMo Fig. 8, 9, 10',
    format: 'decimal',
    axes: ['M', 'quantile'],
    compute: ({ at, byDomain }: LayerMaxWeights) => ({
      shape: [byDomain.length, at.length],
      data: Float64Array.from(byDomain.flatMap((weights) => [...quantiles(weights, at)])),
    }),
  },
  histogramByDomain: {
    label: 'Tokens by highest score and domain',
    formula: '#{u of d : ⌊20·w⌋ = bin}',
    meaning: 'The same for the tokens of each domain.',
    source: 'LaDiMo Fig. 8, 9, 10',
    format: 'count',
    axes: ['M', 'bin'],
    compute: ({ byDomain }: LayerMaxWeights) =>
      whole(
        [byDomain.length, SCORE_BINS],
        byDomain.flatMap((weights) => [...probabilityHistogram(weights)]),
      ),
  },
} as const;

const rows = {
  quantiles: {
    ...QUANTILES,
    compute: ({ at, layers }: Asked & { layers: readonly LayerMaxWeights[] }) => ({
      shape: [at.length],
      data: quantiles(
        layers.flatMap(({ weights }) => [...weights]),
        at,
      ),
    }),
  },
} as const;

export const maxWeights = figureOf<
  MaxWeightsArgs,
  LayerMaxWeights,
  Asked & { layers: readonly LayerMaxWeights[] }
>()({
  id: 'maxWeights',
  title: 'Maximal routing weights',
  ofLayer: ({ inspection }, { quantiles: at }, place) => {
    const { domains, domainNames, layers } = inspection;
    const weights = highestProbability(layers[place]!);
    const byDomain = domainNames.map((_, d) => weights.filter((_w, u) => domains[u] === d));
    return { at, weights, byDomain };
  },
  layerRows,
  over: (_, { quantiles: at }, layers) => ({ at, layers }),
  rows,
});
