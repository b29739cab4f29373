import { useCallback, useMemo } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { formatCount, formatPercent } from '../format.ts';
import { type FigureAxisPx, figureTicks, pixelAt, spanFromZero } from './axis.ts';
import { Key, keyPlaces } from './Face.tsx';
import { formatValue } from './formats.ts';
import { LANE_PX, QuantileHandles, type QuantileLine, QuantileLines } from './QuantileLines.tsx';
import { type Laid, Stage } from './Stage.tsx';
import { categoryLook } from './scales.ts';
import { type Span, useAxisSpan } from './sharedSpan.ts';
import { ValueAxis } from './ValueAxis.tsx';

export type { QuantileLine } from './QuantileLines.tsx';

export interface HistogramSeries {
  label: string;
  /** Values per bin. */
  counts: ArrayLike<number>;
  color?: string;
}

export interface HistogramProps {
  /** Where bins begin and end, rising: one more than there are bins. */
  edges: ArrayLike<number>;
  /** One, or two of which the second is drawn as an outline over the first. */
  series: readonly HistogramSeries[];
  /** Of the edges. */
  format: FigureFormat;
  /** Heights as parts of each series' sum, so that two of unlike size compare. */
  asParts?: boolean;
  /** What the values are: "largest routing weight". */
  quantity?: string;
  lines?: readonly QuantileLine[];
}

const HEIGHT = { plot: 170, below: 34 } as const;

interface Plan {
  x: FigureAxisPx;
  y: FigureAxisPx;
  top: number;
  bottom: number;
  height: number;
  /** Heights [series][bin]. */
  heights: readonly (readonly number[])[];
}

/** Heights of a series' bins: its counts, or their parts of the sum. */
export function binHeights({ counts }: HistogramSeries, asParts: boolean): number[] {
  const all = Array.from(counts);
  const sum = asParts ? all.reduce((total, count) => total + count, 0) || 1 : 1;
  return all.map((count) => count / sum);
}

/** Least and most of both axes. */
interface Spans {
  x: Span;
  y: Span;
}

/** Those of these bins alone. */
function ownSpans({ edges, series, asParts = false }: HistogramProps): Spans {
  return {
    x: [edges[0] ?? 0, edges[edges.length - 1] ?? 1],
    y: spanFromZero(series.flatMap((one) => binHeights(one, asParts))),
  };
}

function planOf(props: HistogramProps, spans: Spans, width: number, keyHeight: number): Plan {
  const { series, asParts = false, lines = [] } = props;
  const heights = series.map((one) => binHeights(one, asParts));
  const top = keyHeight + lines.length * LANE_PX + 4;
  const bottom = top + HEIGHT.plot;
  return {
    x: { min: spans.x[0], max: spans.x[1], from: 48, to: Math.max(68, width - 12) },
    y: { min: 0, max: spans.y[1], from: bottom, to: top },
    ...{ top, bottom, heights, height: bottom + HEIGHT.below },
  };
}

const PLACES = (value: number) => value.toFixed(2);

/** Bins as one path: filled faces, or the outline over them. */
function binsPath(
  { x, y, bottom }: Plan,
  edges: ArrayLike<number>,
  heights: readonly number[],
  isOutline: boolean,
): string {
  if (heights.length === 0) return '';
  const [first, last] = [pixelAt(x, edges[0]!), pixelAt(x, edges[heights.length]!)];
  const gap = !isOutline && (last - first) / heights.length >= 6 ? 1 : 0;
  let path = isOutline ? `M${PLACES(first)} ${PLACES(bottom)}` : '';
  for (const [i, height] of heights.entries()) {
    const [from, to] = [pixelAt(x, edges[i]!), pixelAt(x, edges[i + 1]!) - gap];
    const top = PLACES(pixelAt(y, height));
    if (isOutline) path += `L${PLACES(from)} ${top}L${PLACES(to)} ${top}`;
    else path += `M${PLACES(from)} ${PLACES(bottom)}V${top}H${PLACES(to)}V${PLACES(bottom)}z`;
  }
  return isOutline ? `${path}L${PLACES(last)} ${PLACES(bottom)}` : path;
}

