import { memo } from 'react';
import { CartesianAxis, Surface } from 'recharts';
import { formatNumber, formatTicks } from '../format.ts';
import type { Drawn, PlotSize } from './envelope.ts';
import { type Axis, position, spread, ticksOf } from './scale.ts';
import type { Baseline, Series } from './series.ts';

/** Space round the plotting area, in pixels: the same in every chart, so that crosshairs line up. */
export const MARGIN = { top: 8, right: 22, bottom: 22, left: 50 } as const;

const TICK = { fontSize: 10.5, fill: 'var(--text-3)' } as const;

/** The plotting area of a chart. */
export function plotSize(width: number, height: number): PlotSize {
  return {
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
  };
}

interface AxesProps {
  width: number;
  height: number;
  x: Axis;
  y: Axis;
  /** Whether there are values whose size the vertical axis tells. */
  hasValues: boolean;
  baselines: readonly Baseline[];
  /** What one unit of the horizontal axis is called: 1 for steps, else the tokens of a step. */
  xUnit: number;
  /** What the horizontal axis counts. */
  xTitle?: string;
  /** Whether the values are parts, written in percent. */
  isPercent?: boolean;
}

/** Letters that the left margin has room for. */
const LETTERS = 7;

interface TickLabelProps {
  labels: readonly string[];
  /** From the tick's place to the baseline of its label. */
  dy: string;
  /** What Recharts adds of the tick. */
  x?: number;
  y?: number;
  index?: number;
  textAnchor?: 'start' | 'middle' | 'end';
}

/**
 * Label of a tick as plain text: Recharts' own measures each word in the page, which costs more
 * than all else of a chart.
 */
function TickLabel({ labels, dy, x, y, index = 0, textAnchor }: TickLabelProps) {
  const longest = Math.max(...labels.map(({ length }) => length));
  // At the left there is room for so many letters of full size.
  const scale = textAnchor === 'end' ? Math.min(1, LETTERS / longest) : 1;
  const fontSize = scale * TICK.fontSize;
  return (
    <text x={x} y={y} dy={dy} textAnchor={textAnchor} fill={TICK.fill} fontSize={fontSize}>
      {labels[index]}
    </text>
  );
}

/** Ticks of an axis as Recharts takes them. */
function axisTicks(
  values: readonly number[],
  toPlace: (value: number) => number,
  dy: string,
  unit = 1,
  sign = '',
) {
  const labels = formatTicks(values.map((value) => value * unit)).map((label) => label + sign);
  return {
    ticks: values.map((value, index) => ({ value, index, coordinate: toPlace(value) })),
    tick: <TickLabel labels={labels} dy={dy} />,
  };
}

/** Height of a baseline's label, and its distance from the line. */
const LABEL_PX = 12;
const ABOVE_PX = 4;

/** Lines at known values, their labels moved apart where they would cover each other. */
function Baselines({ baselines, y, width, height }: Pick<AxesProps, 'baselines' | 'y'> & PlotSize) {
  const shown = baselines.filter(({ value }) => value >= y.min && value <= y.max);
  const tops = shown.map(({ value }) => height * (1 - position(y, value)));
  const labels = spread(
    tops.map((top) => top - ABOVE_PX),
    LABEL_PX,
    height - ABOVE_PX,
  );
  return shown.map(({ key, label, value, color }, i) => (
    <g key={key} transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
      <line x1={0} x2={width} y1={tops[i]} y2={tops[i]} stroke={color} strokeDasharray="2 4" />
      <text x={width - 4} y={labels[i]} textAnchor="end" fontSize={10.5} fill={color}>
        {`${label} ${formatNumber(value)}`}
      </text>
    </g>
  ));
}

