/** What the figures on maximal routing weights show of one run. */
import type { FigureTensor } from '../../../analysis/figures/figure.ts';
import { experimentAtStep } from '../../../config/edit.ts';
import type { Change, Experiment, LayerPolicy } from '../../../config/experiment.ts';
import { layerPolicy, POLICY_KINDS, valueAt } from '../../../config/ladimo.ts';
import type { Look, ResultOf, Side } from '../../../state/looks/looked.ts';
import type { FiveQuantiles } from '../../kit/figure/Distributions.tsx';
import type { FigureTable } from '../../kit/figure/table.ts';
import type { MaxWeightsFields } from './fields.ts';

/** Quantiles in hundredths: fine enough to find the part that lies beyond a place. */
const HUNDREDTHS = Array.from({ length: 101 }, (_, i) => i / 100);

export const WEIGHTS = { figure: 'maxWeights', quantiles: HUNDREDTHS } as const;
export const policyRequest = ({ pu, pe }: MaxWeightsFields) =>
  ({ figure: 'policy', pu, pe }) as const;

export type Weights = ResultOf<typeof WEIGHTS>;
export type Policy = ResultOf<ReturnType<typeof policyRequest>>;

/** One run, what was seen of it, and its policy. */
export interface Run {
  side: Side;
  look: Look;
  weights: Weights;
  policy: Policy;
  value: MaxWeightsFields;
}

/** Quantiles [101] of a layer, of all tokens or of a domain's. */
export function quantilesOf(
  { values: { quantiles, byDomain } }: Weights['layers'][number],
  domain: number,
): ArrayLike<number> {
  if (domain < 0) return quantiles.data;
  const n = HUNDREDTHS.length;
  return byDomain.data.subarray(domain * n, (domain + 1) * n);
}

/** Least, quarter, median, three quarters and most; null without tokens. */
export function fiveOf(quantiles: ArrayLike<number>): FiveQuantiles | null {
  const at = (q: number) => valueAt(quantiles, q * (quantiles.length - 1));
  const five: FiveQuantiles = [at(0), at(0.25), at(0.5), at(0.75), at(1)];
  return five.some(Number.isNaN) || quantiles.length === 0 ? null : five;
}

/** Row of a table [M, n]. */
function rowOf({ data, shape }: FigureTensor, row: number): ArrayLike<number> {
  const n = shape[1] ?? 0;
  return data.subarray(row * n, (row + 1) * n);
}

/** Tokens per bin of a layer, of all tokens or of a domain's. */
export function binsOf(
  { values: { histogram, histogramByDomain } }: Weights['layers'][number],
  domain: number,
): ArrayLike<number> {
  return domain < 0 ? histogram.data : rowOf(histogramByDomain, domain);
}

/** The bins that hold weights of any layer, and one beside them: from which to which. */
export function binsHeld({ policy }: Pick<Run, 'policy'>): readonly [from: number, to: number] {
  const counts = Array.from(policy.values.histogram.data);
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  return first < 0
    ? [0, counts.length]
    : [Math.max(0, first - 1), Math.min(counts.length, last + 2)];
}

export function kindName(code: number): string {
  return POLICY_KINDS[code] ?? '–';
}

/** The policy of every layer: Table 1 applied. */
export function policyTable({ policy }: Run): FigureTable {
  const { alpha, beta, tokens, slotsMean } = policy.values;
  const sum = (counts: ArrayLike<number>) => Array.from(counts).reduce((n, count) => n + count, 0);
  const shares = (counts: ArrayLike<number>) => Array.from(counts, (count) => count / sum(counts));
  return {
    columns: [
      { title: 'layer' },
      { title: 'α_i', format: 'decimal' },
      { title: 'α', format: 'decimal' },
      { title: 'β_i', format: 'decimal' },
      { title: 'β', format: 'decimal' },
      { title: 'policy' },
      ...[1, 2, 3].map((k) => ({ title: `tokens with ${k}`, format: 'count' as const })),
      ...[1, 2, 3].map((k) => ({ title: `share with ${k}`, format: 'percent' as const })),
      { title: 'slots per token', format: 'decimal' },
    ],
    rows: [
      ...policy.layers.map(({ layer, values: own }) => [
        `L${layer}`,
        ...[own.alpha, alpha, own.beta, beta, kindName(own.kind)],
        ...own.tokens.data,
        ...shares(own.tokens.data),
        shares(own.tokens.data).reduce((mean, share, k) => mean + share * (k + 1), 0),
      ]),
      ['all', null, alpha, null, beta, '', ...tokens.data, ...shares(tokens.data), slotsMean],
    ],
  };
}

/** The settings that give a model this policy. */
export function policyChange({ model }: Experiment, { layers }: Policy): Change {
  const policies = Array.from({ length: model.L }, (_, l): LayerPolicy | null => {
    const own = layers.find(({ layer }) => layer === l)?.values;
    const kind = POLICY_KINDS[own?.kind ?? -1];
    if (own === undefined || kind === undefined) return null;
    return layerPolicy({ kind, alpha: own.alpha, beta: own.beta });
  });
  return { 'router.selection': 'adaptive', 'router.policy': policies };
}

/** The settings of a run at the step of its look. */
export function settingsOf({ side, look }: Pick<Run, 'side' | 'look'>): Experiment {
  return experimentAtStep(side.source.head.experiment, look.step + 1);
}