function layHistogram(props: HistogramProps, spans: Spans, width: number): Laid {
  const { edges, series, format, asParts = false, lines = [], quantity } = props;
  const colors = series.map(({ color }, i) => color ?? categoryLook(i).color);
  const entries = series.map(({ label }, i) => ({ label, color: colors[i]! }));
  const shownKey = series.length > 1 ? entries : [];
  const plan = planOf(props, spans, width, keyPlaces(shownKey, width).height);
  const { x, y, top, bottom } = plan;
  const bins = Math.max(0, edges.length - 1);
  return {
    height: plan.height,
    drawing: (
      <>
        <Key entries={shownKey} left={0} width={width} />
        <ValueAxis
          ticks={figureTicks(y, asParts ? 'percent' : 'count', 40)}
          side="y"
          from={x.from}
          to={x.to}
        />
        {plan.heights.map((heights, i) => (
          <path
            key={entries[i]!.label}
            className={i === 0 ? 'figure-bins' : 'figure-outline'}
            d={binsPath(plan, edges, heights, i > 0)}
            {...(i === 0 ? { fill: colors[i]! } : { stroke: colors[i]! })}
          />
        ))}
        <ValueAxis ticks={figureTicks(x, format)} side="x" from={bottom} to={bottom} />
        <line className="figure-axis" x1={x.from} x2={x.to} y1={bottom} y2={bottom} />
        {quantity !== undefined && (
          <text className="figure-tick" x={(x.from + x.to) / 2} y={bottom + 29} textAnchor="middle">
            {quantity}
          </text>
        )}
        <QuantileLines lines={lines} axis={x} top={top} bottom={bottom} format={format} />
      </>
    ),
    box({ column }) {
      const [from, to] = [pixelAt(x, edges[column]!), pixelAt(x, edges[column + 1]!)];
      return { x: from, y: top, width: to - from, height: bottom - top };
    },
    hit(px, py) {
      if (px < x.from || px >= x.to || py < top || py > bottom) return null;
      if (px < pixelAt(x, edges[0]!)) return null;
      for (let i = 0; i < bins; i++)
        if (px < pixelAt(x, edges[i + 1]!)) return { row: 0, column: i };
      return null;
    },
  };
}

/** How often values fall into bins; over them quantiles that can be moved by pointer and keys. */
export function Histogram(props: HistogramProps) {
  const { edges, series, format, asParts = false, quantity = 'value', lines = [] } = props;
  const own = useMemo(() => ownSpans(props), [props]);
  const x = useAxisSpan(`${quantity}, ${format}, bins`, own.x);
  const y = useAxisSpan(`${quantity}, ${asParts ? 'parts' : 'counts'}`, own.y);
  const spans = useMemo(() => ({ x, y }), [x, y]);
  return (
    <Stage
      rows={1}
      columns={Math.max(0, edges.length - 1)}
      lay={useCallback((width: number) => layHistogram(props, spans, width), [props, spans])}
      tell={({ column }) => ({
        title: `${formatValue(edges[column]!, format)} to ${formatValue(edges[column + 1]!, format)}`,
        facts: series.map((one) => [
          one.label,
          `${formatCount(one.counts[column] ?? Number.NaN)} (${formatPercent(binHeights(one, true)[column] ?? Number.NaN)})`,
        ]),
      })}
      over={(width) => {
        const key = series.length > 1 ? series.map(({ label }) => ({ label, color: '' })) : [];
        const { x, top, bottom } = planOf(props, spans, width, keyPlaces(key, width).height);
        return <QuantileHandles lines={lines} axis={x} top={top} bottom={bottom} format={format} />;
      }}
    />
  );
}
