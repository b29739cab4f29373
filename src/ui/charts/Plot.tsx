import { memo } from 'react';
import { CartesianAxis, Surface } from 'recharts';
import type { PlotSize } from './envelope.ts';
import { type Axis, position, ticksOf } from './scale.ts';
import type { Baseline, Point, Series } from './series.ts';

/** Space round the plotting area, in pixels: the same in every chart, so that crosshairs line up. */
export const MARGIN = { top: 8, right: 18, bottom: 22, left: 46 } as const;

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
  formatX: (value: number) => string;
  formatY: (value: number) => string;
}

/** Grid, axes and lines at known values; drawn anew only when an axis moves. */
const Axes = memo(function Axes(props: AxesProps) {
  const { width, height, x, y, hasValues, baselines, formatX, formatY } = props;
  const plot = plotSize(width, height);
  const right = MARGIN.left + plot.width;
  const bottom = MARGIN.top + plot.height;
  const toX = (value: number) => MARGIN.left + plot.width * position(x, value);
  const toY = (value: number) => MARGIN.top + plot.height * (1 - position(y, value));
  const yTicks = hasValues ? ticksOf(y, Math.max(2, Math.round(height / 45))) : [];
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
        ticks={ticksOf(x, Math.max(2, Math.floor(width / 90))).map((value, index) => ({
          value,
          index,
          coordinate: toX(value),
        }))}
        tickFormatter={formatX}
        tick={TICK}
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
        ticks={yTicks.map((value, index) => ({ value, index, coordinate: toY(value) }))}
        tickFormatter={formatY}
        tick={TICK}
        tickLine={false}
        axisLine={false}
        interval={0}
      />
      {baselines
        .filter(({ value }) => value >= y.min && value <= y.max)
        .map(({ key, label, value, color }) => (
          <g key={key}>
            <line
              x1={MARGIN.left}
              x2={right}
              y1={toY(value)}
              y2={toY(value)}
              stroke={color}
              strokeDasharray="2 4"
            />
            <text x={right - 4} y={toY(value) - 4} textAnchor="end" fontSize={10.5} fill={color}>
              {`${label} ${formatY(value)}`}
            </text>
          </g>
        ))}
    </>
  );
});

/** Sparse points, joined by dashes. */
function SparseLine(
  props: { points: readonly Point[]; color: string; x: Axis; y: Axis } & PlotSize,
) {
  const { points, color, x, y, width, height } = props;
  const places = points
    .filter(({ step }) => step >= x.min && step <= x.max)
    .map(
      ({ step, value }) => [width * position(x, step), height * (1 - position(y, value))] as const,
    )
    .filter(([left, top]) => Number.isFinite(left) && Number.isFinite(top))
    .map(([left, top]) => `${left.toFixed(1)} ${top.toFixed(1)}`);
  return (
    <>
      <path
        d={places.map((place, i) => (i === 0 ? 'M' : 'L') + place).join('')}
        stroke={color}
        strokeWidth={1.75}
        strokeDasharray="5 4"
      />
      <path
        d={places.map((place) => `M${place}h0`).join('')}
        stroke={color}
        strokeWidth={5}
        strokeLinecap="round"
      />
    </>
  );
}

export interface DrawnLine {
  line: Series;
  /** Path in the plotting area; empty for sparse points. */
  path: string;
}

/** The drawn lines and axes; knows nothing of pointers. */
export function Plot({ lines, ...axes }: AxesProps & { lines: readonly DrawnLine[] }) {
  const { width, height, x, y } = axes;
  const plot = plotSize(width, height);
  return (
    <Surface width={width} height={height} className="plot" aria-hidden="true">
      <Axes {...axes} />
      <svg x={MARGIN.left} y={MARGIN.top} {...plot} fill="none" aria-hidden="true">
        {lines.map(({ line, path }) =>
          line.points !== undefined ? (
            <SparseLine
              key={line.key}
              points={line.points}
              color={line.color}
              x={x}
              y={y}
              {...plot}
            />
          ) : (
            <path
              key={line.key}
              data-line={line.key}
              d={path}
              stroke={line.color}
              strokeOpacity={line.isFaint ? 0.28 : line.isBehind ? 0.75 : 1}
              strokeWidth={line.isFaint ? 1 : line.isBehind ? 1.25 : 1.75}
              strokeLinejoin="bevel"
            />
          ),
        )}
      </svg>
    </Surface>
  );
}
