import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { metricRow } from '../../../analysis/compare/metrics.ts';
import type { XUnit } from '../../../analysis/compare/places.ts';
import { referenceValues } from '../../../analysis/compare/references.ts';
import type { TableRow } from '../../../analysis/compare/table.ts';
import type { MetricName } from '../../../runs/record.ts';
import type { Budget } from '../../kit/charts/budget.ts';
import { ChartMenu } from '../../kit/charts/ChartMenu.tsx';
import { Crosshair } from '../../kit/charts/Crosshair.tsx';
import { Plot } from '../../kit/charts/Plot.tsx';
import { MARGIN, plotSize } from '../../kit/charts/plotSize.ts';
import { position } from '../../kit/charts/scale.ts';
import type { Baseline } from '../../kit/charts/series.ts';
import { formatLoss, formatShort } from '../../kit/format.ts';
import { useLab, useLibrary, useView } from '../../kit/useLab.tsx';
import { useWidth } from '../../kit/useLive.ts';
import { useTheme } from '../../kit/useTheme.ts';
import type { CompareAxis } from './axis.ts';
import { CompareTip, describeReadings, readLine } from './CompareTip.tsx';
import { type CompareLine, LineCache } from './lines.ts';
import { drawnLine, type Painted, Painter } from './paint.ts';

interface CompareChartProps {
  metric: MetricName;
  rows: readonly TableRow[];
  unit: XUnit;
  x: CompareAxis;
  height: number;
  /** Over the whole width. */
  isFirst: boolean;
}

const REFERENCE_COLORS = {
  uniform: 'var(--ref-1)',
  unigram: 'var(--ref-2)',
  hash: 'var(--aux)',
  frozen: 'var(--valid)',
} as const;

/** What the compared runs are held against, as horizontal lines. */
function referenceLines(metric: MetricName, rows: readonly TableRow[]): Baseline[] {
  const runs = rows.flatMap((row) => row.runs);
  return referenceValues(metric, runs).map(({ id, ...reference }) => ({
    ...reference,
    key: id,
    color: REFERENCE_COLORS[id],
  }));
}

const NOTHING: Painted = {
  lines: [],
  y: { min: 0, max: 1, isLog: false },
  hasValues: false,
  extent: [0, 0],
};

/** Lines this far from the pointer are lit, in pixels. */
const NEAR_PX = 14;

/** Paints the lines of a chart whenever they, the axes, the place or the colours change. */
function usePainted(
  canvas: RefObject<HTMLCanvasElement | null>,
  lines: (budget: Budget) => CompareLine[],
  { x, width, height }: { x: CompareAxis['axis']; width: number; height: number },
): Painted {
  const painter = useRef<Painter | null>(null);
  const [painted, setPainted] = useState(NOTHING);
  const isLogY = useView((s) => s.logY);
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme says which colours the style has
  useEffect(() => {
    const element = canvas.current;
    if (element === null || width === 0) return;
    painter.current ??= new Painter();
    const style = getComputedStyle(element);
    const colorOf = (color: string) =>
      style.getPropertyValue(color.replace(/^var\((.*)\)$/, '$1')) || color;
    const painting = {
      lines,
      x,
      isLogY,
      size: plotSize(width, height),
      ratio: window.devicePixelRatio,
      colorOf,
    };
    void painter.current.paint(element, painting).then((now) => {
      if (now !== null) setPainted(now);
    });
    return () => painter.current?.stop();
  }, [canvas, lines, x, isLogY, width, height, theme]);
  return painted;
}

/** The line nearest to a point of the plot; null where none is near. */
function nearest(
  { lines, y }: Painted,
  { place, top }: { place: number; top: number },
  height: number,
): CompareLine | null {
  let [best, least]: [CompareLine | null, number] = [null, NEAR_PX];
  for (const line of lines) {
    const read = readLine(line, place);
    if (read === null) continue;
    const off = Math.abs(height * (1 - position(y, read.value)) - top);
    if (off < least) [best, least] = [line, off];
  }
  return best;
}

/** One metric of all compared runs: drawn on a canvas, with what is lit above the others. */
export function CompareChart({ metric, rows, unit, x, height, isFirst }: CompareChartProps) {
  const { library } = useLab();
  const { label, format: how } = metricRow(metric);
  const format = how === 'loss' ? formatLoss : formatShort;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cache = useRef<LineCache>(undefined);
  cache.current ??= new LineCache();
  const width = useWidth(frame);
  const smoothing = useView((s) => s.smoothing);
  const lit = useLibrary((s) => s.lit);
  const [isWhole, setWhole] = useState(false);
  const { axis, perPlace, format: formatPlace } = x;
  const lines = useCallback(
    (budget: Budget) =>
      cache.current?.lines(rows, { metric, unit, perPlace, smoothing }, budget) ?? [],
    [rows, metric, unit, perPlace, smoothing],
  );
  const baselines = useMemo(() => referenceLines(metric, rows), [metric, rows]);
  const painted = usePainted(canvas, lines, { x: axis, width, height });
  const litLines = useMemo(
    () => (lit.size === 0 ? [] : painted.lines.filter(({ ids }) => ids.some((id) => lit.has(id)))),
    [painted, lit],
  );
  const plot = plotSize(width, height);
  const above = useMemo(
    () =>
      (isWhole ? painted.lines : litLines).map((line) => ({
        line,
        drawn: drawnLine(line, painted, axis, plotSize(width, height)),
      })),
    [isWhole, litLines, painted, axis, width, height],
  );
  const readout = useCallback(
    (place: number) => describeReadings(painted.lines, place, lit, { format, formatPlace }),
    [painted, lit, format, formatPlace],
  );
  const tip = useCallback(
    (place: number) => (
      <CompareTip {...{ lines: painted.lines, place, lit, format, formatPlace }} />
    ),
    [painted, lit, format, formatPlace],
  );
  const onPoint = (at: { place: number; top: number } | null) => {
    const line = at && nearest(painted, at, plot.height);
    library.getState().light(line?.ids ?? []);
  };
  return (
    <figure className={isFirst ? 'chart compare-chart compare-first' : 'chart compare-chart'}>
      <div className="chart-head">
        <figcaption>{label}</figcaption>
        <span className="muted num">
          {painted.lines.length === 1 ? '1 line' : `${painted.lines.length} lines`}
        </span>
        <ChartMenu
          name={`switchyard-compare-${metric}`}
          title={label}
          lines={lines}
          frame={frame}
          whole={(is) => flushSync(() => setWhole(is))}
        />
      </div>
      <div ref={frame} className="chart-frame" style={{ height }}>
        <canvas
          ref={canvas}
          className={litLines.length > 0 ? 'compare-canvas dimmed' : 'compare-canvas'}
          style={{ left: MARGIN.left, top: MARGIN.top, width: plot.width, height: plot.height }}
        />
        {width > 0 && (
          <Plot
            width={width}
            height={height}
            lines={above}
            hasValues={painted.hasValues}
            baselines={baselines}
            x={axis}
            y={painted.y}
            xUnit={perPlace}
          />
        )}
        {!painted.hasValues && <p className="chart-empty">No compared run has this metric.</p>}
        <Crosshair
          label={label}
          width={width}
          height={height}
          x={axis}
          lastStep={painted.extent[1]}
          first={painted.extent[0]}
          reach={painted.extent[1]}
          markers={[]}
          readout={readout}
          tip={tip}
          onPoint={onPoint}
        />
      </div>
    </figure>
  );
}
