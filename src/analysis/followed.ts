/**
 * Figures over training time (docs/analysis.md): those that are followed while a run trains. A further
 * one is a name in `FOLLOWED`; events, records, files and lines derive from it.
 */
import type { ValuesOf } from './figures/figure.ts';
import type { FIGURES } from './figures.ts';

/** By figure: fields of every MoE layer, and fields over the layers. */
export const FOLLOWED = {
  load: {
    layer: ['maxVio', 'minVio', 'cv', 'entropy', 'effective', 'dead', 'maxMin', 'total', 'counts'],
    over: ['maxVioQuantiles'],
  },
  workload: {
    layer: ['widthMean', 'widthPerToken', 'computingMean'],
    over: ['widthMean', 'widthPerToken', 'computingMean'],
  },
  kinds: { layer: ['ratio'], over: ['ratio'] },
  scores: {
    layer: [
      'top1Mean',
      'top1Variance',
      'top2Mean',
      'top2Variance',
      'confidence',
      'margin',
      'tokenEntropy',
      'meanEntropy',
      'mutualInformation',
      'logitNorm',
      'logitMax',
    ],
    over: [],
  },
  saturation: {
    layer: ['saturation', 'churn', 'rank0'],
    over: ['saturation', 'churn', 'rank0'],
  },
  drops: { layer: ['rate'], over: [] },
} as const satisfies {
  readonly [F in keyof typeof FIGURES]?: {
    layer: readonly (keyof (typeof FIGURES)[F]['layerRows'])[];
    over: readonly (keyof (typeof FIGURES)[F]['rows'])[];
  };
};

type Followed = typeof FOLLOWED;
export type FollowedFigure = keyof Followed;
type Names<P extends 'layer' | 'over'> = {
  [F in FollowedFigure]: `${F}.${Followed[F][P][number]}`;
}[FollowedFigure];

/** `load.maxVio`: a field of every MoE layer. */
export type LayerField = Names<'layer'>;
/** `workload.widthMean`: a field over the layers. */
export type OverField = Names<'over'>;

type FieldValue<Rows, N> = N extends keyof Rows ? ValuesOf<Rows>[N] : never;
type Of<Name, P extends 'layerRows' | 'rows'> = Name extends `${infer F}.${infer N}`
  ? F extends FollowedFigure
    ? FieldValue<(typeof FIGURES)[F][P], N>
    : never
  : never;

export interface LayerFiguresAt {
  /** Index among all layers, dense ones counted. */
  layer: number;
  R: number;
  W: number;
  values: { readonly [N in LayerField]: Of<N, 'layerRows'> };
}

/**
 * What one validation batch, always the same, chose after `step` steps. `saturation` compares the row
 * before (here) with this one (the reference): undefined in a first row, and where other slots are.
 */
export interface FiguresAt {
  step: number;
  values: { readonly [N in OverField]: Of<N, 'rows'> };
  /** MoE layers in order of depth. */
  layers: readonly LayerFiguresAt[];
}
