import { useCallback, useMemo } from 'react';
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { formatCompact, formatCount } from '../format.ts';
import { figureTicks, pixelAt, spanAround } from './axis.ts';
import { formatValue } from './formats.ts';
import { fittedLabel, type Label, leftOf, longLabel } from './label.ts';
import { type Laid, Stage } from './Stage.tsx';
import { type Span, useAxisSpan } from './sharedSpan.ts';
import { ValueAxis } from './ValueAxis.tsx';

/** Least, quarter, median, three quarters and most of some values. */
export type FiveQuantiles = readonly [number, number, number, number, number];

export interface Distribution {
  category: Label;
  /** Null where there are no values. */
  quantiles: FiveQuantiles | null;
  mean: number | null;
  count: number;
}

export interface DistributionsProps {
  of: readonly Distribution[];
  format: FigureFormat;
  /** What the values are. */
  quantity?: string;
  color?: string;
  /** Least and most value of the axis, where it is not that of these values. */
  span?: Span;
  onSelect?: (category: number) => void;
  selects?: string;
}

const [BAND, COUNT_PX] = [24, 52];

/** The axis that holds all of some distributions. */
export function distributionSpan(of: readonly Distribution[]): Span {
  return spanAround(
    of.flatMap(({ quantiles, mean }) => [...(quantiles ?? []), mean ?? Number.NaN]),
  );
}

function layDistributions(props: DistributionsProps, [min, max]: Span, width: number): Laid {
  const { of, format, quantity, color = 'var(--figure-1)' } = props;
  const labels = of.map(({ category }) => category);
  const left = leftOf(labels, width);
  const right = Math.max(left + 40, width - COUNT_PX);
  const [top, bottom] = [4, 4 + of.length * BAND];
  const axis = { min, max, from: left, to: right };
  return {
    height: bottom + (quantity === undefined ? 22 : 36),
    drawing: (
      <>
        <ValueAxis ticks={figureTicks(axis, format)} side="x" from={top} to={bottom} />
        {of.map((one, i) => {
          const y = top + (i + 0.5) * BAND;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a category is its place
            <g key={i}>
              <text
                className="figure-label"
                x={left - 6}
                y={y}
                textAnchor="end"
                dominantBaseline="central"
              >
                {fittedLabel(one.category, left - 8)}
              </text>
              <Box of={one} y={y} color={color} pixel={(value) => pixelAt(axis, value)} />
              <text
                className="figure-number"
                x={width - 2}
                y={y}
                textAnchor="end"
                dominantBaseline="central"
              >
                {`n ${one.count < 1e5 ? formatCount(one.count) : formatCompact(one.count)}`}
              </text>
            </g>
          );
        })}
        {quantity !== undefined && (
          <text className="figure-tick" x={(left + right) / 2} y={bottom + 30} textAnchor="middle">
            {quantity}
          </text>
        )}
      </>
    ),
    box: ({ row }) => ({ x: left, y: top + row * BAND, width: right - left, height: BAND }),
    hit(_, y) {
      const row = Math.floor((y - top) / BAND);
      return row >= 0 && row < of.length ? { row, column: 0 } : null;
    },
  };
}

/** Box from quarter to three quarters, median across it, whiskers to the ends, mean as a diamond. */
function Box({
  of: { quantiles, mean },
  y,
  color,
  pixel,
}: {
  of: Distribution;
  y: number;
  color: string;
  pixel: (value: number) => number;
}) {
  if (quantiles === null) return null;
  const [least, low, median, high, most] = quantiles.map(pixel) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const at = mean === null || !Number.isFinite(mean) ? null : pixel(mean);
  return (
    <>
      <path
        className="figure-whisker"
        d={`M${least} ${y}H${low}M${high} ${y}H${most}M${least} ${y - 4}v8M${most} ${y - 4}v8`}
      />
      <rect
        className="figure-box"
        x={low}
        y={y - 7}
        width={Math.max(0.5, high - low)}
        height={14}
        style={{ fill: color, stroke: color }}
      />
      <path className="figure-median" d={`M${median} ${y - 7}v14`} />
      {at !== null && <path className="figure-mean" d={`M${at - 4} ${y}l4 -4l4 4l-4 4z`} />}
    </>
  );
}

const NAMES = ['least', 'quarter', 'median', 'three quarters', 'most'] as const;

/** How the values of each category lie: five quantiles, mean and count. */
export function Distributions(props: DistributionsProps) {
  const { of, format, quantity = 'value', onSelect } = props;
  const own = useMemo(() => props.span ?? distributionSpan(of), [props.span, of]);
  const span = useAxisSpan(`${quantity}, ${format}, distributions`, own);
  return (
    <Stage
      rows={of.length}
      columns={1}
      lay={useCallback((width: number) => layDistributions(props, span, width), [props, span])}
      tell={({ row }) => {
        const { category = '', quantiles = null, mean = null, count = 0 } = of[row] ?? {};
        return {
          title: longLabel(category),
          facts: [
            ...NAMES.map((name, i) => [name, formatValue(quantiles?.[i] ?? null, format)] as const),
            ['mean', formatValue(mean, format)],
            ['count', formatCount(count)],
          ],
        };
      }}
      onSelect={onSelect && (({ row }) => onSelect(row))}
      selects={props.selects}
    />
  );
}
