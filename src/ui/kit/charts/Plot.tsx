import { lazy, memo, Suspense } from 'react';
import { formatNumber } from '../format.ts';
import type { Drawn, PlotSize } from './envelope.ts';
import { MARGIN, plotSize } from './plotSize.ts';
import { type Axis, position, spread, ticksOf } from './scale.ts';
import type { Baseline, Series } from './series.ts';

const Ticks = lazy(() => import('./Ticks.tsx'));

interface AxesProps {
  width: number;
  height: number;
  x: Axis;
  y: Axis;
  /** Whether there is anything for the axes to tell of. */
  hasSteps: boolean;
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

/** Height of a baseline's label, and its distance from the line. */
const LABEL_PX = 12;
const ABOVE_PX = 4;

type BaselinesProps = Pick<AxesProps, 'baselines' | 'y'> & PlotSize;

/** Those that stand inside of the plot, with their distance from its top. */
function baselinesIn({ baselines, y, height }: BaselinesProps) {
  return baselines
    .filter(({ value }) => value >= y.min && value <= y.max)
    .map((line) => ({ ...line, top: height * (1 - position(y, line.value)) }));
}

/** Lines at known values. */
function Baselines(props: BaselinesProps) {
  return baselinesIn(props).map(({ key, color, top }) => (
    <g key={key} transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
      <line x1={0} x2={props.width} y1={top} y2={top} stroke={color} strokeDasharray="2 4" />
    </g>
  ));
}

/** Their labels, above all curves, moved apart where they would cover each other. */
const BaselineLabels = memo(function BaselineLabels(props: BaselinesProps) {
  const { width, height } = props;
  const shown = baselinesIn(props);
  const bottoms = spread(
    shown.map(({ top }) => top - ABOVE_PX),
    LABEL_PX,
    height - ABOVE_PX,
  );
  return shown.map(({ key, label, value, color }, i) => (
    <text
      key={key}
      x={MARGIN.left + width - 4}
      y={MARGIN.top + (bottoms[i] ?? 0)}
      textAnchor="end"
      fontSize={10.5}
      fill={color}
      stroke="var(--surface)"
      strokeWidth={3}
      strokeLinejoin="round"
      paintOrder="stroke"
    >
      {`${label} ${formatNumber(value)}`}
    </text>
  ));
});

/** Grid, axes and lines at known values; drawn anew only when an axis moves. */
const Axes = memo(function Axes(props: AxesProps) {
  const { width, height, y, hasSteps, hasValues, baselines } = props;
  const plot = plotSize(width, height);
  const right = MARGIN.left + plot.width;
  const bottom = MARGIN.top + plot.height;
  const yTicks = hasValues ? ticksOf(y, Math.max(2, Math.round(height / 45))) : [];
  return (
    <>
      <g stroke="var(--grid)">
        {yTicks.map((tick) => {
          const top = MARGIN.top + plot.height * (1 - position(y, tick));
          return <line key={tick} x1={MARGIN.left} x2={right} y1={top} y2={top} />;
        })}
      </g>
      <line x1={MARGIN.left} x2={right} y1={bottom} y2={bottom} stroke="var(--line-strong)" />
      {hasSteps && (
        <Suspense>
          <Ticks {...props} yTicks={yTicks} />
        </Suspense>
      )}
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

type PlotProps = Omit<AxesProps, 'hasSteps'> & { lines: readonly DrawnLine[] };

/** The drawn lines and axes, also of lines that a canvas below draws; knows nothing of pointers. */
export function Plot({ lines, ...axes }: PlotProps) {
  const { width, height, hasValues } = axes;
  const plot = plotSize(width, height);
  return (
    <svg width={width} height={height} className="plot" aria-hidden="true">
      <Axes {...axes} hasSteps={hasValues || lines.some(({ line }) => line.values.length > 0)} />
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
      <BaselineLabels baselines={axes.baselines} y={axes.y} {...plot} />
    </svg>
  );
}
