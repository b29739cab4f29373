import { type RefObject, useCallback, useMemo, useRef } from 'react';
import { formatCompact, formatNumber, formatStep } from '../format.ts';
import { useConfig, useKept, useRun, useView } from '../useLab.tsx';
import { useLiveVersion, useWidth } from '../useLive.ts';
import { ChartMenu } from './ChartMenu.tsx';
import { Crosshair, type Marker } from './Crosshair.tsx';
import { EnvelopeCache, type LineValues } from './envelope.ts';
import { Legend } from './Legend.tsx';
import { Plot, plotSize } from './Plot.tsx';
import { type Axis, steadyAxis, valueAxis } from './scale.ts';
import { type Baseline, extentOf, readAt, type Series } from './series.ts';
import { useEventMarkers } from './useEventMarkers.ts';
import { stretchOf, useLiveTokens } from './useKeptLines.ts';

export interface StepChartProps {
  title: string;
  /** What the lines are, in a sentence. */
  hint?: string;
  /** Name of exported files. */
  name: string;
  height: number;
  /** The lines as they are now; called when the run's version changes. */
  lines: () => readonly Series[];
  baselines?: readonly Baseline[];
  logY?: boolean;
  format: (value: number) => string;
  /** Small charts show no labels in their legend. */
  isSmall?: boolean;
}

const NO_BASELINES: readonly Baseline[] = [];

/** Fewest steps that a chart has room for. */
const FEWEST = 50;

/**
 * Where the axis of a run ends: 50, 100, 200, 500, 1000 … steps, whichever holds those taken, and
 * with the plan at the latest. So the curve fills its chart, and the axis changes a few times only.
 */
export function axisEnd(taken: number, planned: number): number {
  if (taken >= planned) return Math.max(taken, 2);
  const stage = (power: number) => [1, 2, 5].map((digit) => digit * 10 ** power);
  const stages = [0, 1, 2, 3, 4, 5, 6, 7].flatMap(stage);
  const end = stages.find((steps) => steps >= Math.max(FEWEST, taken)) ?? planned;
  return Math.max(2, Math.min(end, planned));
}

/** Steps that all charts show: what is zoomed to, else those of the run and of the kept ones. */
export function useStepAxis(): Axis {
  const total = useConfig((s) => s.experiment.optimizer.totalSteps);
  const zoom = useView((s) => s.zoom);
  const logX = useView((s) => s.logX);
  const xUnit = useView((s) => s.xUnit);
  const liveTokens = useLiveTokens();
  const kept = useKept((s) => s.runs);
  const live = useRun((s) => axisEnd(s.step, total));
  return useMemo(() => {
    const ends = kept
      .filter(({ isVisible }) => isVisible)
      .map((run) => {
        const { firstStep, columns } = run;
        const steps = columns.ce?.length ?? 0;
        return (firstStep + steps - 1) * stretchOf(run, xUnit, liveTokens);
      });
    const end = Math.max(live, ...ends);
    return { min: zoom?.[0] ?? (logX ? 1 : 0), max: zoom?.[1] ?? end, isLog: logX };
  }, [zoom, logX, live, kept, xUnit, liveTokens]);
}

/** Steps as the horizontal axis writes them: themselves, or the tokens trained on. */
function useStepFormat(): (step: number) => string {
  const xUnit = useView((s) => s.xUnit);
  const liveTokens = useLiveTokens();
  return useCallback(
    (step) => (xUnit === 'steps' ? formatStep(step) : formatCompact(step * liveTokens)),
    [xUnit, liveTokens],
  );
}

/** What there is to draw of the lines as they are now. */
interface Drawing {
  series: readonly Series[];
  paths: readonly string[];
  y: Axis;
  broken: readonly number[];
  hasValues: boolean;
  /** Last step of the live run, 0 without any. */
  lastStep: number;
  /** Last step of any line. */
  reach: number;
}

/** Draws lines into paths, taking in only what is new since the last time. */
function useDrawing(
  props: StepChartProps,
  frame: RefObject<HTMLElement | null>,
  width: number,
  x: Axis,
): Drawing {
  const { lines, height, baselines = NO_BASELINES, logY = false } = props;
  const version = useLiveVersion(frame);
  const cache = useRef(new EnvelopeCache());
  const axis = useRef<Axis | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the logs grow in place; version tells
  return useMemo(() => {
    const series = lines();
    const size = plotSize(width, height);
    const dense = new Map<string, LineValues>();
    for (const line of series) if (line.points === undefined) dense.set(line.key, line);
    const envelopes = cache.current.update(dense, x, Math.max(60, Math.round(size.width)));
    const ends = [...envelopes].flatMap(([key, envelope]) => {
      return envelope.range(dense.get(key)?.values ?? []) ?? [];
    });
    const points = series.flatMap((line) => line.points ?? []);
    const seen = points.filter(({ step }) => step >= x.min && step <= x.max);
    const values = [...ends, ...seen.map(({ value }) => value)];
    const wanted = valueAxis([...values, ...baselines.map(({ value }) => value)], logY);
    const y = steadyAxis(axis.current, wanted);
    axis.current = y;
    const live = series.find((line) => line.points === undefined && line.isBehind !== true);
    return {
      series,
      paths: series.map((line) => {
        return line.points === undefined ? cache.current.path(line.key, line, y, size) : '';
      }),
      y,
      broken: (live && envelopes.get(live.key)?.broken) ?? [],
      hasValues: values.length > 0,
      lastStep: live === undefined ? 0 : (extentOf([live])?.[1] ?? 0),
      reach: extentOf(series)?.[1] ?? 0,
    };
  }, [lines, baselines, x, width, height, logY, version]);
}

/** A chart over steps: lines, crosshair shared with all others, zoom, markers, exports. */
export function StepChart(props: StepChartProps) {
  const { title, hint, name, height, lines, baselines = NO_BASELINES, format } = props;
  const { isSmall = false } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const x = useStepAxis();
  const { series, paths, y, broken, hasValues, lastStep, reach } = useDrawing(
    props,
    frame,
    width,
    x,
  );
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
    (step: number) => <Tip series={series} step={step} format={format} />,
    [series, format],
  );
  return (
    <figure className={isSmall ? 'chart small' : 'chart'}>
      <div className="chart-head">
        <figcaption title={hint}>{title}</figcaption>
        <Legend series={listed} format={format} lastStep={lastStep} isSmall={isSmall} />
        <ChartMenu name={name} title={title} lines={lines} frame={frame} />
      </div>
      <div ref={frame} className="chart-frame" style={{ height }}>
        {width > 0 && (
          <Plot
            width={width}
            height={height}
            lines={series.map((line, i) => ({ line, path: paths[i] ?? '' }))}
            hasValues={hasValues}
            baselines={baselines}
            x={x}
            y={y}
            formatX={formatX}
            formatY={formatNumber}
          />
        )}
        {!isSmall && !hasValues && (
          <p className="chart-empty">Press Start: the curves grow here.</p>
        )}
        <Crosshair
          label={title}
          width={width}
          height={height}
          x={x}
          lastStep={lastStep}
          reach={reach}
          markers={markers}
          readout={readout}
          tip={isSmall ? null : tip}
        />
      </div>
    </figure>
  );
}

interface TipProps {
  series: readonly Series[];
  step: number;
  format: (value: number) => string;
}

/** Values of all lines at a step. */
function Tip({ series, step, format }: TipProps) {
  return (
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
  );
}
