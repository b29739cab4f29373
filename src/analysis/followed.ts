/**
 * Figures over training time (docs/analysis.md): those that are followed while a run trains. A further
 * one is a name in `FOLLOWED`; events, records, files and lines derive from it.
 */
import type { FigureValue, ValuesOf } from './figures/figure.ts';
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

/** Fewest steps between two rows: an inspection takes about half a step. */
const APART = 25;

/** Steps between two rows where validation comes every so many: at all of them, or at each n-th; 0 for none. */
export function figuresEvery(validationEvery: number): number {
  if (validationEvery <= 0) return 0;
  return validationEvery * Math.ceil(APART / validationEvery);
}

/**
 * A value over steps as a line is named: of the MoE layer at a place among them or of all, and of an
 * array's element. `all` is the figure's own value over layers, or the mean over them where it has none.
 */
export type FigureLine = `figure.${LayerField | OverField}.${number | 'all'}${'' | `.${number}`}`;

const elementOf = (value: FigureValue | undefined, element: number): number =>
  (typeof value === 'object' ? value.data[element] : value) ?? Number.NaN;

/** Mean of what is defined; undefined where that is nothing. */
function meanOf(values: readonly number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value));
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

export const isFigureLine = (name: string): name is FigureLine => name.startsWith('figure.');

/** The values of a line, one per row. */
function valuesOfLine(rows: readonly FiguresAt[], name: FigureLine): Float64Array {
  const [, figure, field, place, element = '0'] = name.split('.');
  const id = `${figure}.${field}`;
  const valueIn = (values: object) =>
    elementOf((values as Readonly<Record<string, FigureValue>>)[id], Number(element));
  return Float64Array.from(rows, ({ values, layers }) => {
    if (place !== 'all') return valueIn(layers[Number(place)]?.values ?? {});
    return id in values ? valueIn(values) : meanOf(layers.map((layer) => valueIn(layer.values)));
  });
}

/** @param owner stands for the line as it grows */
export function lineOfFigure(rows: readonly FiguresAt[], name: FigureLine, owner: object) {
  return {
    owner,
    firstStep: rows[0]?.step ?? 0,
    steps: rows.map(({ step }) => step),
    values: valuesOfLine(rows, name),
  };
}
