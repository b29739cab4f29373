/** What can be drawn over training time: one row per figure, with where its numbers come from. */
import { LAYER_METRICS } from '../../../accounting/loadMetrics.ts';
import type { FigureFormat, FigureRow } from '../../../analysis/figures/figure.ts';
import { LAYER_FIELDS, OVER_FIELDS } from '../../../analysis/figuresAt.ts';
import type { LayerField, OverField } from '../../../analysis/followed.ts';
import type { LoadBin } from '../../../analysis/loadHistory.ts';

/** What the lines of a figure stand for, where it is more than one number per layer. */
export type LinesOf = 'layer' | 'slot' | 'kind' | 'quantile' | 'places';

/** What a training step's own batch tells of a figure: of a layer's loads, or as its lines know. */
export type StepFigure = ((bin: LoadBin) => number) | 'own';

export interface Metric {
  id: string;
  group: string;
  label: string;
  meaning: string;
  formula: string;
  source: string;
  format: FigureFormat;
  lines: LinesOf;
  /** Of the validation batch; null where only steps tell. */
  field: LayerField | OverField | null;
  step: StepFigure | null;
  /** Of a layer whose slots have equal ideal loads. */
  ideal: ((of: IdealOf) => number | null) | null;
}

/** What an ideal reads of a layer. */
export interface IdealOf {
  R: number;
  weights: readonly number[];
}

/** Quantiles of `maxVioQuantiles`, in its order. */
export const QUANTILES = ['least', '0.25', '0.5', '0.75', '0.9', 'most'] as const;

function binMetric(id: string): StepFigure {
  const metric = LAYER_METRICS.find((row) => row.id === id);
  if (metric === undefined) throw new Error(`no load figure is called "${id}"`);
  // Uniform ideal loads, as the figures of validation have them; no figure of these reads the tokens.
  return (bin) => metric.compute({ ...bin, tokens: Number.NaN, kinds: bin.space.kinds });
}

interface Given {
  lines?: LinesOf;
  step?: StepFigure;
  /** In place of the row's own. */
  label?: string;
  /** Behind the row's own meaning. */
  also?: string;
}

function metricOf(group: string, id: LayerField | OverField, given: Given = {}): Metric {
  const row =
    LAYER_FIELDS.get(id as LayerField) ?? (OVER_FIELDS.get(id as OverField) as FigureRow<never>);
  const { formula, source, format, ideal } = row;
  const { lines = 'layer', step = null, label = row.label, also = '' } = given;
  const meaning = `${row.meaning}${also}`;
  return {
    id,
    group,
    label,
    meaning,
    formula,
    source,
    format,
    lines,
    field: id,
    step,
    // The ideals of figures that have one number per layer read no more of it.
    ideal: lines === 'layer' ? ((ideal as Metric['ideal'] | undefined) ?? null) : null,
  };
}

const PLACES: Metric = {
  id: 'places',
  group: 'Drops',
  label: 'Drops beside places',
  meaning:
    'Assignments of a training step, the places that capacity gives all slots, and the assignments that found none; on average over the steps of a point.',
  formula: 'A; Σᵢ places of i; Σ dᵢ, places = ⌈γ·A·(τ or 1) / (τ·Nf + Nzc)⌉',
  source: 'MoE++ 8',
  format: 'units',
  lines: 'places',
  field: null,
  step: 'own',
  ideal: null,
};

/** Rows are compared with the row before. */
const SINCE = { also: ' Here: at the point before; reference: at this point.' };

export const METRICS: readonly Metric[] = [
  metricOf('Load', 'load.maxVio', { step: binMetric('maxViolation') }),
  metricOf('Load', 'load.maxVioQuantiles', { lines: 'quantile' }),
  metricOf('Load', 'load.counts', { lines: 'slot', label: 'Load of each slot', step: 'own' }),
  metricOf('Load', 'load.minVio', { step: binMetric('minViolation') }),
  metricOf('Load', 'load.effective', { step: binMetric('effectiveExperts') }),
  metricOf('Load', 'load.entropy', { label: 'Entropy of the load', step: binMetric('entropy') }),
  metricOf('Load', 'load.cv', { step: binMetric('cv') }),
  metricOf('Load', 'load.maxMin'),
  metricOf('Load', 'load.dead', { step: binMetric('dead') }),
  metricOf('Work', 'workload.computingMean', { step: 'own' }),
  metricOf('Work', 'kinds.ratio', { lines: 'kind', step: 'own' }),
  metricOf('Work', 'workload.widthMean'),
  metricOf('Work', 'workload.widthPerToken'),
  metricOf('Scores', 'scores.tokenEntropy'),
  metricOf('Scores', 'scores.meanEntropy'),
  metricOf('Scores', 'scores.mutualInformation'),
  metricOf('Scores', 'scores.confidence'),
  metricOf('Scores', 'scores.margin'),
  metricOf('Scores', 'scores.top1Mean'),
  metricOf('Scores', 'scores.top1Variance'),
  metricOf('Scores', 'scores.top2Mean'),
  metricOf('Scores', 'scores.top2Variance'),
  metricOf('Scores', 'scores.logitNorm'),
  metricOf('Scores', 'scores.logitMax'),
  metricOf('Change', 'saturation.saturation', SINCE),
  metricOf('Change', 'saturation.churn', SINCE),
  metricOf('Change', 'saturation.rank0', SINCE),
  metricOf('Drops', 'drops.rate', { step: binMetric('dropRate') }),
  PLACES,
];

export const GROUPS: readonly string[] = [...new Set(METRICS.map(({ group }) => group))];

export function metricById(id: string): Metric {
  return METRICS.find((metric) => metric.id === id) ?? METRICS[0]!;
}
