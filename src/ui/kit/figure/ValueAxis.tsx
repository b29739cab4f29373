import type { FigureTick } from './axis.ts';
import { labelWidth } from './label.ts';

interface ValueAxisProps {
  ticks: readonly FigureTick[];
  /** `x` runs to the right, with labels below; `y` upwards, with labels at the left. */
  side: 'x' | 'y';
  /** Where grid lines begin and end across the axis, in pixels. */
  from: number;
  to: number;
}

/** Grid lines of an axis with their values. */
export function ValueAxis({ ticks, side, from, to }: ValueAxisProps) {
  return ticks.map(({ value, at, text }) =>
    side === 'x' ? (
      <g key={value}>
        <line className="figure-grid" x1={at} x2={at} y1={from} y2={to} />
        <text
          className="figure-tick"
          // A number at the left edge is not cut.
          x={Math.max(at, labelWidth(text) / 2)}
          y={to + 14}
          textAnchor="middle"
        >
          {text}
        </text>
      </g>
    ) : (
      <g key={value}>
        <line className="figure-grid" x1={from} x2={to} y1={at} y2={at} />
        <text
          className="figure-tick"
          x={from - 6}
          y={at}
          textAnchor="end"
          dominantBaseline="central"
        >
          {text}
        </text>
      </g>
    ),
  );
}
