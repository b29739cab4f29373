import { useMemo } from 'react';
import type { SweepResult } from '../../../recipes/sweep.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { Intervals } from '../../kit/figure/Intervals.tsx';
import { Points } from '../../kit/figure/Points.tsx';
import { TableBehind } from '../../kit/figure/TableBehind.tsx';
import type { FigureTable } from '../../kit/figure/table.ts';
import { Picker } from '../../kit/Picker.tsx';
import { acrossOptions, formatAcross, linesAgainst, rowsAgainst } from './against.ts';
import type { SweepsFields } from './fields.ts';
import { frontOf, frontSeries } from './front.ts';
import {
  causalSentence,
  meanOf,
  metricsOf,
  pointsOf,
  type Quantity,
  RESOURCE_QUANTITIES,
  sweepTable,
} from './shown.ts';

interface ResultsProps {
  result: SweepResult;
  value: SweepsFields;
  set: (part: Partial<SweepsFields>) => void;
}

const SPREAD = 'mean over seeds with its 95 % interval';

/** Nothing of a figure of many runs is the experiment of one. */
const NO_RUNS = [] as const;

function firstOf(options: Readonly<Record<string, string>>, id: string): string {
  return id in options ? id : (Object.keys(options)[0] ?? '');
}

function bestOf(result: SweepResult, metric: Quantity): string {
  const means = pointsOf(result).map((point) => meanOf(point, metric).mean);
  const finite = means.filter(Number.isFinite);
  if (finite.length === 0) return '';
  const text = (value: number) => formatValue(value, metric.format);
  return `; ${text(Math.min(...finite))} to ${text(Math.max(...finite))} over ${finite.length} points`;
}

function MetricFigure({ result, value, set }: ResultsProps) {
  const metrics = useMemo(() => metricsOf(result), [result]);
  const names = Object.fromEntries(metrics.map(({ id, label }) => [id, label]));
  const across = useMemo(() => acrossOptions(result), [result]);
  const [metricId, against] = [firstOf(names, value.metric), firstOf(across, value.against)];
  const metric = metrics.find(({ id }) => id === metricId);
  const drawn = useMemo(() => {
    if (metric === undefined) return null;
    const lines = linesAgainst(result, metric, against);
    return { lines, rows: lines === null ? rowsAgainst(result, metric) : null };
  }, [result, metric, against]);
  if (metric === undefined || drawn === null) return null;
  const x = {
    label: across[against] ?? against,
    format: formatAcross(against),
    isLog: result.sweep.axes.some(
      (axis) => axis.path === against && 'scale' in axis && axis.scale === 'log',
    ),
  };
  return (
    <FigureFrame
      name={`switchyard-sweep-${metric.id}`}
      title={`${metric.label} against ${x.label}`}
      tools={
        <>
          <Picker
            label="Metric"
            value={metricId}
            options={names}
            choose={(metric) => set({ metric })}
          />
          <Picker
            label="Against"
            value={against}
            options={across}
            choose={(against) => set({ against })}
          />
        </>
      }
      caption={() =>
        `${metric.label} against ${x.label}: ${SPREAD}${bestOf(result, metric)}.${causalSentence(result)}`
      }
      table={() => sweepTable(result)}
      runs={NO_RUNS}
    >
      {drawn.lines !== null ? (
        <Points series={drawn.lines} x={x} y={{ label: metric.label, format: metric.format }} />
      ) : (
        <Intervals
          of={drawn.rows ?? []}
          format={metric.format}
          quantity={metric.label}
          names={['95 % interval', '']}
          none={null}
        />
      )}
    </FigureFrame>
  );
}

function FrontFigure({ result, value, set }: ResultsProps) {
  const points = useMemo(() => frontOf(result, value.front), [result, value.front]);
  const series = useMemo(() => frontSeries(result, points), [result, points]);
  const x = RESOURCE_QUANTITIES.find(({ id }) => id === value.front);
  const table = (): FigureTable => ({
    columns: [
      { title: 'point' },
      { title: x?.label ?? '', format: 'units' },
      { title: 'validation loss, nats', format: 'nats' },
      { title: 'on the front' },
    ],
    rows: points.map(({ name, flops, loss, isFront }) => [
      name,
      flops,
      loss,
      isFront ? 'yes' : 'no',
    ]),
  });
  const front = points.filter(({ isFront }) => isFront);
  return (
    <FigureFrame
      name="switchyard-sweep-front"
      title="Loss against FLOPs: Pareto front"
      tools={
        <Picker
          label="FLOPs"
          value={value.front}
          options={{ flops: 'active FLOPs', realised: 'realised FLOPs' }}
          choose={(front) => set({ front })}
        />
      }
      caption={() =>
        `Validation loss against ${x?.label ?? ''}: ${SPREAD}; no point beats ${front.map(({ name }) => name).join('; ')} in both.${causalSentence(result)}`
      }
      table={table}
      runs={NO_RUNS}
    >
      {points.length === 0 ? (
        <p className="empty">No run has both a loss and these FLOPs.</p>
      ) : (
        <Points
          series={series}
          x={{ label: x?.label ?? '', format: 'units' }}
          y={{ label: 'validation loss, nats', format: 'nats' }}
        />
      )}
    </FigureFrame>
  );
}

/** What a sweep found so far. */
export function Results(props: ResultsProps) {
  const { result } = props;
  const diverged = result.runs.filter(({ run }) => run.diverged !== null);
  return (
    <div className="sweeps-results">
      <MetricFigure {...props} />
      <FrontFigure {...props} />
      <section aria-label="Table of the sweep" className="sweeps-table">
        <h3>All points</h3>
        <TableBehind title="All points" table={() => sweepTable(result)} />
      </section>
      {causalSentence(result) !== '' && <p className="muted">{causalSentence(result)}</p>}
      {diverged.length > 0 && (
        <p className="muted">
          Left out, as they diverged:{' '}
          {diverged.map(({ point, seed }) => `point ${point + 1}, seed ${seed}`).join('; ')}.
        </p>
      )}
    </div>
  );
}
