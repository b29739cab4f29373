import { useCallback, useMemo, useRef } from 'react';
import {
  INTERVAL_PAIRS,
  type PairDifferences,
  pairDifferences,
  pairInterval,
} from '../../../analysis/compare/pairs.ts';
import type { MetricLog } from '../../../state/metricLog.ts';
import { StepChart } from '../../kit/charts/StepChart.tsx';
import type { Baseline, Series } from '../../kit/charts/series.ts';
import { formatCount, formatFixed, formatLoss, formatShort } from '../../kit/format.ts';
import { useBeside, useRun } from '../../kit/useLab.tsx';
import { useLiveVersion } from '../../kit/useLive.ts';

const NO_DIFFERENCE: readonly Baseline[] = [
  { key: 'none', label: 'same', value: 0, color: 'var(--ref-1)', help: 'Both losses are the same' },
];

const losses = (log: MetricLog) => ({ firstStep: log.firstStep, values: log.column('ce') });

function differencesOf(a: MetricLog, b: MetricLog, most: number): PairDifferences {
  return pairDifferences(losses(a), losses(b), most);
}

const signed = (value: number) => `${value > 0 ? '+' : ''}${formatFixed(value, 4)}`;

/** Losses of the last step that both have, and the mean difference of the last pairs. */
function Figures({ a, b }: { a: MetricLog; b: MetricLog }) {
  const ref = useRef<HTMLDListElement>(null);
  useLiveVersion(ref);
  const { firstStep, values } = differencesOf(a, b, INTERVAL_PAIRS);
  const interval = pairInterval(values);
  const last = firstStep + values.length - 1;
  const lossAt = (log: MetricLog) => (interval === null ? '–' : formatLoss(log.at('ce', last)));
  return (
    <dl ref={ref} className="ab-figures">
      <div>
        <dt>A{interval !== null && `, step ${formatCount(last)}`}</dt>
        <dd className="num">{lossAt(a)}</dd>
      </div>
      <div>
        <dt>B{interval !== null && `, step ${formatCount(last)}`}</dt>
        <dd className="num">{lossAt(b)}</dd>
      </div>
      <div className="ab-difference">
        <dt>
          B − A, mean of {formatCount(interval?.n ?? 0)} {interval?.n === 1 ? 'pair' : 'pairs'}
        </dt>
        <dd className="num">{interval === null ? '–' : signed(interval.mean)}</dd>
      </div>
      <div>
        <dt>95 % interval</dt>
        <dd className="num">
          {interval === null || Number.isNaN(interval.half)
            ? '–'
            : `${signed(interval.mean - interval.half)} to ${signed(interval.mean + interval.half)}`}
        </dd>
      </div>
    </dl>
  );
}

/** Both losses, their difference at every step, and the interval of the last ones. */
export function Pairs() {
  const a = useRun((s) => s.metrics);
  const b = useBeside((s) => s.metrics);
  const both = useCallback(
    (): Series[] => [
      { key: 'A', label: 'A', color: 'var(--train)', owner: a, ...losses(a) },
      { key: 'B', label: 'B', color: 'var(--valid)', dash: '5 3', owner: b, ...losses(b) },
    ],
    [a, b],
  );
  // Another pair of logs is another line.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the logs are what the owner stands for
  const owner = useMemo(() => ({}), [a, b]);
  const difference = useCallback(
    (): Series[] => [
      {
        key: 'B − A',
        label: 'B − A',
        color: 'var(--train)',
        owner,
        ...differencesOf(a, b, Number.POSITIVE_INFINITY),
      },
    ],
    [a, b, owner],
  );
  return (
    <>
      <Figures a={a} b={b} />
      <StepChart
        title="Losses of A and B"
        name="switchyard-ab-losses"
        height={220}
        lines={both}
        format={formatLoss}
      />
      <StepChart
        title="Difference of the losses"
        hint="Loss of B minus loss of A on the same batch"
        name="switchyard-ab-difference"
        height={140}
        lines={difference}
        baselines={NO_DIFFERENCE}
        format={formatShort}
        isSmall
      />
    </>
  );
}
