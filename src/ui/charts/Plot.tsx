import { memo } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts';
import type { Axis } from './scale.ts';
import { ticksOf } from './scale.ts';
import type { Baseline, ChartRow, Series } from './series.ts';

/** Space round the plotting area, in pixels: the same in every chart, so that crosshairs line up. */
export const MARGIN = { top: 8, right: 12, bottom: 22, left: 46 } as const;

const TICK = { fontSize: 10.5, fill: 'var(--text-3)' } as const;

export interface PlotProps {
  width: number;
  height: number;
  rows: ChartRow[];
  series: readonly Series[];
  baselines: readonly Baseline[];
  x: Axis;
  y: Axis;
  formatX: (value: number) => string;
  formatY: (value: number) => string;
}

/** The drawn lines and axes; knows nothing of pointers. */
export const Plot = memo(function Plot(props: PlotProps) {
  const { width, height, rows, series, baselines, x, y, formatX, formatY } = props;
  return (
    <LineChart
      width={width}
      height={height}
      data={rows}
      margin={{ top: MARGIN.top, right: MARGIN.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
    >
      <CartesianGrid vertical={false} stroke="var(--grid)" />
      <XAxis
        dataKey="step"
        type="number"
        scale={x.isLog ? 'log' : 'linear'}
        domain={[x.min, x.max]}
        ticks={ticksOf(x, Math.max(2, Math.floor(width / 90)))}
        tickFormatter={formatX}
        height={MARGIN.bottom}
        tick={TICK}
        tickLine={false}
        axisLine={{ stroke: 'var(--line-strong)' }}
        allowDataOverflow
        minTickGap={16}
      />
      <YAxis
        type="number"
        scale={y.isLog ? 'log' : 'linear'}
        domain={[y.min, y.max]}
        ticks={rows.length === 0 ? [] : ticksOf(y, Math.max(2, Math.round(height / 45)))}
        tickFormatter={formatY}
        width={MARGIN.left}
        tick={TICK}
        tickLine={false}
        axisLine={false}
        allowDataOverflow
        interval={0}
      />
      {baselines.map(({ key, label, value, color }) => (
        <ReferenceLine
          key={key}
          y={value}
          stroke={color}
          strokeDasharray="2 4"
          ifOverflow="hidden"
          label={{
            value: `${label} ${formatY(value)}`,
            position: 'insideBottomRight',
            fontSize: 10.5,
            fill: color,
            offset: 4,
          }}
        />
      ))}
      {series.map(({ key, color, isFaint, isBehind, points }) => (
        <Line
          key={key}
          dataKey={key}
          stroke={color}
          strokeOpacity={isFaint ? 0.28 : isBehind ? 0.6 : 1}
          strokeWidth={isFaint ? 1 : isBehind ? 1.25 : 1.75}
          {...(points ? { strokeDasharray: '5 4' } : {})}
          dot={points ? { r: 2.5, fill: color, stroke: 'none', strokeDasharray: '' } : false}
          activeDot={false}
          connectNulls={points !== undefined}
          isAnimationActive={false}
          type="linear"
        />
      ))}
    </LineChart>
  );
});
