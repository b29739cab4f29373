import { memo } from 'react';
import { INTERVALS } from '../../../analysis/figures/contribution.ts';
import type { FigureTensor } from '../../../analysis/figures/figure.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import {
  type Distribution,
  Distributions,
  distributionSpan,
  type FiveQuantiles,
} from '../../kit/figure/Distributions.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { categoryLook } from '../../kit/figure/scales.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { elementAt } from '../../kit/figure/tensor.ts';
import { formatCount, formatLoss, formatPercent } from '../../kit/format.ts';
import { lookSentence } from '../../kit/lookWords.ts';
import type { Measured } from './measuring.ts';

const intervalNames = Array.from(
  { length: INTERVALS },
  (_, a) => `${(a / 10).toFixed(1)}–${((a + 1) / 10).toFixed(1)}`,
);
const ENDS = ['least', 'quarter', 'median', 'three quarters', 'most'] as const;

/** Five quantiles from a place on; null where there are none. */
function fiveOf({ data }: FigureTensor, first: number): FiveQuantiles | null {
  const [a = Number.NaN, b = 0, c = 0, d = 0, e = 0] = data.slice(first, first + 5);
  return Number.isNaN(a) ? null : [a, b, c, d, e];
}

/** Sum of a column of a table [Q, 10], and how many of its values are defined. */
function columnOf(tensor: FigureTensor, a: number): { sum: number; defined: number } {
  const Q = tensor.shape[0] ?? 0;
  const values = Array.from({ length: Q }, (_, q) => elementAt(tensor, q, a));
  const known = values.filter((value) => !Number.isNaN(value));
  return { sum: known.reduce((total, value) => total + value, 0), defined: known.length };
}

/** Every group: intervals of the gate, then the flips. */
function groupsOf({ result: { values } }: Measured) {
  const intervals = intervalNames.map((name, a) => ({
    name,
    sequences: columnOf(values.contribution, a).defined,
    drawn: columnOf(values.masked, a).sum,
    negative: values.negativeShare.data[a] ?? Number.NaN,
    mean: values.mean.data[a] ?? Number.NaN,
    five: fiveOf(values.quantiles, 5 * a),
  }));
  const drawn = Array.from(values.flipped.data).reduce((sum, n) => sum + n, 0);
  const flips = {
    name: 'flipped, below 0.2',
    sequences: Array.from(values.flip.data).filter((change) => !Number.isNaN(change)).length,
    drawn,
    negative: values.flipNegative,
    mean: values.flipMean,
    five: fiveOf(values.flipQuantiles, 0),
  };
  return { intervals, flips };
}

function tableOf(measured: Measured): FigureTable {
  const { intervals, flips } = groupsOf(measured);
  return {
    columns: [
      { title: 'gate' },
      { title: 'sequences', format: 'count' },
      { title: 'masked or flipped', format: 'count' },
      { title: 'below 0', format: 'percent' },
      { title: 'mean', format: 'nats' },
      ...ENDS.map((title) => ({ title, format: 'nats' as const })),
    ],
    rows: [...intervals, flips].map(({ name, sequences, drawn, negative, mean, five }) => [
      ...[name, sequences, drawn, negative, mean],
      ...ENDS.map((_, i) => five?.[i] ?? null),
    ]),
  };
}

/** What a measurement is of: its step, its text, and what was drawn. */
export function measuredWords({ look, asked }: Measured): string {
  const sequences = look.n * look.B;
  return `${lookSentence(look)} ${formatCount(sequences)} sequences; n ${asked.n}, seed ${asked.seed}.`;
}

const distribution = ({
  name,
  five,
  mean,
  sequences,
}: ReturnType<typeof groupsOf>['flips']): Distribution => ({
  category: name,
  quantiles: five,
  mean: Number.isNaN(mean) ? null : mean,
  count: sequences,
});

const distributionsOf = (measured: Measured) => {
  const { intervals, flips } = groupsOf(measured);
  return [...intervals, flips].map(distribution);
};

/** The axis that the contributions of all runs are drawn on. */
export function spanOf(measured: readonly Measured[]): readonly [number, number] {
  return distributionSpan(measured.flatMap(distributionsOf));
}

/** Figures 1, 4, 5: contributions by interval of the gate, flips, and their negative parts. */
export const Figures = memo(function Figures({
  measured,
  span,
}: {
  measured: Measured;
  span: readonly [number, number];
}) {
  const { side, result } = measured;
  const { intervals, flips } = groupsOf(measured);
  const runs = [{ name: side.name, experiment: side.source.head.experiment }];
  const words = measuredWords(measured);
  const { negative, flipNegative } = result.values;
  const flipped = Number.isNaN(flipNegative)
    ? 'no gate lies below 0.2, so nothing was flipped'
    : `${formatPercent(flipNegative)} of the flips are below 0`;
  const shares = `${formatPercent(negative)} of all contributions are below 0; ${flipped}`;
  const means = intervals
    .filter(({ sequences }) => sequences > 0)
    .map(({ name, mean, drawn }) => `${name} ${formatLoss(mean)} (${drawn} masked)`);
  return (
    <>
      <p className="num">
        {words} {shares}.
      </p>
      <FigureFrame
        name="switchyard-contribution"
        title="Contribution by gate"
        caption={() =>
          `What the loss of a sequence rises by without assignments of an interval of the gate, in nats; means: ${means.join(', ')}. ${shares}. ${words}`
        }
        table={() => tableOf(measured)}
        runs={runs}
      >
        <Distributions
          of={distributionsOf(measured)}
          span={span}
          format="nats"
          quantity="rise of the loss, nats"
        />
      </FigureFrame>
      <FigureFrame
        name="switchyard-contribution-negative"
        title="Contributions below 0"
        caption={() =>
          `Part of the sequences that are better off without the interval’s assignments, or with their sign flipped. ${shares}. ${words}`
        }
        table={() => tableOf(measured)}
        runs={runs}
      >
        <Bars
          categories={[...intervals, flips].map(({ name }) => name)}
          series={[
            {
              label: 'below 0',
              values: [...intervals, flips].map((group) => group.negative),
              ...categoryLook(1),
            },
          ]}
          format="percent"
          quantity="part of the contributions that are below 0"
        />
      </FigureFrame>
      <FigureFrame
        name="switchyard-contribution-masked"
        title="Masked assignments"
        caption={() =>
          `Assignments that were masked, all sequences and layers; groups compare where as many were drawn. ${words}`
        }
        table={() => tableOf(measured)}
        runs={runs}
      >
        <Bars
          categories={[...intervals, flips].map(({ name }) => name)}
          series={[
            {
              label: 'masked or flipped',
              values: [...intervals, flips].map(({ drawn }) => drawn),
              ...categoryLook(7),
            },
          ]}
          format="count"
          quantity="assignments"
        />
      </FigureFrame>
    </>
  );
});