/** Grid, axes and lines at known values; drawn anew only when an axis moves. */
const Axes = memo(function Axes(props: AxesProps) {
  const { width, height, x, y, hasValues, baselines, xUnit, xTitle, isPercent = false } = props;
  const plot = plotSize(width, height);
  const right = MARGIN.left + plot.width;
  const bottom = MARGIN.top + plot.height;
  const toX = (value: number) => MARGIN.left + plot.width * position(x, value);
  const toY = (value: number) => MARGIN.top + plot.height * (1 - position(y, value));
  const yTicks = hasValues ? ticksOf(y, Math.max(2, Math.round(height / 45))) : [];
  const scaled = { ...x, min: x.min * xUnit, max: x.max * xUnit };
  const xTicks = ticksOf(scaled, Math.max(2, Math.floor(width / 90)), 1);
  return (
    <>
      <g stroke="var(--grid)">
        {yTicks.map((tick) => (
          <line key={tick} x1={MARGIN.left} x2={right} y1={toY(tick)} y2={toY(tick)} />
        ))}
      </g>
      <CartesianAxis
        orientation="bottom"
        x={MARGIN.left}
        y={bottom}
        width={plot.width}
        height={MARGIN.bottom}
        {...axisTicks(
          xTicks.map((tick) => tick / xUnit),
          toX,
          '0.71em',
          xUnit,
        )}
        tickLine={false}
        axisLine={{ stroke: 'var(--line-strong)' }}
        interval={0}
      />
      <CartesianAxis
        orientation="left"
        x={0}
        y={MARGIN.top}
        width={MARGIN.left}
        height={plot.height}
        {...axisTicks(yTicks, toY, '0.355em', isPercent ? 100 : 1, isPercent ? '%' : '')}
        tickSize={0}
        tickMargin={4}
        tickLine={false}
        axisLine={false}
        interval={0}
      />
      <text x={MARGIN.left - 8} y={bottom + 8} dy="0.71em" textAnchor="end" {...TICK}>
        {xTitle}
      </text>
      <Baselines baselines={baselines} y={y} {...plot} />
    </>
  );
});

export interface DrawnLine {
  line: Series;
  drawn: Drawn;
}

/** A line, and its values that stand alone as dots. */
function Line({ line, drawn }: DrawnLine) {
  const { key, color, isFaint, isBehind, isDashed, dash = isDashed ? '5 4' : '' } = line;
  const look = { stroke: color, strokeOpacity: isFaint ? 0.28 : isBehind ? 0.75 : 1 };
  return (
    <>
      <path
        data-line={key}
        d={drawn.line}
        {...look}
        strokeWidth={isFaint ? 1 : isBehind ? 1.25 : 1.75}
        strokeLinejoin="bevel"
        {...(dash === '' ? {} : { strokeDasharray: dash })}
      />
      {drawn.dots !== '' && (
        <path
          data-dots={key}
          d={drawn.dots}
          {...look}
          strokeWidth={isBehind ? 4 : 5}
          strokeLinecap="round"
        />
      )}
    </>
  );
}

/** Room round the plotting area for dots on its edge. */
const DOT_PX = 3;

/** The drawn lines and axes; knows nothing of pointers. */
export function Plot({ lines, ...axes }: AxesProps & { lines: readonly DrawnLine[] }) {
  const { width, height } = axes;
  const plot = plotSize(width, height);
  return (
    <Surface width={width} height={height} className="plot" aria-hidden="true">
      <Axes {...axes} />
      <svg
        x={MARGIN.left - DOT_PX}
        y={MARGIN.top - DOT_PX}
        width={plot.width + 2 * DOT_PX}
        height={plot.height + 2 * DOT_PX}
        viewBox={`${-DOT_PX} ${-DOT_PX} ${plot.width + 2 * DOT_PX} ${plot.height + 2 * DOT_PX}`}
        fill="none"
        aria-hidden="true"
      >
        {lines.map(({ line, drawn }) => (
          <Line key={line.key} line={line} drawn={drawn} />
        ))}
      </svg>
    </Surface>
  );
}
