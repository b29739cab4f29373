import { memo } from 'react';
import { SCORE_EDGES } from '../../../analysis/figures/scores.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import { binsTable } from '../../kit/figure/binsTable.ts';
import { Distributions } from '../../kit/figure/Distributions.tsx';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Histogram, type HistogramSeries, type QuantileLine } from '../../kit/figure/Histogram.tsx';
import { partBelow, rounded } from '../../kit/figure/quantileParts.ts';
import { categoryLook } from '../../kit/figure/scales.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { formatFixed, formatPercent } from '../../kit/format.ts';
import { lookSentence } from '../../kit/lookWords.ts';
import type { MaxWeightsFields } from './fields.ts';
import { binsHeld, binsOf, fiveOf, kindName, policyTable, quantilesOf, type Run } from './shown.ts';

interface FiguresProps extends Run {
  /** Index of the layer that is shown. */
  layer: number;
  /** What the weights are taken on. */
  text: string;
  set: (part: Partial<MaxWeightsFields>) => void;
}

const three = (value: number) => formatFixed(value, 3);
const runsOf = ({ side }: Pick<Run, 'side'>): FigureRun[] => [
  { name: side.name, experiment: side.source.head.experiment },
];
const takenOn = ({ text, look }: Pick<FiguresProps, 'text' | 'look'>) =>
  `Taken on ${text}. ${lookSentence(look)}`;

/** The two lines of a histogram; moved, they set the parts that lie beyond them. */
function linesOf(
  { set }: FiguresProps,
  names: readonly [alpha: string, beta: string],
  at: { alpha: number; beta: number },
  quantiles: ArrayLike<number>,
) {
  if (Number.isNaN(at.alpha)) return [];
  return [
    {
      at: at.beta,
      label: names[1],
      onMove: (to: number) => set({ pe: rounded(partBelow(quantiles, to)) }),
    },
    {
      at: at.alpha,
      label: names[0],
      onMove: (to: number) => set({ pu: rounded(1 - partBelow(quantiles, to)) }),
    },
  ];
}

/** A histogram of the bins that hold weights, alike in all figures of a run. */
function Weights({
  of,
  series,
  asParts = false,
  lines,
}: {
  of: FiguresProps;
  series: readonly HistogramSeries[];
  asParts?: boolean;
  lines: readonly QuantileLine[];
}) {
  const [from, to] = binsHeld(of);
  return (
    <Histogram
      edges={SCORE_EDGES.slice(from, to + 1)}
      series={series.map(({ label, counts }) => ({
        label,
        counts: Array.from(counts).slice(from, to),
      }))}
      format="decimal"
      quantity="largest routing weight"
      asParts={asParts}
      lines={lines}
    />
  );
}

/** Figure 10: the weights of all layers, with the quantiles over all of them. */
function AllLayers(props: FiguresProps) {
  const { policy, weights, value } = props;
  const { alpha, beta, histogram } = policy.values;
  const series = [{ label: 'all layers', counts: histogram.data }];
  return (
    <FigureFrame
      name="switchyard-maxweights-all"
      title="All layers"
      caption={() =>
        `Largest routing weights of all layers together; α ${three(alpha)} with p_u ${value.pu}, β ${three(beta)} with p_e ${value.pe}. ${takenOn(props)}`
      }
      table={() => binsTable(SCORE_EDGES, series)}
      runs={runsOf(props)}
    >
      <Weights
        of={props}
        series={series}
        lines={linesOf(props, ['α', 'β'], { alpha, beta }, weights.values.quantiles.data)}
      />
    </FigureFrame>
  );
}

/** Figures 8 and 9: one layer's weights, a domain's over them, with the layer's own quantiles. */
function OneLayer(props: FiguresProps) {
  const { policy, weights, value, look, layer } = props;
  const own = policy.layers.find((one) => one.layer === layer)?.values;
  const of = weights.layers.find((one) => one.layer === layer);
  if (own === undefined || of === undefined) return null;
  const domain = look.domainNames[value.domain];
  const series = [
    { label: 'all tokens', counts: binsOf(of, -1) },
    ...(domain === undefined ? [] : [{ label: domain, counts: binsOf(of, value.domain) }]),
  ];
  return (
    <FigureFrame
      name={`switchyard-maxweights-layer-${layer}`}
      title={`Layer ${layer}: ${kindName(own.kind)}`}
      caption={() =>
        `Largest routing weights of layer ${layer}${domain === undefined ? '' : `, those of ${domain} over those of all tokens`}; α_i ${three(own.alpha)} and β_i ${three(own.beta)}, over all layers ${three(policy.values.alpha)} and ${three(policy.values.beta)}: ${kindName(own.kind)}. ${takenOn(props)}`
      }
      table={() => binsTable(SCORE_EDGES, series)}
      runs={runsOf(props)}
    >
      <Weights
        of={props}
        series={series}
        asParts
        lines={linesOf(props, ['α_i', 'β_i'], own, of.values.quantiles.data)}
      />
    </FigureFrame>
  );
}

