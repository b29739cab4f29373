import { useCallback, useMemo, useRef } from 'react';
import { formatCompact, formatNumber, formatStep } from '../format.ts';
import { useConfig, useRun, useView } from '../useLab.tsx';
import { useLiveVersion, useWidth } from '../useLive.ts';
import { ChartMenu } from './ChartMenu.tsx';
import { Crosshair, type Marker } from './Crosshair.tsx';
import { Legend } from './Legend.tsx';
import { Plot } from './Plot.tsx';
import { type Axis, valueAxis } from './scale.ts';
import {
  type Baseline,
  brokenSteps,
  chartRows,
  readAt,
  type Series,
  type Steps,
} from './series.ts';
import { useEventMarkers } from './useEventMarkers.ts';

export interface StepChartProps {
  title: string;
  /** What the lines are, in a sentence. */
  hint?: string;
  /** Name of exported files. */
  name: string;
  height: number;
  /** Lines and the values whose extremes are kept; called when the run's version changes. */
  lines: () => { series: readonly Series[]; steps: Steps };
  baselines?: readonly Baseline[];
  logY?: boolean;
  format: (value: number) => string;
  /** Small charts show no labels in their legend. */
  isSmall?: boolean;
}

const NO_BASELINES: readonly Baseline[] = [];

/** Steps that all charts show: what is zoomed to, else the whole planned run. */
export function useStepAxis(): Axis {
  const total = useConfig((s) => s.experiment.optimizer.totalSteps);
  const zoom = useView((s) => s.zoom);
  const logX = useView((s) => s.logX);
  const end = useRun((s) => Math.max(total, s.step, 2));
  return useMemo(
    () => ({ min: zoom?.[0] ?? (logX ? 1 : 0), max: zoom?.[1] ?? end, isLog: logX }),
    [zoom, logX, end],
  );
}

/** Steps as the horizontal axis writes them: themselves, or the tokens trained on. */
function useStepFormat(): (step: number) => string {
  const xUnit = useView((s) => s.xUnit);
  const { B, S } = useConfig((s) => (s.running ?? s.experiment).batch);
  return useCallback(
    (step) => (xUnit === 'steps' ? formatStep(step) : formatCompact(step * B * S)),
    [xUnit, B, S],
  );
}

/** A chart over steps: lines, crosshair shared with all others, zoom, markers, exports. */
export function StepChart(props: StepChartProps) {
  const {
    title,
    hint,
    name,
    height,
    lines,
    baselines = NO_BASELINES,
    logY = false,
    format,
    isSmall = false,
  } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const version = useLiveVersion(frame);
  const x = useStepAxis();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the logs grow in place; version tells
  const drawn = useMemo(() => {
    const { series, steps } = lines();
    const rows = chartRows(series, steps, x, Math.max(60, Math.floor(width / 3)));
    const values = rows.flatMap((row) => series.map(({ key }) => row[key] ?? Number.NaN));
    const y = valueAxis([...values, ...baselines.map(({ value }) => value)], logY);
    const broken = brokenSteps(steps);
    return { series, rows, steps, y, broken, lastStep: steps.firstStep + steps.values.length - 1 };
  }, [lines, baselines, x, width, logY, version]);

  const { series, steps, rows, y, broken, lastStep } = drawn;
  const listed = series.filter(({ isUnlisted }) => !isUnlisted);
  const formatX = useStepFormat();
  const changes = useEventMarkers();
  const markers: Marker[] = [
    ...changes,
    ...broken.map((step) => ({
      step,
      title: `Step ${step}: not a finite number`,
      kind: 'broken' as const,
    })),
  ];
  const readout = useCallback(
    (step: number) =>
      `step ${step}: ${series.map((line) => `${line.label} ${format(readAt(line, step))}`).join(', ')}`,
    [series, format],
  );
  const tip = useCallback(
    (step: number) => (
      <>
        <b className="num">Step {formatStep(step)}</b>
        <dl>
          {series
            .filter((line) => Number.isFinite(readAt(line, step)))
            .map((line) => (
              <div key={line.key} style={{ display: 'contents' }}>
                <dt>
                  <i
                    className={line.isFaint ? 'swatch faint' : 'swatch'}
                    style={{ color: line.color }}
                  />
                  {line.label}
                </dt>
                <dd className="num">{format(readAt(line, step))}</dd>
              </div>
            ))}
        </dl>
      </>
    ),
    [series, format],
  );
  return (
    <figure className={isSmall ? 'chart small' : 'chart'}>
      <div className="chart-head">
        <figcaption title={hint}>{title}</figcaption>
        <Legend series={listed} format={format} lastStep={lastStep} isSmall={isSmall} />
        <ChartMenu name={name} title={title} series={series} steps={steps} frame={frame} />
      </div>
      <div ref={frame} className="chart-frame" style={{ height }}>
        {width > 0 && (
          <Plot
            width={width}
            height={height}
            rows={rows}
            series={series}
            baselines={baselines}
            x={x}
            y={y}
            formatX={formatX}
            formatY={formatNumber}
          />
        )}
        {!isSmall && rows.length === 0 && (
          <p className="chart-empty">Press Start: the curves grow here.</p>
        )}
        <Crosshair
          label={title}
          width={width}
          height={height}
          x={x}
          lastStep={lastStep}
          markers={markers}
          readout={readout}
          tip={isSmall ? null : tip}
        />
      </div>
    </figure>
  );
}
