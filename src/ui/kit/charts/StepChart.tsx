import {
  type RefObject,
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { formatPercent } from '../format.ts';
import { useLiveVersion, useWidth } from '../useLive.ts';
import { Budget, DRAWN_AT_ONCE } from './budget.ts';
import { ChartMenu } from './ChartMenu.tsx';
import { Crosshair, type Marker, marksOf } from './Crosshair.tsx';
import { type Drawn, type Envelope, EnvelopeCache } from './envelope.ts';
import { Legend } from './Legend.tsx';
import { Plot } from './Plot.tsx';
import { readPart, seamMarkers, useParts } from './parts.ts';
import { plotSize } from './plotSize.ts';
import { type Axis, steadyAxis, valueAxis } from './scale.ts';
import { type Baseline, extentOf, type Series } from './series.ts';
import { useStepAxis, useXScale, type XScale } from './stepAxis.ts';
import { describeTip, Tip } from './Tip.tsx';
import { useEventMarkers } from './useEventMarkers.ts';

export interface StepChartProps {
  title: string;
  /** What the lines are, in a sentence. */
  hint?: string;
  /** Name of exported files. */
  name: string;
  height: number;
  /** The lines as they are now, as far as the budget goes; called when the run's version changes. */
  lines: (budget: Budget) => readonly Series[];
  /** What alone the lines are made of, where that changes more seldom than the run. */
  madeOf?: (() => unknown) | undefined;
  baselines?: readonly Baseline[];
  logY?: boolean;
  format: (value: number) => string;
  /** Whether values are parts, which the axis has in percent too. */
  isPercent?: boolean;
  /** Small charts show no labels in their legend. */
  isSmall?: boolean;
}

const NO_BASELINES: readonly Baseline[] = [];

/** What there is to draw of the lines as they are now. */
interface Drawing {
  series: readonly Series[];
  drawn: readonly Drawn[];
  y: Axis;
  /** Markers of values that are not finite. */
  broken: readonly Marker[];
  hasValues: boolean;
  /** Last step of the live run, 0 without any. */
  lastStep: number;
  /** First and last place of any line. */
  extent: readonly [first: number, last: number];
}

/** A marker at each place with values that are not finite, which names their lines. */
function brokenMarkers(
  series: readonly Series[],
  envelopes: ReadonlyMap<string, Envelope>,
  formatPlace: XScale['format'],
): Marker[] {
  const labels = new Map<number, string[]>();
  for (const line of series) {
    if (line.isDerived || line.hasUndefined) continue;
    for (const place of envelopes.get(line.key)?.broken ?? []) {
      labels.set(place, [...(labels.get(place) ?? []), line.label]);
    }
  }
  return [...labels].map(([step, names]) => {
    const place = formatPlace(step);
    const title = `${place[0]?.toUpperCase()}${place.slice(1)}: not a finite number (${names.join(', ')})`;
    return { step, title, kind: 'broken' };
  });
}

/** Draws lines into paths, taking in only what is new since the last time, and not too much at once. */
function useDrawing(
  props: StepChartProps,
  frame: RefObject<HTMLElement | null>,
  width: number,
  x: Axis,
  formatPlace: XScale['format'],
): Drawing {
  const { lines, height, baselines = NO_BASELINES, logY = false } = props;
  const version = useLiveVersion(frame, props.madeOf);
  const cache = useRef(new EnvelopeCache());
  const axis = useRef<Axis | null>(null);
  const [rest, setRest] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the logs grow in place; version and rest tell
  const { isShort, ...drawing } = useMemo(() => {
    const budget = new Budget(DRAWN_AT_ONCE);
    const series = lines(budget);
    const size = plotSize(width, height);
    const columns = Math.max(60, Math.round(size.width));
    // The live run first: it never waits for what stands behind it.
    const order = [false, true].flatMap((isBehind) =>
      series.filter((line) => (line.isBehind === true) === isBehind),
    );
    const envelopes = cache.current.update(
      new Map(order.map((line) => [line.key, line])),
      { axis: x, columns, isLogY: logY },
      budget,
    );
    const ends = series.flatMap((line) => envelopes.get(line.key)?.range(line) ?? []);
    const y = steadyAxis(
      axis.current,
      valueAxis([...ends, ...baselines.map(({ value }) => value)], logY),
    );
    axis.current = y;
    const [live] = order;
    const extent = extentOf(series);
    return {
      series,
      drawn: series.map((line) => cache.current.draw(line.key, line, y, size, line.isDashed)),
      y,
      broken: brokenMarkers(series, envelopes, formatPlace),
      hasValues: ends.length > 0,
      lastStep: live === undefined || live.isBehind ? 0 : (extentOf([live])?.[1] ?? 0),
      extent: extent ?? ([0, 0] as const),
      isShort: budget.isShort,
    };
  }, [lines, baselines, x, width, height, logY, formatPlace, version, rest]);
  useEffect(() => {
    if (!isShort) return;
    const timer = setTimeout(() => setRest(rest + 1));
    return () => clearTimeout(timer);
  });
  return drawing;
}

/** A chart over steps: lines, crosshair shared with all others, zoom, markers, exports. */
export function StepChart(props: StepChartProps) {
  const { title, hint, name, height, baselines = NO_BASELINES, format } = props;
  const { isSmall = false, isPercent = format === formatPercent } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  // Another run or axis concerns all charts at once: input does not wait for them.
  const lines = useDeferredValue(props.lines);
  const x = useDeferredValue(useStepAxis());
  const { unit, format: formatPlace } = useXScale();
  const drawing = useDrawing({ ...props, lines }, frame, width, x, formatPlace);
  const { series, drawn, y, broken, hasValues, lastStep, extent } = drawing;
  const changes = useEventMarkers();
  const parts = useParts(lastStep);
  const happened = useCallback(
    () => marksOf([...changes, ...seamMarkers(parts)], x),
    [changes, parts, x],
  );
  const readout = useCallback(
    (place: number) => describeTip({ series, place, format, formatPlace }) + readPart(parts, place),
    [series, format, formatPlace, parts],
  );
  const tip = useCallback(
    (place: number) => (
      <Tip series={series} place={place} format={format} formatPlace={formatPlace} />
    ),
    [series, format, formatPlace],
  );
  return (
    <figure className={isSmall ? 'chart small' : 'chart'}>
      <div className="chart-head">
        <figcaption title={hint}>{title}</figcaption>
        <Legend
          series={series.filter(({ isUnlisted }) => !isUnlisted)}
          format={format}
          formatPlace={formatPlace}
          hasOtherValidation={series.some(({ isBehind, isDashed }) => isBehind && isDashed)}
          lastStep={lastStep || extent[1]}
          parts={parts}
          isSmall={isSmall}
        />
        <ChartMenu name={name} title={title} lines={lines} happened={happened} frame={frame} />
      </div>
      <div ref={frame} className="chart-frame" style={{ height }}>
        {width > 0 && (
          <Plot
            width={width}
            height={height}
            lines={series.map((line, i) => ({ line, drawn: drawn[i]! }))}
            hasValues={hasValues}
            baselines={baselines}
            x={x}
            y={y}
            xUnit={unit}
            xTitle={unit === 1 ? 'step' : 'tokens'}
            isPercent={isPercent}
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
          first={extent[0]}
          reach={extent[1]}
          markers={[...changes, ...seamMarkers(parts), ...broken]}
          readout={readout}
          tip={isSmall && !series.some(({ isUnlisted }) => isUnlisted) ? null : tip}
        />
      </div>
    </figure>
  );
}