type SpreadProps = Pick<FiguresProps, 'side' | 'weights' | 'look' | 'text'> & { domain: number };

function quantilesTable({ weights, domain, look }: SpreadProps): FigureTable {
  const at = [0, 5, 25, 50, 75, 95, 100];
  return {
    columns: [
      { title: 'layer' },
      { title: 'tokens of' },
      ...at.map((percent) => ({ title: `${percent}%`, format: 'decimal' as const })),
    ],
    rows: weights.layers.map((one) => {
      const quantiles = quantilesOf(one, domain);
      return [
        `L${one.layer}`,
        look.domainNames[domain] ?? 'all domains',
        ...at.map((percent) => quantiles[percent] ?? null),
      ];
    }),
  };
}

/** Figure 8: how the weights of every layer spread; the quantiles that are moved change nothing of it. */
const ByLayer = memo(function ByLayer(props: SpreadProps) {
  const { weights, look, domain: place } = props;
  const domain = look.domainNames[place];
  const tokens =
    domain === undefined
      ? look.tokens.length
      : look.domains.reduce((n, d) => (d === place ? n + 1 : n), 0);
  const medians = weights.layers.map(
    (one) => `L${one.layer} ${three(quantilesOf(one, place)[50] ?? Number.NaN)}`,
  );
  return (
    <FigureFrame
      name="switchyard-maxweights-layers"
      title={`By layer, ${domain === undefined ? 'all tokens' : `tokens of ${domain}`}`}
      caption={() =>
        `Quantiles of the largest routing weight by layer; medians: ${medians.join(', ')}. ${takenOn(props)}`
      }
      table={() => quantilesTable(props)}
      runs={runsOf(props)}
    >
      <Distributions
        of={weights.layers.map((one) => ({
          category: `L${one.layer}`,
          quantiles: fiveOf(quantilesOf(one, place)),
          mean: null,
          count: tokens,
        }))}
        format="decimal"
        quantity="largest routing weight"
      />
    </FigureFrame>
  );
});

/** Table 1 applied: the policy of every layer, and the slots that its tokens get. */
function PolicyByLayer(props: FiguresProps) {
  const { policy, value } = props;
  const { layers, values } = policy;
  const all = [
    ...layers.map((one) => ({
      name: `L${one.layer} ${kindName(one.values.kind)}`,
      tokens: one.values.tokens.data,
    })),
    { name: 'all', tokens: values.tokens.data },
  ];
  const share = (tokens: ArrayLike<number>, k: number) => {
    const sum = Array.from(tokens).reduce((n, count) => n + count, 0);
    return (tokens[k] ?? 0) / sum;
  };
  const words = [0, 1, 2].map(
    (k) => `${formatPercent(share(values.tokens.data, k))} with ${k + 1}`,
  );
  return (
    <FigureFrame
      name="switchyard-maxweights-policy"
      title="Policy by layer"
      caption={() =>
        `Policy with p_u ${value.pu} and p_e ${value.pe}: ${layers.map((one) => `L${one.layer} ${kindName(one.values.kind)}`).join(', ')}; tokens ${words.join(', ')} slots, ${three(values.slotsMean)} on average. ${takenOn(props)}`
      }
      table={() => policyTable(props)}
      runs={runsOf(props)}
    >
      <Bars
        categories={all.map(({ name }) => name)}
        series={['1 slot', '2 slots', '3 slots'].map((label, k) => ({
          label,
          values: all.map(({ tokens }) => share(tokens, k)),
          ...categoryLook(k),
        }))}
        stacked
        format="percent"
        quantity="part of the tokens"
      />
      <p className="num">
        Tokens: {words.join(', ')} slots; {three(values.slotsMean)} on average.
      </p>
    </FigureFrame>
  );
}

/** Drawn anew with another answer or another choice only. */
export const Figures = memo(function Figures(props: FiguresProps) {
  const { side, weights, look, text, value } = props;
  // Another text may have fewer domains.
  const domain = value.domain in look.domainNames ? value.domain : -1;
  return (
    <>
      <PolicyByLayer {...props} />
      <AllLayers {...props} />
      <OneLayer {...props} />
      <ByLayer {...{ side, weights, look, text, domain }} />
    </>
  );
});
